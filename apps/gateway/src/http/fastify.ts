import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import accepts from '@fastify/accepts';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { holdsCardData } from '@commissary/contracts';
import { newId, type Logger } from '@commissary/platform';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { etagHook } from './etag.hook.js';
import { endStreamsAtStop } from './open-streams.js';
import { sendProblem } from './problem.filter.js';
import { toDomainError } from './problems.js';
import { wantsRawBody } from './raw-body.js';

const MAX_BODY_BYTES = 1_048_576;

/** The longest a client may take to send one request, body included, ms. */
const REQUEST_WITHIN_MS = 60_000;

/** While it stops, connections that have become idle are let go this often, ms. */
const LET_GO_EVERY_MS = 50;

/** Fastify with the manners that come before and after Nest: request ids, bodies, ETags, one log line per request. */
export const createFastifyAdapter = (logger: Logger): FastifyAdapter => {
  const adapter = new FastifyAdapter({
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_WITHIN_MS,
    genReqId: (request: IncomingMessage) => saneRequestId(request.headers['request-id']) ?? newId('req'),
    routerOptions: { maxParamLength: 500 },
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      void reply.header('request-id', request.id);
      sendProblem(request, reply, toDomainError(error));
    },
  });
  const fastify = adapter.getInstance<FastifyInstance>();
  void fastify.register(accepts);
  fastify.decorateRequest('context', null);
  parseJsonOnly(fastify);
  letConnectionsGo(fastify);
  endStreamsAtStop(fastify);
  fastify.addHook('onRequest', async (request, reply) => void reply.header('request-id', request.id));
  fastify.addHook('onSend', etagHook);
  fastify.addHook('onResponse', async (request, reply) => logRequest(logger, request, reply));
  return adapter;
};

/**
 * A stop waits for every open connection. Node ends those that are idle at that moment; one that is still being answered
 * would be kept alive afterwards, for a minute and more, and so would one that was opened ahead and on which nothing was asked. [OPS-3]
 */
const letConnectionsGo = (fastify: FastifyInstance): void => {
  let closing = false;
  const unused = new Set<Socket>();
  fastify.server.on('connection', (socket: Socket) => {
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  });
  fastify.server.on('request', ({ socket }) => unused.delete(socket));
  const letGo = (): void => {
    fastify.server.closeIdleConnections();
    for (const socket of unused) if (socket.bytesRead === 0) socket.destroy();
  };
  fastify.addHook('preClose', async () => {
    closing = true;
    const timer = setInterval(letGo, LET_GO_EVERY_MS);
    fastify.server.once('close', () => clearInterval(timer));
  });
  fastify.addHook('onSend', async (_request, reply) => {
    if (closing) void reply.header('connection', 'close');
  });
};

/** A caller's own id is logged and kept with what it began; one that might be a card's number is none. [OPS-2] */
const saneRequestId = (header: string | string[] | undefined): string | null =>
  typeof header === 'string' && /^[\w.:-]{1,100}$/.test(header) && !holdsCardData(header) ? header : null;

/** JSON and nothing else (415); `__proto__` and `constructor.prototype` in it are refused; no body at all is none; unparsed where a route wants it. */
const parseJsonOnly = (fastify: FastifyInstance): void => {
  const parse = fastify.getDefaultJsonParser('error', 'error');
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (wantsRawBody(request)) done(null, body);
    else if (body === '') done(null, undefined);
    else void parse(request, body, done);
  });
};

/** Method, route and outcome; never a query, body or header, which may hold addresses and secrets. [OPS-2] */
const logRequest = (logger: Logger, request: FastifyRequest, reply: FastifyReply): void => {
  const { context } = request;
  logger.info(
    {
      requestId: request.id,
      method: request.method,
      route: request.routeOptions.url ?? null,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime * 10) / 10,
      ...(context && { tenantId: context.tenantId, userId: context.user._id }),
    },
    'request',
  );
};
