import { randomUUID } from 'node:crypto';
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { fetch } from '../http/fetch.js';

/** An answer that was not what the story needs: a problem document, or no answer in time. */
export class ApiProblem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly reasons: readonly string[] = [],
  ) {
    super(`${status} ${code}: ${detail}`);
  }
}

export interface Operation {
  id: string;
  type: string;
  status: string;
  progress: {
    total: number;
    done: number;
    skipped: number;
    failed: number;
    pending: number;
    ratePerSecond: number | null;
    secondsLeft: number | null;
  };
  result: Record<string, unknown> | null;
  error: { code: string; detail: string } | null;
}

interface Problem {
  code?: string;
  detail?: string;
  reasons?: string[];
}

const ENDED = new Set(['succeeded', 'rejected', 'failed', 'stopped']);

/** One person's view of the gateway: everything the demo does goes through HTTP with that person's own token. */
export class ApiClient {
  constructor(
    private readonly gatewayUrl: string,
    private readonly token: string,
    private readonly signal: AbortSignal,
  ) {}

  async get<T>(path: string): Promise<T> {
    return this.ask<T>('GET', path);
  }

  async post<T>(path: string, body: unknown): Promise<T> {
    return this.ask<T>('POST', path, body, { 'idempotency-key': randomUUID() });
  }

  async put<T>(path: string, body: unknown): Promise<T> {
    return this.ask<T>('PUT', path, body);
  }

  /** Asks until the operation has ended. */
  async ended(operation: Operation): Promise<Operation> {
    let current = operation;
    while (!ENDED.has(current.status)) {
      current = await this.get<Operation>(`/v1/operations/${operation.id}?wait=30`);
    }
    return current;
  }

  /** Watches an operation by server-sent events until it has ended; reconnects where it was. */
  async watch(operation: Operation, onProgress: (operation: Operation) => void): Promise<Operation> {
    let last = operation;
    let lastId: string | undefined;
    while (!ENDED.has(last.status)) {
      const headers = {
        accept: 'text/event-stream',
        ...(lastId !== undefined && { 'last-event-id': lastId }),
      };
      const response = await this.send('GET', `/v1/operations/${operation.id}/events`, undefined, headers);
      if (!response.body) throw new Error('the event stream has no body');
      const events = response.body
        .pipeThrough(new TextDecoderStream())
        .pipeThrough(new EventSourceParserStream());
      for await (const event of events) {
        lastId = event.id ?? lastId;
        last = JSON.parse(event.data) as Operation;
        onProgress(last);
        if (event.event === 'ended') break;
      }
    }
    return last;
  }

  private async ask<T>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<T> {
    const response = await this.send(method, path, body, headers);
    const answer: unknown = await response.json();
    if (response.ok) return answer as T;
    const problem = answer as Problem;
    throw new ApiProblem(response.status, problem.code ?? 'unknown', problem.detail ?? '', problem.reasons);
  }

  private async send(
    method: string,
    path: string,
    body: unknown,
    headers: Record<string, string>,
  ): Promise<Response> {
    return fetch(`${this.gatewayUrl}${path}`, {
      method,
      signal: this.signal,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  }
}
