import { describe, expect, it } from '@jest/globals';
import { addTerm, money, TERMS } from '@commissary/domain';
import fc from 'fast-check';
import { refundDue, withinRefundWindow } from './refund.policy.js';

const DAY = 86_400_000;
const start = new Date('2026-06-01T00:00:00.000Z');
const after = (days: number): Date => new Date(start.getTime() + days * DAY);
// June has 30 days.
const june = { paid: money(99_900, 'USD'), periodStart: start, periodEnd: after(30) };

describe('refundDue', () => {
  it.each([
    ['all at the first moment', 0, 99_900],
    ['29/30 after a day', 1, 96_570],
    ['23/30 at the end of the 7 days', 7, 76_590],
    ['nothing after', 7 + 1 / DAY, 0],
    ['nothing at the end of the term', 30, 0],
    ['nothing long after', 300, 0],
    ['and never more than was paid, whatever the clock says', -1, 99_900],
  ])('OWN-5 CAN-2 gives %s', (_title, days, amountMinor) => {
    expect(refundDue(june, after(days))).toEqual({ amountMinor, currency: 'USD' });
  });

  it('OWN-5 counts seconds and rounds down', () => {
    const oneSecondLater = new Date(start.getTime() + 1000);
    // 999 x 2,591,999 / 2,592,000 = 998.9996...
    expect(refundDue({ ...june, paid: money(999, 'USD') }, oneSecondLater).amountMinor).toBe(998);
  });

  it('OWN-5 a charge that paid for no time gives nothing back', () => {
    expect(refundDue({ ...june, periodEnd: start }, start).amountMinor).toBe(0);
  });

  it('OWN-5 is never negative, never above what was paid, and never grows with time', () => {
    const amounts = fc.nat({ max: 2_000_000_000 });
    const moments = fc.integer({ min: -2 * DAY, max: 400 * DAY });
    fc.assert(
      fc.property(amounts, fc.constantFrom(...TERMS), moments, moments, (amount, term, a, b) => {
        const charge = { paid: money(amount, 'SEK'), periodStart: start, periodEnd: addTerm(start, term) };
        const [sooner, later] = [Math.min(a, b), Math.max(a, b)].map(
          (ms) => refundDue(charge, new Date(start.getTime() + ms)).amountMinor,
        );
        expect(later).toBeGreaterThanOrEqual(0);
        expect(sooner).toBeLessThanOrEqual(amount);
        expect(later).toBeLessThanOrEqual(sooner!);
      }),
    );
  });
});

describe('withinRefundWindow', () => {
  it('OWN-5 is open for 7 days, the last moment included', () => {
    expect([0, 7].map((days) => withinRefundWindow(start, after(days)))).toEqual([true, true]);
    expect(withinRefundWindow(start, new Date(after(7).getTime() + 1))).toBe(false);
  });
});
