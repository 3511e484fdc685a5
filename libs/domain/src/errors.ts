/** Every error code of the HTTP contract and of an operation's `error`. One table in the gateway maps them to statuses. */
export const ERROR_CODES = [
  'invalid_request',
  'idempotency_key_missing',
  'payment_method_unsupported',
  'unauthenticated',
  'account_inactive',
  'forbidden',
  'not_eligible',
  'takeover_required',
  'tenant_not_delegated',
  'tenant_header_forbidden',
  'not_found',
  'operation_in_progress',
  'seats_short',
  'seats_in_use',
  'illegal_state',
  'quote_expired',
  'quote_used',
  'card_in_use',
  'stale',
  'body_too_large',
  'unsupported_media_type',
  'idempotency_key_reused',
  'rate_limited',
  'unavailable',
  'card_declined',
  'insufficient_funds',
  'card_expired',
  'authentication_required',
  'move_incomplete',
  'payment_timeout',
  'discarded',
  'internal',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

export interface FieldError {
  /** JSON Pointer into the request body, or a query parameter's name after `/`. */
  pointer: string;
  rule: string;
  detail: string;
}

/** Members of the problem document beyond its code and detail; which ones depends on the code. */
export interface ErrorExtras {
  errors?: FieldError[];
  reasons?: readonly string[];
  /** Id of the running operation (`operation_in_progress`); the gateway turns it into its URL. */
  operationId?: string;
  needed?: number;
  free?: number;
  shortfall?: number;
  state?: string;
  retryAfterSeconds?: number;
}

/** A rule said no. Thrown by every room below the gateway; never a Nest or HTTP exception. */
export class DomainError extends Error {
  constructor(
    readonly code: ErrorCode,
    detail: string,
    readonly extras: ErrorExtras = {},
  ) {
    super(detail);
    this.name = 'DomainError';
  }
}

/** Unknown and foreign things answer alike, so that no id can be probed. */
export const notFound = (): DomainError => new DomainError('not_found', 'There is no such resource.');

export const operationInProgress = (operationId: string): DomainError =>
  new DomainError('operation_in_progress', 'Another operation is running on this subscription.', {
    operationId,
  });
