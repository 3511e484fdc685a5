import { DomainError } from '@commissary/domain';
import type { IdempotencyScope } from '@commissary/store';
import { invalidRequest } from '../http/problems.js';
import type { RequestContext } from '../http/request-context.js';

/** The parts of a request that its key is good for. */
export interface KeyedRoute {
  method: string;
  /** With or without its query, which is no part of the scope. */
  url: string;
  /** The header `Idempotency-Key` as it was received. */
  header: string | string[] | undefined;
}

/**
 * Tenant, caller, method, path and key of a request that may be made once only. [EXT-1]
 * Returns the error `idempotency_key_missing`, or `invalid_request` for a key of other than 1-255 visible ASCII characters.
 */
export const idempotencyScopeOf = (
  { tenantId, user }: Pick<RequestContext, 'tenantId' | 'user'>,
  { method, url, header }: KeyedRoute,
): IdempotencyScope | DomainError => {
  if (header === undefined || header === '') {
    return new DomainError(
      'idempotency_key_missing',
      'Send a key of your own in the header Idempotency-Key, the same one when you repeat the request.',
    );
  }
  if (typeof header !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(header)) {
    return invalidRequest('/Idempotency-Key', 'format', 'Expected 1 to 255 visible ASCII characters');
  }
  return { tenantId, callerId: user._id, method, path: url.split('?')[0] ?? url, key: header };
};
