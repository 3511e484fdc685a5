import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { floorShare, money, timesQuantity } from './money.js';

describe('money', () => {
  it('BUY-2 is integer minor units, and anything else is refused', () => {
    expect(money(999, 'USD')).toEqual({ amountMinor: 999, currency: 'USD' });
    for (const amount of [9.99, Number.NaN, Infinity, 2 ** 53])
      expect(() => money(amount, 'USD')).toThrow(RangeError);
  });

  it('BUY-2 multiplies a unit price by a quantity in its currency', () => {
    expect(timesQuantity(money(1500, 'JPY'), 10_000)).toEqual({ amountMinor: 15_000_000, currency: 'JPY' });
  });

  it('BUY-2 OWN-5 neither a product nor a share changes the currency', () => {
    fc.assert(
      fc.property(fc.constantFrom('USD', 'GBP', 'JPY'), fc.nat(1_000), fc.nat(100), (currency, amount, n) => {
        expect(timesQuantity(money(amount, currency), n)).toEqual({ amountMinor: amount * n, currency });
        expect(floorShare(money(amount, currency), n, 100).currency).toBe(currency);
      }),
    );
  });

  it('OWN-5 shares by the floor', () => {
    expect(floorShare(money(999, 'USD'), 2, 3).amountMinor).toBe(666);
    expect(floorShare(money(1, 'USD'), 2_591_999, 2_592_000).amountMinor).toBe(0);
    expect(floorShare(money(999, 'USD'), 3, 3).amountMinor).toBe(999);
    expect(floorShare(money(999, 'USD'), 0, 3).amountMinor).toBe(0);
  });

  it('OWN-5 is exact where floating point is not', () => {
    // 9007199254740991 x 2 has no exact double.
    expect(floorShare(money(Number.MAX_SAFE_INTEGER, 'USD'), 2, 3).amountMinor).toBe(6_004_799_503_160_660);
  });

  it('OWN-5 is the greatest whole amount not above the exact share', () => {
    const amounts = fc.nat({ max: 2 ** 40 });
    fc.assert(
      fc.property(
        amounts,
        fc.nat({ max: 31_622_400 }),
        fc.integer({ min: 1, max: 31_622_400 }),
        (amount, a, whole) => {
          const part = Math.min(a, whole);
          const share = BigInt(floorShare(money(amount, 'USD'), part, whole).amountMinor);
          const exact = BigInt(amount) * BigInt(part);
          expect(share * BigInt(whole) <= exact && (share + 1n) * BigInt(whole) > exact).toBe(true);
        },
      ),
    );
  });

  it('OWN-5 refuses a share that makes no sense', () => {
    for (const whole of [0, -1]) {
      expect(() => floorShare(money(1, 'USD'), 1, whole)).toThrow('the whole must be positive');
    }
    expect(() => floorShare(money(-1, 'USD'), 1, 2)).toThrow(RangeError);
    expect(() => floorShare(money(1, 'USD'), -1, 2)).toThrow(RangeError);
  });
});
