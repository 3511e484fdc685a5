import { type ArgumentsHost, Catch, type ExceptionFilter, Inject } from '@nestjs/common';
import type { DomainError } from '@commissary/domain';
import type { Logger } from '@commissary/platform';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LOGGER } from '../connections/tokens.js';
import { problemOf, toDomainError } from './problems.js';

/** Everything that is thrown ends here and leaves as `application/problem+json`. [EXT-1] */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(@Inject(LOGGER) private readonly logger: Logger) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const error = toDomainError(thrown);
    if (error.code === 'internal' || error.code === 'unavailable') {
      this.logger.error({ err: thrown, requestId: request.id, route: request.routeOptions.url }, error.code);
    }
    if (reply.sent || reply.raw.headersSent) {
      // A stream broke off: the client has to notice that its answer is not whole.
      reply.raw.destroy();
      return;
    }
    sendProblem(request, reply, error);
  }
}

export const sendProblem = (request: FastifyRequest, reply: FastifyReply, error: DomainError): void => {
  const problem = problemOf(error, request.id);
  const { retryAfterSeconds } = error.extras;
  if (problem.status === 401) {
    const presented = request.headers.authorization === undefined ? '' : ', error="invalid_token"';
    void reply.header('www-authenticate', `Bearer realm="commissary"${presented}`);
  }
  // Fastify hangs up on a body it refuses; a client that is still sending it would never see why.
  if (problem.status === 413 || problem.status === 415) void reply.removeHeader('connection');
  if (retryAfterSeconds !== undefined) void reply.header('retry-after', String(retryAfterSeconds));
  void reply
    .code(problem.status)
    .header('content-type', 'application/problem+json; charset=utf-8')
    .send(JSON.stringify(problem));
};
