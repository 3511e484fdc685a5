import { randomUUID } from 'node:crypto';
import type { Problem } from '@commissary/contracts';
import { tokenOf } from '../../e2e/support/people.js';

export interface PlainAnswer {
  status: number;
  problem: Problem | null;
  location: string | null;
  retryAfter: string | null;
  tookMs: number;
}

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

  post(path: string, body: unknown): Promise<PlainAnswer> {
    return this.send('POST', path, body);
  }

  async send(method: string, path: string, body?: unknown): Promise<PlainAnswer> {
    const began = performance.now();
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body !== undefined && { 'content-type': 'application/json', 'idempotency-key': randomUUID() }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const isProblem = response.headers.get('content-type')?.startsWith('application/problem+json') === true;
    return {
      status: response.status,
      problem: isProblem ? (JSON.parse(text) as Problem) : null,
      location: response.headers.get('location'),
      retryAfter: response.headers.get('retry-after'),
      tookMs: performance.now() - began,
    };
  }
}
