import type { FastifyRequest } from 'fastify';

/** Of a route whose body is signed to the byte: `@RouteConfig(RAW_BODY)`. It is not parsed, and reaches the controller as text. */
export const RAW_BODY = { rawBody: true } as const;

export const wantsRawBody = (request: FastifyRequest): boolean =>
  (request.routeOptions.config as { rawBody?: boolean }).rawBody === true;
