import { describe, expect, it } from '@jest/globals';
import { money } from '@commissary/domain';
import { ProviderRefusedError } from './payment-provider.js';
import { toStripeAmount } from './stripe-amount.js';

describe("amounts in Stripe's units [EXT-6]", () => {
  it.each([
    ['two decimals', 'USD', 999, 999],
    ['two decimals, though payouts have none', 'HUF', 123_450, 123_450],
    ['two decimals, though payouts have none', 'TWD', 80_045, 80_045],
    ['no decimals', 'JPY', 1_500, 1_500],
    ['no decimals', 'KRW', 9_900, 9_900],
    ['no decimals in ISO 4217, two at Stripe', 'ISK', 5, 500],
    ['no decimals in ISO 4217, two at Stripe', 'UGX', 5, 500],
    ['two decimals in ISO 4217, none at Stripe', 'MGA', 4_500_00, 4_500],
    ['three decimals, of which the last is nought', 'KWD', 5_120, 5_120],
    ['three decimals, of which the last is nought', 'TND', 10, 10],
  ])('%s: %s', (_why, currency, amountMinor, amount) => {
    expect(toStripeAmount(money(amountMinor, currency))).toEqual({
      amount,
      currency: currency.toLowerCase(),
    });
  });

  it.each([
    ['KWD', 5_124],
    ['BHD', 5],
    ['MGA', 4_550],
  ])('BUY-2 nothing is rounded: %s %i is refused', (currency, amountMinor) => {
    expect(() => toStripeAmount(money(amountMinor, currency))).toThrow(ProviderRefusedError);
  });
});
