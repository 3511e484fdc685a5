import type { z } from 'zod';
import type { Unknown } from './payment-provider.js';

export interface JsonRequest {
  method: 'GET' | 'POST';
  /** Path and query, relative to the base URL. */
  path: string;
  idempotencyKey?: string;
  body?: unknown;
}

/** Any answer with a body that could be read, or the reason why there is none. */
export type JsonReply = { kind: 'answered'; status: number; body: unknown } | Unknown;

/** JSON over HTTP to a provider; a failure of transport is a value, for it decides what is done next. */
export class JsonClient {
  private readonly base: string;

  /** `timeoutMs` covers the whole call, its answer's body included. */
  constructor(
    baseUrl: string,
    private readonly timeoutMs: number,
  ) {
    this.base = baseUrl.replace(/\/+$/, '');
  }

  async send({ method, path, idempotencyKey, body }: JsonRequest): Promise<JsonReply> {
    const signal = AbortSignal.timeout(this.timeoutMs);
    let response: Response;
    let text: string;
    try {
      response = await fetch(`${this.base}${path}`, {
        method,
        headers: {
          accept: 'application/json',
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        redirect: 'error',
        signal,
      });
      text = await response.text();
    } catch {
      return { kind: 'unknown', why: signal.aborted ? 'timeout' : 'connection' };
    }
    if (response.status >= 500) return { kind: 'unknown', why: 'server_error' };
    const parsed = parseJson(text);
    return parsed === undefined
      ? { kind: 'unknown', why: 'unreadable' }
      : { kind: 'answered', status: response.status, body: parsed };
  }
}

/** The body in the expected shape, or undefined: an answer that is not understood proves nothing. */
export const readAs = <T extends z.ZodType>(schema: T, body: unknown): z.infer<T> | undefined => {
  const parsed = schema.safeParse(body);
  return parsed.success ? parsed.data : undefined;
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};
