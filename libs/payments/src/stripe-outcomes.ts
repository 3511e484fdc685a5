import {
  type ChargeDeclined,
  type FoundCharge,
  ProviderRefusedError,
  type RefundOutcome,
  type Unknown,
} from './payment-provider.js';
import type { IntentAnswer, RefundAnswer } from './stripe-answers.js';
import { declineOf } from './stripe-declines.js';

const PENDING: Unknown = { kind: 'unknown', why: 'pending' };
const UNREADABLE: Unknown = { kind: 'unknown', why: 'unreadable' };
const NEEDS_CARDHOLDER: ChargeDeclined = { kind: 'declined', code: 'authentication_required', soft: true };

/**
 * What a PaymentIntent says of its charge. One that was made and never tried has charged nothing, and never will: only the
 * request that made it would have confirmed it.
 */
export const findingOf = ({ id, status, last_payment_error: error }: IntentAnswer): FoundCharge => {
  switch (status) {
    case 'succeeded':
      return { kind: 'succeeded', chargeId: id };
    case 'processing':
      return PENDING;
    case 'requires_action':
      return NEEDS_CARDHOLDER;
    case 'requires_payment_method':
      return error ? declineOf(error) : { kind: 'none' };
    case 'canceled':
      return declineOf({ ...error, advice_code: 'do_not_try_again' });
    case 'requires_confirmation':
      return { kind: 'none' };
    default:
      return UNREADABLE;
  }
};

const WEIGHT: Record<FoundCharge['kind'], number> = { succeeded: 3, unknown: 2, declined: 1, none: 0 };

/** Of several intents under one key (it was asked again after Stripe had forgotten it) the one that counts. */
export const likeliest = (intents: readonly IntentAnswer[]): FoundCharge =>
  intents
    .map(findingOf)
    .reduce((best, each) => (WEIGHT[each.kind] > WEIGHT[best.kind] ? each : best), { kind: 'none' });

/** A pending refund of a card is on its way, and counts as given. Throws `ProviderRefusedError` for one that failed. */
export const refundOutcomeOf = ({ id, status }: RefundAnswer): RefundOutcome => {
  if (status === 'succeeded' || status === 'pending') return { kind: 'succeeded', refundId: id };
  if (status === 'failed' || status === 'canceled') throw new ProviderRefusedError(402, `refund_${status}`);
  return status === 'requires_action' ? PENDING : UNREADABLE;
};
