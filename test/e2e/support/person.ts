import { randomUUID } from 'node:crypto';
import type { Problem } from '@commissary/contracts';
import { problemSchema } from '@commissary/contracts';
import { fetch } from '@commissary/stack/http';
import { contract } from './contract.js';
import { stack } from './stack.js';

export interface Answer<T = unknown> {
  status: number;
  headers: Headers;
  /** The bytes as they came. */
  text: string;
  /** Parsed if it is JSON. */
  body: T;
  problem: Problem | null;
}

export interface Sending {
  headers?: Record<string, string>;
  /** Sent as it is. */
  raw?: string;
}

export interface Init {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
  signal?: AbortSignal;
}

/** An answer that was not the one the test goes on from. */
export class UnexpectedAnswer extends Error {}

/** One caller of the gateway. Every answer of every call is held against /openapi.json and the manners of problems. */
export class Person {
  constructor(
    readonly email: string,
    readonly userId: string,
    private readonly token: string | null,
    private readonly tenant: string | null = null,
  ) {}

  /** The same person with the header `Commissary-Tenant`. */
  in(tenant: string): Person {
    return new Person(this.email, this.userId, this.token, tenant);
  }

  get<T = unknown>(path: string, headers: Record<string, string> = {}): Promise<Answer<T>> {
    return this.send<T>('GET', path, undefined, { headers });
  }

  /** With an Idempotency-Key of its own unless the headers name one. */
  post<T = unknown>(path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer<T>> {
    return this.send<T>('POST', path, body, { headers: { 'idempotency-key': randomUUID(), ...headers } });
  }

  put<T = unknown>(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer<T>> {
    return this.send<T>('PUT', path, body, { headers });
  }

  patch<T = unknown>(path: string, body: unknown): Promise<Answer<T>> {
    return this.send<T>('PATCH', path, body);
  }

  delete<T = unknown>(path: string): Promise<Answer<T>> {
    return this.send<T>('DELETE', path);
  }

  async send<T = unknown>(
    method: string,
    path: string,
    body?: unknown,
    { headers = {}, raw }: Sending = {},
  ): Promise<Answer<T>> {
    const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const response = await this.fetch(path, {
      method,
      headers: { ...(payload !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(payload !== undefined && { body: payload }),
    });
    const text = await response.text();
    const contentType = response.headers.get('content-type');
    await this.check(method, path, response, text);
    const parsed: unknown = contentType?.includes('json') ? JSON.parse(text) : null;
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: parsed as T,
      problem: response.status >= 400 && contentType?.includes('json') ? (parsed as Problem) : null,
    };
  }

  /** The bare answer, for streams. */
  fetch(path: string, init: Init = {}): Promise<Response> {
    return fetch(`${stack().gatewayUrl}${path}`, {
      ...init,
      redirect: 'manual',
      headers: {
        ...(this.token !== null && { authorization: `Bearer ${this.token}` }),
        ...(this.tenant !== null && { 'commissary-tenant': this.tenant }),
        ...init.headers,
      },
    });
  }

  private async check(method: string, path: string, response: Response, text: string): Promise<void> {
    const contentType = response.headers.get('content-type');
    const given = { method, path, status: response.status, contentType, text };
    const faults = (await contract()).faults(given);
    if (!response.headers.get('request-id')) faults.push('no Request-Id');
    if (path.startsWith('/v1/') && response.status >= 400)
      faults.push(...problemFaults(response, contentType, text));
    if (faults.length === 0) return;
    throw new UnexpectedAnswer(
      `${method} ${path} ${response.status} breaks its contract: ${faults.join('; ')}\n${text.slice(0, 2_000)}`,
    );
  }
}

const problemFaults = (response: Response, contentType: string | null, text: string): string[] => {
  if (!contentType?.startsWith('application/problem+json'))
    return [`${contentType ?? 'no type'} is no problem+json`];
  const parsed = problemSchema.safeParse(JSON.parse(text));
  if (!parsed.success)
    return parsed.error.issues.map((issue) => `problem ${issue.path.join('.')}: ${issue.message}`);
  const { status, code, type, requestId } = parsed.data;
  return [
    ...(status === response.status ? [] : ['status of the problem differs']),
    ...(type === `/problems/${code}` ? [] : ['type is not its code']),
    ...(requestId === response.headers.get('request-id') ? [] : ['requestId is not the Request-Id']),
    ...(response.status === 500 ? ['500'] : []),
  ];
};

/** The body of an answer that has to have this status; the whole problem in the error otherwise. */
export const must = async <T>(status: number, asked: Promise<Answer<T>>): Promise<T> => {
  const answer = await asked;
  if (answer.status !== status) {
    throw new UnexpectedAnswer(`expected ${status}, got ${answer.status}: ${answer.text.slice(0, 1_000)}`);
  }
  return answer.body;
};

/** `404 not_found`, or the bare status of an answer that is no problem: what a test compares. */
export const verdictOf = ({ status, problem }: Answer): string =>
  problem === null ? String(status) : `${status} ${problem.code}`;
