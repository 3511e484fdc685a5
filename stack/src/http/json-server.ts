/** The few lines of HTTP that the development servers (payments, mail) share: JSON in, JSON out, a route table. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createHttpServer, listenOn } from './http-server.js';

export interface JsonRequest {
  /** Values of the `{name}` parts of the route's path. */
  params: Record<string, string>;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  /** The parsed body, or undefined if there was none. */
  body: unknown;
}

/** What a handler wants done: an answer, silence until the client hangs up, or a cut connection. */
export type Reply = { status: number; body?: unknown } | 'hang' | 'cut';

export interface Route {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Such as `/charges/{id}`. */
  path: string;
  handle: (request: JsonRequest) => Reply | Promise<Reply>;
}

/** Thrown by a handler to answer an error of its own shape. */
export class HttpError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }

  get body(): unknown {
    return { error: { code: this.code, message: this.message } };
  }
}

const MAX_BODY_BYTES = 1_000_000;
/** Held connections are cut in the end even if the client never hangs up. */
const MAX_HANG_MS = 10 * 60_000;

const readBody = async (request: IncomingMessage): Promise<unknown> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new HttpError(413, 'invalid_request', 'the body is over 1 MB');
    chunks.push(chunk);
  }
  if (size === 0) return undefined;
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown;
  } catch {
    throw new HttpError(400, 'invalid_request', 'the body is no JSON');
  }
};

const matchPath = (pattern: string, pathname: string): Record<string, string> | undefined => {
  const wanted = pattern.split('/');
  const given = pathname.split('/');
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = decodeURIComponent(given[index] ?? '');
    if (part.startsWith('{')) params[part.slice(1, -1)] = value;
    else if (part !== value) return undefined;
  }
  return params;
};

const dispatch = async (routes: readonly Route[], request: IncomingMessage): Promise<Reply> => {
  const url = new URL(request.url ?? '/', 'http://localhost');
  for (const route of routes) {
    const params = route.method === request.method ? matchPath(route.path, url.pathname) : undefined;
    if (!params) continue;
    const body = await readBody(request);
    return route.handle({ params, query: url.searchParams, headers: request.headers, body });
  }
  throw new HttpError(404, 'not_found', `no route ${request.method ?? ''} ${url.pathname}`);
};

const send = (response: ServerResponse, reply: Reply): void => {
  if (reply === 'cut') {
    response.socket?.destroy();
  } else if (reply === 'hang') {
    setTimeout(() => response.socket?.destroy(), MAX_HANG_MS).unref();
  } else {
    const text = reply.body === undefined ? '' : JSON.stringify(reply.body);
    response.writeHead(reply.status, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
    });
    response.end(text);
  }
};

const failed = (error: unknown): Reply => {
  if (error instanceof HttpError) return { status: error.status, body: error.body };
  if (error instanceof URIError)
    return { status: 400, body: { error: { code: 'invalid_request', message: 'bad path' } } };
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return { status: 500, body: { error: { code: 'internal', message: 'unexpected' } } };
};

/** Listens on `host:port`; a port of 0 takes a free one. Resolves once it accepts connections. */
export const listen = async (
  routes: readonly Route[],
  port: number,
  host: string,
): Promise<{ server: Server; url: string }> => {
  const server = createHttpServer((request, response) => {
    void dispatch(routes, request)
      .catch(failed)
      .then((reply) => send(response, reply));
  });
  return { server, url: await listenOn(server, port, host) };
};
