import { randomUUID } from 'node:crypto';
import type { Problem } from '@commissary/contracts';
import { fetch } from '@commissary/stack/http';
import { tokenOf } from '../../e2e/support/people.js';

export interface PlainAnswer {
  status: number;
  problem: Problem | null;
  location: string | null;
  retryAfter: string | null;
  tookMs: number;
  /** The bytes as they came. */
  text: string;
}

/** `202`, or `409 quote_used`: what a test compares. */
export const plainVerdict = ({ status, problem }: PlainAnswer): string =>
  problem === null ? String(status) : `${status} ${problem.code}`;

/** Somebody who asks one certain gateway, of which there may be several. */
export class Caller {
  private constructor(
    private readonly url: string,
    private readonly token: string,
  ) {}

  static async at(url: string, email: string): Promise<Caller> {
    return new Caller(url, await tokenOf(email));
  }

  get(path: string): Promise<PlainAnswer> {
    return this.send('GET', path);
  }

  /** With an Idempotency-Key of its own unless the headers name one. */
  post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<PlainAnswer> {
    return this.send('POST', path, body, headers);
  }

  /** A body that is text is sent as it is. */
  async send(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<PlainAnswer> {
    const began = performance.now();
    const payload = typeof body === 'string' ? body : JSON.stringify(body);
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body !== undefined && { 'content-type': 'application/json', 'idempotency-key': randomUUID() }),
        ...headers,
      },
      ...(body !== undefined && { body: payload }),
    });
    const text = await response.text();
    const isProblem = response.headers.get('content-type')?.startsWith('application/problem+json') === true;
    return {
      status: response.status,
      problem: isProblem ? (JSON.parse(text) as Problem) : null,
      location: response.headers.get('location'),
      retryAfter: response.headers.get('retry-after'),
      tookMs: performance.now() - began,
      text,
    };
  }
}
