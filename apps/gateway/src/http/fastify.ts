import type { IncomingMessage } from 'node:http';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { newId, type Logger } from '@commissary/platform';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { etagHook } from './etag.hook.js';
import { sendProblem } from './problem.filter.js';
import { toDomainError } from './problems.js';

const MAX_BODY_BYTES = 1_048_576;

/** The longest a client may take to send one request, body included, ms. */
const REQUEST_WITHIN_MS = 60_000;

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
  fastify.decorateRequest('context', null);
  parseJsonOnly(fastify);
  fastify.addHook('onRequest', async (request, reply) => void reply.header('request-id', request.id));
  fastify.addHook('onSend', etagHook);
  fastify.addHook('onResponse', async (request, reply) => logRequest(logger, request, reply));
  return adapter;
};

const saneRequestId = (header: string | string[] | undefined): string | null =>
  typeof header === 'string' && /^[\w.:-]{1,100}$/.test(header) ? header : null;

/** JSON and nothing else (415); `__proto__` and `constructor.prototype` in it are refused; no body at all is none. */
const parseJsonOnly = (fastify: FastifyInstance): void => {
  const parse = fastify.getDefaultJsonParser('error', 'error');
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined);
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
