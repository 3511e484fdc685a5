import { DomainError } from '@commissary/domain';
import type { IdempotencyScope } from '@commissary/store';
import type { FastifyRequest } from 'fastify';
import { invalidRequest } from '../http/problems.js';
import type { RequestContext } from '../http/request-context.js';

/**
 * Tenant, caller, method, path and key of a request that may be made once only. [EXT-1]
 * Throws `idempotency_key_missing`, or `invalid_request` for a key of other than 1-255 visible ASCII characters.
 */
export const idempotencyScopeOf = (ctx: RequestContext, request: FastifyRequest): IdempotencyScope => {
  const key = request.headers['idempotency-key'];
  if (key === undefined || key === '') {
    throw new DomainError(
      'idempotency_key_missing',
      'Send a key of your own in the header Idempotency-Key, the same one when you repeat the request.',
    );
  }
  if (typeof key !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw invalidRequest('/Idempotency-Key', 'format', 'Expected 1 to 255 visible ASCII characters');
  }
  return {
    tenantId: ctx.tenantId,
    callerId: ctx.user._id,
    method: request.method,
    path: request.url.split('?')[0] ?? request.url,
    key,
  };
};
