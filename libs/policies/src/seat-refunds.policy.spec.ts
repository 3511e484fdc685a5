import { describe, expect, it } from '@jest/globals';
import { addDays, addTerm, money, TERMS } from '@commissary/domain';
import fc from 'fast-check';
import {
  priceAddedSeats,
  type RefundableCharge,
  refundsForAll,
  refundsForSeats,
  type SeatRefund,
} from './seat-change.policy.js';

const DAY = 86_400_000;
const start = new Date('2026-06-01T00:00:00Z');
const after = (days: number): Date => new Date(start.getTime() + days * DAY);
// June has 30 days.
const juneEnd = after(30);
const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, n) => sum + n, 0);

describe('refunds of seats', () => {
  const charge = (id: string, paid: number, quantity: number, days = 0, returned = 0): RefundableCharge => ({
    id,
    paid: money(paid, 'USD'),
    quantity,
    returned,
    period: { start: after(days), end: juneEnd },
  });
  const first = charge('first', 9990, 10);
  const topUp = charge('topUp', 4495, 5, 3);
  const listed = (refunds: SeatRefund[]): string =>
    refunds.map(({ id, seats, amount }) => `${id} ${seats} ${amount.amountMinor}`).join(', ');
  const given = (removed: number, days: number, charges = [first, topUp]): string =>
    listed(refundsForSeats(charges, removed, start, after(days)));

  it.each([
    // Of the 27 days of the top-up 24 are left, of the 30 of the first charge as many.
    ['the last charge first, by the time it paid for', 2, 6, 'topUp 2 1598'],
    ['then the one before', 8, 6, 'topUp 5 3995, first 3 2397'],
    ['all of a charge in its first second', 10, 3, 'topUp 5 4495, first 5 4495'],
    ['nothing after 7 days of the term, of a later top-up neither', 5, 7 + 1 / DAY, ''],
    ['nothing for no seats', 0, 6, ''],
  ])('OWN-2 OWN-5 gives back %s', (_title, removed, days, expected) => {
    expect(given(removed, days)).toBe(expected);
  });

  it('OWN-2 seats that were given back before are not again', () => {
    expect(given(5, 6, [first, charge('topUp', 4495, 5, 3, 4)])).toBe('topUp 1 799, first 4 3196');
  });

  it('OWN-5 CAN-2 ending all gives back what is left of each charge, of a term before or after 7 days nothing', () => {
    const may = { ...charge('may', 9990, 10, -31), period: { start: after(-31), end: start } };
    const all = (days: number): string => listed(refundsForAll([may, first, topUp], start, after(days)));
    expect(all(7)).toBe('topUp 5 3829, first 10 7659');
    expect(all(7 + 1 / DAY)).toBe('');
  });

  it.each([
    ['a day after its renewal', 31, 'renewal 10 9990'],
    ['on the last moment of the seventh day after it', 37, 'renewal 10 7992'],
    ['later', 37 + 1 / DAY, ''],
  ])('OWN-5 CAN-2 what started months ago and was renewed gives back %s', (_title, days, expected) => {
    const months = [-61, -31, 0].map((from, i) => ({
      ...charge(`month ${i}`, 9990, 10),
      period: { start: after(from), end: after(from + 30) },
    }));
    // Renewed for 31 days from the end of June on; the days are counted from there.
    const renewal = { ...charge('renewal', 10_323, 10), period: { start: juneEnd, end: after(61) } };
    expect(listed(refundsForAll([...months, renewal], juneEnd, after(days)))).toBe(expected);
  });

  it('OWN-2 OWN-5 CAN-2 any returns and a final end never give back more than was paid, nor for more seats', () => {
    const charges = fc.array(
      fc.record({ price: fc.nat(50_000), quantity: fc.integer({ min: 1, max: 1000 }), at: fc.nat(7 * DAY) }),
      { minLength: 1, maxLength: 5 },
    );
    const returns = fc.array(fc.record({ seats: fc.integer({ min: 1, max: 800 }), in: fc.nat(2 * DAY) }));
    fc.assert(
      fc.property(charges, fc.constantFrom(...TERMS), returns, (bought, term, sequence) => {
        const period = { start, end: addTerm(start, term) };
        const books: RefundableCharge[] = bought.map(({ price, quantity, at }, i) => {
          const from = i === 0 ? start : new Date(start.getTime() + at);
          const paid = priceAddedSeats(money(price, 'USD'), quantity, period, from);
          return { id: `pay_${i}`, paid, quantity, returned: 0, period: { start: from, end: period.end } };
        });
        const back = new Map<string, number>();
        let now = Math.max(...books.map(({ period: { start: from } }) => from.getTime()));
        const giveBack = (removed: number | 'all') => {
          const at = new Date(now);
          const due =
            removed === 'all' ? refundsForAll(books, start, at) : refundsForSeats(books, removed, start, at);
          for (const { id, seats, amount } of due) {
            expect(at <= addDays(start, 7)).toBe(true);
            expect(Number.isInteger(seats) && seats > 0 && amount.amountMinor > 0).toBe(true);
            const one = books.find((book) => book.id === id)!;
            one.returned += seats;
            back.set(id, (back.get(id) ?? 0) + amount.amountMinor);
          }
          if (removed !== 'all') expect(sumOf(due.map(({ seats }) => seats))).toBeLessThanOrEqual(removed);
        };
        for (const { seats, in: later } of sequence) {
          giveBack(Math.min(seats, sumOf(books.map(({ quantity, returned }) => quantity - returned))));
          now += later;
        }
        giveBack('all');
        for (const { id, paid, quantity, returned } of books) {
          expect(returned).toBeLessThanOrEqual(quantity);
          expect(back.get(id) ?? 0).toBeLessThanOrEqual(paid.amountMinor);
        }
      }),
      { numRuns: 500 },
    );
  });
});
