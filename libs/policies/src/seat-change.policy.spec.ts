import { describe, expect, it } from '@jest/globals';
import { addTerm, money, SEATS_PER_SUBSCRIPTION_MAX, TERMS, type Term } from '@commissary/domain';
import fc from 'fast-check';
import { checkSeatChange, priceAddedSeats, type SeatChangeFacts } from './seat-change.policy.js';

const DAY = 86_400_000;
const start = new Date('2026-06-01T00:00:00Z');
// June has 30 days.
const june = { start, end: addTerm(start, 'P1M') };
const after = (days: number): Date => new Date(start.getTime() + days * DAY);

const facts = (over: Partial<SeatChangeFacts> = {}): SeatChangeFacts => ({
  origin: 'selfService',
  status: 'active',
  isTrial: false,
  autoRenew: true,
  // 65 of them are taken.
  seats: { purchased: 100, assigned: 60, reservations: [{ operationId: 'op_1', seats: 5 }] },
  termStartedAt: start,
  expiresAt: june.end,
  lifecycle: { seatsAtRenewal: null },
  ...over,
});
const change = (total: number, effective: 'now' | 'renewal', over: Partial<SeatChangeFacts> = {}, days = 7) =>
  checkSeatChange(facts(over), { total, effective }, after(days));

describe('checkSeatChange', () => {
  it.each([
    ['100 + 5 is entered as 105', 105, 7, { kind: 'more', added: 5 }],
    ['more until the last moment of the term', 105, 30 - 1 / DAY, { kind: 'more', added: 5 }],
    ['up to 1,000,000', SEATS_PER_SUBSCRIPTION_MAX, 7, { kind: 'more', added: 999_900 }],
    ['fewer within 7 days', 99, 7, { kind: 'fewer', removed: 1 }],
    ['down to what is assigned and promised', 65, 7, { kind: 'fewer', removed: 35 }],
  ])('OWN-2 now: %s', (_title, total, days, verdict) => {
    expect(change(total, 'now', {}, days)).toEqual(verdict);
  });

  it.each([
    ['fewer', 80, null, { kind: 'atRenewal', seats: 80 }],
    ['down to what is assigned and promised', 65, null, { kind: 'atRenewal', seats: 65 }],
    ['fewer than were asked for before', 70, 80, { kind: 'atRenewal', seats: 70 }],
    ['all after all', 100, 80, { kind: 'atRenewal', seats: 100 }],
  ])('OWN-2 at renewal, at any time: %s', (_title, total, seatsAtRenewal, verdict) => {
    for (const days of [0, 8, 29]) {
      expect(change(total, 'renewal', { lifecycle: { seatsAtRenewal } }, days)).toEqual(verdict);
    }
  });

  it('OWN-2 a single seat can stay', () => {
    const seats = { purchased: 3, assigned: 1, reservations: [] };
    expect(change(1, 'now', { seats })).toEqual({ kind: 'fewer', removed: 2 });
    expect(change(1, 'renewal', { seats })).toEqual({ kind: 'atRenewal', seats: 1 });
  });

  it.each(['now', 'renewal'] as const)('OWN-2 %s: refuses what is no total', (effective) => {
    for (const total of [0, -1, 1.5, Number.NaN, Infinity, SEATS_PER_SUBSCRIPTION_MAX + 1]) {
      expect(() => change(total, effective)).toThrow(invalid('/total', 'range'));
    }
    expect(() => change(100, effective)).toThrow(invalid('/total', 'different'));
  });

  it('OWN-2 more seats are not bought at renewal', () => {
    expect(() => change(101, 'renewal')).toThrow(invalid('/effective', 'fewer'));
  });

  it.each(['now', 'renewal'] as const)('OWN-2 MOV-2 %s: never below assigned + reserved', (effective) => {
    const extras = { needed: 65, free: 35, shortfall: 1 };
    const short = expect.objectContaining({ code: 'seats_in_use', extras });
    expect(() => change(64, effective)).toThrow(short);
  });

  it('OWN-2 fewer at once within 7 days of start or renewal, the last moment included', () => {
    expect(() => change(99, 'now', {}, 7 + 1 / DAY)).toThrow(illegal('active'));
    const renewed = { termStartedAt: after(30), expiresAt: after(60) };
    expect(change(99, 'now', renewed, 37)).toEqual({ kind: 'fewer', removed: 1 });
  });

  it('ADM-6 OWN-2 a contract’s seats can be fewer at any time', () => {
    expect(change(99, 'now', { origin: 'central' }, 20)).toEqual({ kind: 'fewer', removed: 1 });
  });

  it('OWN-2 BUY-9 no more seats between the end of a term and its renewal, where they would cost nothing', () => {
    for (const days of [30, 44]) expect(() => change(105, 'now', {}, days)).toThrow(illegal('active'));
  });

  it('OWN-2 nothing changes at a renewal that will not be', () => {
    expect(() => change(80, 'renewal', { autoRenew: false })).toThrow(illegal('active'));
  });

  it.each(['now', 'renewal'] as const)(
    'BUY-8 SUB-1 %s: of a trial, and of what is not active',
    (effective) => {
      expect(() => change(80, effective, { isTrial: true })).toThrow(illegal('trial'));
      for (const status of ['expired', 'disabled', 'deleted'] as const) {
        expect(() => change(80, effective, { status })).toThrow(illegal(status));
      }
    },
  );

  const invalid = (pointer: string, rule: string) => {
    const errors = [expect.objectContaining({ pointer, rule })];
    return expect.objectContaining({ code: 'invalid_request', extras: { errors } });
  };
  const illegal = (state: string) => expect.objectContaining({ code: 'illegal_state', extras: { state } });
});

describe('priceAddedSeats', () => {
  it.each([
    ['all of the term at its start', 5, 0, 4995],
    ['half of it in its middle', 5, 15, 2497],
    ['a day of it on the last', 5, 29, 166],
    ['nothing at its end', 5, 30, 0],
    ['nothing after', 5, 300, 0],
    ['never more than the term, whatever the clock says', 5, -1, 4995],
  ])('OWN-2 pays %s', (_title, added, days, amountMinor) => {
    expect(priceAddedSeats(money(999, 'USD'), added, june, after(days))).toEqual(money(amountMinor, 'USD'));
  });

  it('OWN-2 a term of no time costs nothing', () => {
    expect(priceAddedSeats(money(999, 'USD'), 5, { start, end: start }, start).amountMinor).toBe(0);
  });

  it('OWN-2 never falls with more seats, nor rises as time goes by', () => {
    const moments = fc.integer({ min: -DAY, max: 400 * DAY });
    const seats = fc.integer({ min: 1, max: 100_000 });
    fc.assert(
      fc.property(
        anyPrice,
        anyTerm,
        seats,
        fc.nat(1000),
        moments,
        fc.nat(40 * DAY),
        (p, term, n, m, ms, d) => {
          const period = { start, end: addTerm(start, term) };
          const cost = (added: number, at: number) =>
            priceAddedSeats(money(p, 'SEK'), added, period, new Date(start.getTime() + at)).amountMinor;
          expect(cost(n + m, ms)).toBeGreaterThanOrEqual(cost(n, ms));
          expect(cost(n, ms + d)).toBeLessThanOrEqual(cost(n, ms));
        },
      ),
    );
  });

  it('OWN-2 a term and its top-ups never cost more than all seats for the whole term', () => {
    const topUps = fc.array(fc.tuple(fc.integer({ min: 1, max: 10_000 }), fc.nat(366 * DAY)), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(
        anyPrice,
        anyTerm,
        fc.integer({ min: 1, max: 10_000 }),
        topUps,
        (price, term, first, more) => {
          const period = { start, end: addTerm(start, term) };
          const paid = more.map(
            ([added, ms]) =>
              priceAddedSeats(money(price, 'SEK'), added, period, new Date(start.getTime() + ms)).amountMinor,
          );
          const seats = more.reduce((sum, [added]) => sum + added, first);
          expect(price * first + sumOf(paid)).toBeLessThanOrEqual(price * seats);
        },
      ),
    );
  });
});

const anyPrice = fc.nat(50_000);
const anyTerm = fc.constantFrom<Term>(...TERMS);
const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, n) => sum + n, 0);
