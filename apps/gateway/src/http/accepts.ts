import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
// The plugin's types add `type` and `types` to Fastify's requests.
import '@fastify/accepts';
import type { FastifyRequest } from 'fastify';

/** Whether the header `Accept` asks for a page rather than for JSON: a browser's does, `*` alone does not. */
export const prefersHtml = (request: FastifyRequest): boolean => request.type(['json', 'html']) === 'html';

/** Whether the header `Accept` names CSV. */
export const acceptsCsv = (request: FastifyRequest): boolean => {
  const accepted = request.types();
  return Array.isArray(accepted) && accepted.includes('text/csv');
};

const requestOf = (execution: ExecutionContext): FastifyRequest =>
  execution.switchToHttp().getRequest<FastifyRequest>();

/** Parameter of a controller's method: whether to answer with a page. */
export const PrefersHtml = createParamDecorator((_data: unknown, execution: ExecutionContext) =>
  prefersHtml(requestOf(execution)),
);

/** Parameter of a controller's method: whether to answer with a CSV file. */
export const AcceptsCsv = createParamDecorator((_data: unknown, execution: ExecutionContext) =>
  acceptsCsv(requestOf(execution)),
);
