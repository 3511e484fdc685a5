import Stripe from 'stripe';
import type { ChargeDeclined, Unknown } from './payment-provider.js';
import { declineOf } from './stripe-declines.js';

/** A request that Stripe calls wrong; nothing happened. */
export interface StripeRefusal {
  kind: 'refused';
  status: number;
  /** Stripe's own code, or its type of error where it gave none. */
  code: string;
}

export type StripeFault = ChargeDeclined | Unknown | StripeRefusal;

type StripeError = InstanceType<typeof Stripe.errors.StripeError>;

const SERVER_ERROR: Unknown = { kind: 'unknown', why: 'server_error' };
const UNREADABLE: Unknown = { kind: 'unknown', why: 'unreadable' };

/** Too early, or in the way of a request that is under way (409 too: its key is in use): come again. */
const TRANSIENT_STATUSES = new Set([408, 409, 424, 425, 429]);

const refusal = ({ statusCode = 400, code, rawType, type }: StripeError): StripeRefusal => ({
  kind: 'refused',
  status: statusCode,
  code: code ?? rawType ?? type,
});

const ofConnection = (error: StripeError): Unknown => {
  const { code } = (error.detail ?? {}) as { code?: unknown };
  return { kind: 'unknown', why: code === 'ETIMEDOUT' ? 'timeout' : 'connection' };
};

/** Answers of no other type: 5xx, 409, and bodies that are no JSON, which have no status. */
const ofServer = (error: StripeError): Unknown | StripeRefusal => {
  if (error.statusCode === undefined) return UNREADABLE;
  const transient = error.statusCode >= 500 || TRANSIENT_STATUSES.has(error.statusCode);
  return transient ? SERVER_ERROR : refusal(error);
};

/** A 402 is a card's, but for what asks for money in another way. */
const ofCard = (error: StripeError): ChargeDeclined | StripeRefusal =>
  error.rawType === 'card_error' ? declineOf(error) : refusal(error);

/** The one table from the package's types of error to what they mean here. A type without a line proves nothing. */
const MEANING: Readonly<Record<string, (error: StripeError) => StripeFault>> = {
  StripeCardError: ofCard,
  StripeConnectionError: ofConnection,
  StripeAPIError: ofServer,
  StripeRateLimitError: () => SERVER_ERROR,
  StripeInvalidRequestError: refusal,
  StripeIdempotencyError: refusal,
  StripeAuthenticationError: refusal,
  StripePermissionError: refusal,
};

/** Whatever a call of the package threw, as a value. The error itself, which holds headers and bodies, goes no further. */
export const faultOf = (error: unknown): StripeFault =>
  error instanceof Stripe.errors.StripeError ? (MEANING[error.type]?.(error) ?? UNREADABLE) : UNREADABLE;
