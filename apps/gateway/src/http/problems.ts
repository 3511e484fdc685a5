import { HttpException } from '@nestjs/common';
import { type Problem, withoutCardData } from '@commissary/contracts';
import { DomainError, type ErrorCode, type ErrorExtras, type FieldError } from '@commissary/domain';
import { isDatabaseUnavailable } from '@commissary/store';

/** The one table from error code to HTTP status; a code without a line does not compile. */
export const STATUS_OF: Record<ErrorCode, readonly [status: number, title: string]> = {
  invalid_request: [400, 'The request is not valid'],
  idempotency_key_missing: [400, 'The header Idempotency-Key is missing'],
  payment_method_unsupported: [400, 'The payment method is not supported'],
  unauthenticated: [401, 'Sign-in is needed'],
  account_inactive: [401, 'The account is not active'],
  forbidden: [403, 'Not allowed'],
  not_eligible: [403, 'Not eligible to buy'],
  takeover_required: [403, 'The subscription has to be taken over first'],
  tenant_not_delegated: [403, 'The tenant is not delegated'],
  tenant_header_forbidden: [403, 'The header Commissary-Tenant is not allowed'],
  not_found: [404, 'Not found'],
  operation_in_progress: [409, 'Another operation is running'],
  seats_short: [409, 'Too few free seats'],
  seats_in_use: [409, 'The seats are in use'],
  illegal_state: [409, 'Not possible in this state'],
  quote_expired: [409, 'The quote has expired'],
  quote_used: [409, 'The quote has been used'],
  card_in_use: [409, 'The card is in use'],
  stale: [412, 'Changed meanwhile'],
  body_too_large: [413, 'The body is too large'],
  unsupported_media_type: [415, 'The media type is not supported'],
  idempotency_key_reused: [422, 'The Idempotency-Key was used with another body'],
  rate_limited: [429, 'Too many requests'],
  unavailable: [503, 'Unavailable for the moment'],
  // Outcomes of operations, never refusals of a request; here so that the table is whole.
  card_declined: [409, 'The card was declined'],
  insufficient_funds: [409, 'The card has insufficient funds'],
  card_expired: [409, 'The card has expired'],
  authentication_required: [409, 'The card needs authentication'],
  move_incomplete: [409, 'Some users were not moved'],
  payment_timeout: [409, 'The payment provider did not answer'],
  discarded: [409, 'Discarded by an operator'],
  internal: [500, 'Internal error'],
};

/** Codes that an answer can carry, by status: what the OpenAPI document lists. */
export const codesByStatus = (status: number): ErrorCode[] =>
  (Object.keys(STATUS_OF) as ErrorCode[]).filter((code) => STATUS_OF[code][0] === status);

const UNAVAILABLE_RETRY_SECONDS = 2;

const INTERNAL = new DomainError(
  'internal',
  'Something went wrong on our side. The request id finds it in the logs.',
);

/** Its message repeats the path, with whatever somebody put there. */
const BAD_URL = 'FST_ERR_BAD_URL';

const BY_HTTP_STATUS: Readonly<Record<number, readonly [ErrorCode, string]>> = {
  404: ['not_found', 'There is no such resource.'],
  413: ['body_too_large', 'The body may have 1 MB at most.'],
  415: ['unsupported_media_type', 'The body has to be application/json.'],
};

/** Whatever was thrown, as an error of the contract; `internal` for what nobody foresaw. */
export const toDomainError = (error: unknown): DomainError => {
  if (error instanceof DomainError) return error;
  if (isDatabaseUnavailable(error)) {
    const extras = { retryAfterSeconds: UNAVAILABLE_RETRY_SECONDS };
    return new DomainError(
      'unavailable',
      'The database cannot be reached at the moment. Please try again.',
      extras,
    );
  }
  return ofHttpError(error) ?? INTERNAL;
};

/** Errors of the HTTP layer itself: no such route, a body that is too large, broken or of another type. */
const ofHttpError = (error: unknown): DomainError | null => {
  const status = httpStatusOf(error);
  if (status === null || status >= 500) return null;
  const [code, detail] = BY_HTTP_STATUS[status] ?? ['invalid_request', null];
  if (detail !== null) return new DomainError(code, detail);
  if ((error as { code?: unknown }).code === BAD_URL)
    return invalidRequest('', 'syntax', 'The path cannot be read.');
  return invalidRequest('', 'syntax', error instanceof Error ? error.message : 'The request cannot be read.');
};

const httpStatusOf = (error: unknown): number | null => {
  if (error instanceof HttpException) return error.getStatus();
  // Fastify's own errors
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === 'number' && status >= 400 ? status : null;
};

/** `invalid_request` about one member of the body (a JSON Pointer) or one parameter (`/name`). */
export const invalidRequest = (pointer: string, rule: string, detail: string): DomainError =>
  new DomainError('invalid_request', detail, { errors: [{ pointer, rule, detail }] });

/** What a client reads; a card that it sent along is not repeated to it, nor to whoever keeps its answers. [BUY-3] */
export const problemOf = (error: DomainError, requestId: string): Problem => {
  const [status, title] = STATUS_OF[error.code];
  const members = membersOf(error.extras);
  return {
    type: `/problems/${error.code}`,
    title,
    status,
    detail: withoutCardData(error.message),
    code: error.code,
    requestId,
    ...members,
  };
};

const membersOf = ({
  operationId,
  retryAfterSeconds: _header,
  reasons,
  errors,
  ...members
}: ErrorExtras) => ({
  ...members,
  ...(errors && { errors: errors.map(withoutCards) }),
  ...(reasons && { reasons: [...reasons] }),
  ...(operationId && { operation: `/v1/operations/${operationId}` }),
});

const withoutCards = ({ pointer, rule, detail }: FieldError): FieldError => ({
  pointer: withoutCardData(pointer),
  rule,
  detail: withoutCardData(detail),
});
