import type { DeclineCode } from '@commissary/domain';
import type { ChargeDeclined } from './payment-provider.js';

/** What Stripe says of a payment that was declined: in the 402, and later in the PaymentIntent's `last_payment_error`. */
export interface StripeDecline {
  code?: string | null | undefined;
  decline_code?: string | null | undefined;
  advice_code?: string | null | undefined;
}

const CODES: Readonly<Record<string, DeclineCode>> = {
  expired_card: 'card_expired',
  insufficient_funds: 'insufficient_funds',
  authentication_required: 'authentication_required',
  authentication_not_handled: 'authentication_required',
  payment_intent_authentication_failure: 'authentication_required',
};

/** The issuer's own advice, where it gave one, goes before any rule of thumb. */
const ADVICE: Readonly<Record<string, boolean>> = {
  try_again_later: true,
  do_not_try_again: false,
  confirm_card_data: false,
};

/**
 * Declines that the same card will meet another day as well: lost, closed, wrong, forbidden, or called fraud. All others, the
 * unexplained ones too (`generic_decline`, `do_not_honor`), may pass later.
 */
const HARD = new Set([
  'authentication_failed',
  'card_not_supported',
  'currency_not_supported',
  'do_not_try_again',
  'expired_card',
  'fraudulent',
  'highest_risk_level',
  'incorrect_address',
  'incorrect_cvc',
  'incorrect_number',
  'incorrect_zip',
  'invalid_account',
  'invalid_cvc',
  'invalid_expiry_month',
  'invalid_expiry_year',
  'invalid_number',
  'live_mode_test_card',
  'lost_card',
  'merchant_blacklist',
  'new_account_information_available',
  'no_action_taken',
  'not_permitted',
  'pickup_card',
  'restricted_card',
  'revocation_of_all_authorizations',
  'revocation_of_authorization',
  'security_violation',
  'service_not_allowed',
  'stolen_card',
  'stop_payment_order',
  'testmode_decline',
  'transaction_not_allowed',
]);

/** A decline in Commissary's words: the reason, and whether the card may do another day. [BUY-6, BUY-9] */
export const declineOf = ({ code, decline_code, advice_code }: StripeDecline): ChargeDeclined => {
  const said = [decline_code, code].filter((each): each is string => typeof each === 'string');
  const known = said.map((each) => CODES[each]).find((each) => each !== undefined);
  const hard = said.some((each) => HARD.has(each));
  return {
    kind: 'declined',
    code: known ?? 'card_declined',
    soft: ADVICE[advice_code ?? ''] ?? !hard,
  };
};
