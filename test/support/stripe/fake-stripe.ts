import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { closeServer, createHttpServer, listenOn } from '@commissary/stack/http';
import { type Answer, StripeBooks } from './stripe-books.js';

export interface SeenRequest {
  method: string;
  path: string;
  params: URLSearchParams;
  headers: IncomingHttpHeaders;
}

/** What befalls one request instead of being answered; `after`: it is served all the same. */
export type Mishap =
  Answer | 'dropBefore' | 'dropAfter' | 'silenceBefore' | 'silenceAfter' | 'html502' | 'stalledBody';

/**
 * Stripe in a few lines, on loopback: books that remember idempotency keys and can forget them, and a list of mishaps for the next
 * requests. Answers have the shapes of Stripe's documentation.
 */
export class FakeStripe {
  readonly books = new StripeBooks();
  readonly seen: SeenRequest[] = [];
  /** For the next requests, in order; `null` lets one pass. */
  readonly mishaps: (Mishap | null)[] = [];
  private readonly leaving = new AbortController();

  private readonly server: Server;
  private address = '';

  private constructor() {
    this.server = createHttpServer((request, response) => void this.receive(request, response));
  }

  static async start(): Promise<FakeStripe> {
    const stripe = new FakeStripe();
    stripe.address = await listenOn(stripe.server, 0, '127.0.0.1');
    return stripe;
  }

  get url(): string {
    return this.address;
  }

  /** Requests of one kind, such as `POST /v1/refunds`. */
  asked(what: string): SeenRequest[] {
    return this.seen.filter(({ method, path }) => `${method} ${path}` === what);
  }

  async stop(): Promise<void> {
    this.leaving.abort();
    await closeServer(this.server);
  }

  private async receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const url = new URL(request.url ?? '/', 'http://localhost');
    const params = request.method === 'GET' ? url.searchParams : new URLSearchParams(body);
    const one = { method: request.method ?? '', path: url.pathname, params, headers: request.headers };
    this.seen.push(one);
    await this.respond(one, response);
  }

  private async respond(request: SeenRequest, response: ServerResponse): Promise<void> {
    const mishap = this.mishaps.shift() ?? null;
    if (mishap === null) {
      send(response, this.serve(request));
      return;
    }
    if (typeof mishap === 'object') {
      send(response, mishap);
      return;
    }
    if (mishap === 'html502') {
      send(response, { status: 502, body: '<html>Bad Gateway</html>' });
      return;
    }
    if (mishap.endsWith('After')) this.serve(request);
    if (mishap === 'stalledBody')
      response.writeHead(200, { 'content-type': 'application/json' }).write('{"id":');
    if (mishap.startsWith('drop')) return void response.destroy();
    // Not answered: the client gives up, or the server is stopped.
    await delay(60_000, undefined, { signal: this.leaving.signal, ref: false }).catch(() => undefined);
  }

  private serve({ method, path, params, headers }: SeenRequest): Answer {
    const key = headers['idempotency-key'];
    return this.books.serve(`${method} ${path}`, params, typeof key === 'string' ? key : undefined);
  }
}

const send = (response: ServerResponse, { status, body, headers }: Answer): void => {
  const json = typeof body !== 'string';
  response
    .writeHead(status, {
      'content-type': json ? 'application/json' : 'text/html',
      'request-id': 'req_1',
      ...headers,
    })
    .end(json ? JSON.stringify(body) : body);
};
