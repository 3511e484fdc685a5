import { Agent, request } from 'node:http';
import { quantile } from './statistics.js';

export interface HttpCall {
  method: 'GET' | 'POST';
  path: string;
  headers: Record<string, string>;
  body?: string;
  /** Any other status is an error. */
  expected: number;
}

/** Keeps its connections, as a load balancer would. */
export class HttpTarget {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: Infinity });
  private readonly host: string;
  private readonly port: number;

  constructor(url: string) {
    const { hostname, port } = new URL(url);
    this.host = hostname;
    this.port = Number(port);
  }

  /** Resolves with the body once the whole answer is there. Rejects for another status than the expected one. */
  send({ method, path, headers, body, expected }: HttpCall): Promise<string> {
    return new Promise((resolve, reject) => {
      const sent = request(
        {
          agent: this.agent,
          host: this.host,
          port: this.port,
          method,
          path,
          headers: {
            ...headers,
            ...(body !== undefined && {
              'content-type': 'application/json',
              'content-length': Buffer.byteLength(body),
            }),
          },
        },
        (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (part: string) => (text += part));
          response.once('error', reject);
          response.once('end', () => {
            if (response.statusCode === expected) resolve(text);
            else reject(new Error(`${method} ${path}: ${response.statusCode} ${text.slice(0, 300)}`));
          });
        },
      );
      sent.once('error', reject);
      sent.end(body);
    });
  }

  close(): void {
    this.agent.destroy();
  }
}

/** So many under way at all times, until all are sent: for rates, never for latency. */
export const closedLoop = async (
  target: HttpTarget,
  calls: readonly HttpCall[],
  concurrency: number,
): Promise<{ seconds: number }> => {
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let call = calls[next]; call; call = calls[next]) {
      next += 1;
      await target.send(call);
    }
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: concurrency }, lane));
  return { seconds: (performance.now() - began) / 1000 };
};

const TICK_MS = 1;

export interface OpenLoopResult {
  seconds: number;
  latency: { p50: number; p95: number; p99: number };
}

/**
 * A fixed arrival rate, whatever the answers do; each latency counts from the moment the request was due, so that a
 * server that falls behind cannot hide it.
 */
export const openLoop = async (
  target: HttpTarget,
  calls: readonly HttpCall[],
  perSecond: number,
): Promise<OpenLoopResult> => {
  const latencies: number[] = [];
  const answers: Promise<void>[] = [];
  const began = performance.now();
  const dueAt = (place: number): number => began + (place * 1000) / perSecond;
  const fire = (call: HttpCall, due: number): Promise<void> =>
    target.send(call).then(() => void latencies.push(performance.now() - due));
  await new Promise<void>((resolve) => {
    let next = 0;
    const timer = setInterval(() => {
      for (let call = calls[next]; call && dueAt(next) <= performance.now(); call = calls[next]) {
        answers.push(fire(call, dueAt(next)));
        next += 1;
      }
      if (next < calls.length) return;
      clearInterval(timer);
      resolve();
    }, TICK_MS);
  });
  await Promise.all(answers);
  const seconds = (performance.now() - began) / 1000;
  const at = (q: number): number => quantile(latencies, q);
  return { seconds, latency: { p50: at(0.5), p95: at(0.95), p99: at(0.99) } };
};
