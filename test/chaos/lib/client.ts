import { setTimeout as delay } from 'node:timers/promises';
import { timeNow } from './seat-history.js';

/** A definite answer of a gateway: the request was done (2xx) or refused (4xx), and no later answer can differ. */
export interface Answer<T> {
  status: number;
  body: T;
  code: string | null;
  /** The request was sent before and got no definite answer then. */
  isRepeated: boolean;
  /** When the request was sent for the first time, and when the answer came; milliseconds of the epoch. */
  askedAt: number;
  answeredAt: number;
}

type Reply<T> = Pick<Answer<T>, 'status' | 'body' | 'code'>;

export interface Asked {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  body?: unknown;
  /** The idempotency key of a request that must not be done twice. */
  key?: string;
}

/** A request was repeated until the deadline and never got a definite answer. */
export class Unanswered extends Error {
  override readonly name = 'Unanswered';
}

/** This is longer than any process stays frozen, so that a request which timed out is not done after the one that followed it. */
const REQUEST_TIMEOUT_MS = 20_000;
const AGAIN_AFTER_MS = 250;
const DEFINITE = (status: number): boolean => status < 500 && status !== 429;

interface Counts {
  requests: number;
  repeats: number;
  answers: Record<string, number>;
  /** Requests that were answered 500; a gateway must answer 503 when something it needs is away. */
  internal: string[];
}

/** The gateways that can be reached; requests go to each in turn. */
export class Gateways {
  private readonly urls: string[];
  private turn = 0;

  constructor(first: string) {
    this.urls = [first];
  }

  next(): string {
    this.turn += 1;
    return this.urls[this.turn % this.urls.length] as string;
  }

  add(url: string): void {
    this.urls.push(url);
  }

  remove(url: string): void {
    const at = this.urls.indexOf(url);
    if (at > 0) this.urls.splice(at, 1);
  }
}

/** One caller, who repeats a request under the same key at the next gateway until the answer is definite. */
export class Client {
  constructor(
    private readonly gateways: Gateways,
    private readonly token: string,
    private readonly counts: Counts,
    /** A time of `performance.now()` by which a gateway has to answer. */
    private readonly deadline: () => number,
  ) {}

  /** The deadline has passed. */
  isOver(): boolean {
    return performance.now() > this.deadline();
  }

  /** Throws `Unanswered` when the deadline has come without an answer. */
  async ask<T>(asked: Asked): Promise<Answer<T>> {
    const askedAt = timeNow();
    for (let tries = 0; ; tries += 1) {
      const answer = await this.once<T>(asked);
      if (tries > 0) this.counts.repeats += 1;
      if (answer !== null && DEFINITE(answer.status)) {
        return { ...answer, isRepeated: tries > 0, askedAt, answeredAt: timeNow() };
      }
      if (this.isOver()) {
        const last = answer === null ? 'no answer' : String(answer.status);
        throw new Unanswered(`${asked.method} ${asked.path}: ${last}`);
      }
      await delay(AGAIN_AFTER_MS);
    }
  }

  /** Sends the request once; the result is null when the connection was refused, broke or took too long. */
  private async once<T>({ method, path, body, key }: Asked): Promise<Reply<T> | null> {
    this.counts.requests += 1;
    try {
      const response = await fetch(`${this.gateways.next()}${path}`, {
        method,
        signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
        headers: {
          authorization: `Bearer ${this.token}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(key !== undefined && { 'idempotency-key': key }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      const parsed = (text === '' ? {} : JSON.parse(text)) as T & { code?: string };
      this.count(String(response.status));
      if (response.status === 500) {
        this.counts.internal.push(`${method} ${path} ${response.headers.get('request-id') ?? ''}`);
      }
      const code = response.status >= 400 ? (parsed.code ?? 'unknown') : null;
      return { status: response.status, body: parsed, code };
    } catch {
      this.count('none');
      return null;
    }
  }

  private count(answer: string): void {
    this.counts.answers[answer] = (this.counts.answers[answer] ?? 0) + 1;
  }
}

export const newCounts = (): Counts => ({ requests: 0, repeats: 0, answers: {}, internal: [] });
export type { Counts };

/**
 * The request was refused when it was repeated. Its first attempt got no answer, and a gateway that was frozen, or whose commit
 * hung, may still do it.
 */
export const isInDoubt = ({ code, isRepeated }: Answer<unknown>): boolean => code !== null && isRepeated;

/** Asks the embedded issuer for a token until it answers. */
export const tokenOf = async (issuer: string, email: string, deadline: () => number): Promise<string> => {
  for (;;) {
    const token = await tokenNow(issuer, email).catch((error: unknown) => {
      if (performance.now() > deadline()) throw error;
      return null;
    });
    if (token !== null) return token;
    await delay(AGAIN_AFTER_MS);
  }
};

const tokenNow = async (issuer: string, email: string): Promise<string> => {
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    body: new URLSearchParams({
      grant_type: 'urn:commissary:grant-type:sample-user',
      client_id: 'commissary-cli',
      username: email,
    }),
  });
  const { access_token: token } = (await response.json()) as { access_token?: string };
  if (token === undefined) throw new Error(`no token for ${email}`);
  return token;
};
