import type { Money } from '@commissary/domain';
import { ProviderRefusedError } from './payment-provider.js';

/** An amount as Stripe's API takes it. */
export interface StripeAmount {
  amount: number;
  currency: string;
}

/** Without a minor unit in ISO 4217, yet Stripe wants them with two decimals (5 UGX is 500). */
const TWO_DECIMALS_AT_STRIPE = new Set(['ISK', 'UGX']);
/** Two decimals in ISO 4217 (its fifth is not a hundredth, but counted so), none at Stripe. */
const NO_DECIMALS_AT_STRIPE = new Set(['MGA']);
/** Thousandths, of which the card networks take whole tens only. */
const THREE_DECIMALS = new Set(['BHD', 'JOD', 'KWD', 'OMR', 'TND']);

/**
 * Minor units of ISO 4217 as Stripe counts them; for nearly all currencies, JPY and its like among them, the same number.
 * Throws `ProviderRefusedError` for what Stripe would have to round: exactly the quoted amount is charged, or none. [BUY-2]
 */
export const toStripeAmount = ({ amountMinor, currency }: Money): StripeAmount => ({
  amount: stripeUnits(amountMinor, currency),
  currency: currency.toLowerCase(),
});

const stripeUnits = (amountMinor: number, currency: string): number => {
  if (TWO_DECIMALS_AT_STRIPE.has(currency)) return amountMinor * 100;
  if (NO_DECIMALS_AT_STRIPE.has(currency)) return multipleOf(100, amountMinor) / 100;
  if (THREE_DECIMALS.has(currency)) return multipleOf(10, amountMinor);
  return amountMinor;
};

const multipleOf = (unit: number, amountMinor: number): number => {
  if (amountMinor % unit !== 0) throw new ProviderRefusedError(400, 'amount_not_chargeable');
  return amountMinor;
};
