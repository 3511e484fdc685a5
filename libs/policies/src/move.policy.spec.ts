import { describe, expect, it } from '@jest/globals';
import { money, SUBSCRIPTION_STATUSES, TERMS, type SubscriptionStatus } from '@commissary/domain';
import fc from 'fast-check';
import {
  checkMove,
  previewOf,
  priceDifferencePerMonth,
  requireMovable,
  type PreviewFacts,
  type SubscriptionFacts,
} from './move.policy.js';

const source = (over: Partial<SubscriptionFacts> = {}): SubscriptionFacts => ({
  id: 'sub_source',
  origin: 'selfService',
  status: 'active',
  operationId: null,
  seats: { purchased: 100, assigned: 80, reservations: [] },
  ...over,
});
const target = (over: Partial<SubscriptionFacts> = {}): SubscriptionFacts =>
  source({ id: 'sub_target', origin: 'central', ...over });

const promised = { purchased: 100, assigned: 10, reservations: [{ operationId: 'op_other', seats: 40 }] };
const locked = (operationId: string) =>
  expect.objectContaining({ code: 'operation_in_progress', extras: { operationId } });
const illegal = (state: SubscriptionStatus) =>
  expect.objectContaining({ code: 'illegal_state', extras: { state } });

describe('requireMovable', () => {
  it('MOV-1 moves from a self-service subscription that is active or in grace to an active one', () => {
    const allowed = SUBSCRIPTION_STATUSES.flatMap((from) =>
      SUBSCRIPTION_STATUSES.filter((to) => {
        try {
          requireMovable({ source: source({ status: from }), target: target({ status: to }) });
          return true;
        } catch {
          return false;
        }
      }).map((to) => [from, to]),
    );
    expect(allowed).toEqual([
      ['active', 'active'],
      ['expired', 'active'],
    ]);
  });

  it('MOV-1 a self-service subscription may be the target too', () => {
    expect(() =>
      requireMovable({ source: source(), target: target({ origin: 'selfService' }) }),
    ).not.toThrow();
  });

  it('MOV-1 names the state that forbids it', () => {
    expect(() => requireMovable({ source: source({ status: 'disabled' }), target: target() })).toThrow(
      illegal('disabled'),
    );
    expect(() => requireMovable({ source: source(), target: target({ status: 'expired' }) })).toThrow(
      illegal('expired'),
    );
    expect(() => requireMovable({ source: source({ origin: 'central' }), target: target() })).toThrow(
      illegal('active'),
    );
  });

  it('MOV-1 refuses the same subscription twice, by the field', () => {
    expect(() => requireMovable({ source: source(), target: source() })).toThrow(
      expect.objectContaining({
        code: 'invalid_request',
        extras: {
          errors: [
            expect.objectContaining({ pointer: '/targetSubscriptionId', rule: 'different_subscription' }),
          ],
        },
      }),
    );
  });

  it('MOV-6 a lock on either side names its operation', () => {
    expect(() => requireMovable({ source: source({ operationId: 'op_1' }), target: target() })).toThrow(
      locked('op_1'),
    );
    expect(() => requireMovable({ source: source(), target: target({ operationId: 'op_2' }) })).toThrow(
      locked('op_2'),
    );
  });

  it('MOV-6 the loser of a race hears of the operation, not of the state it made', () => {
    const taken = source({ operationId: 'op_cancel', status: 'deleted' });
    expect(() => requireMovable({ source: taken, target: target() })).toThrow(locked('op_cancel'));
  });

  it('MOV-2 a source whose seats are promised to another move cannot be taken over; a target can be shared', () => {
    expect(() => requireMovable({ source: source({ seats: promised }), target: target() })).toThrow(
      locked('op_other'),
    );
    expect(() => requireMovable({ source: source(), target: target({ seats: promised }) })).not.toThrow();
  });
});

describe('checkMove', () => {
  it('MOV-2 needs a free seat for each, promised ones not counted', () => {
    const facts = { source: source(), target: target({ seats: promised }) };
    expect(() => checkMove(facts, 50)).not.toThrow();
    expect(() => checkMove(facts, 53)).toThrow(
      expect.objectContaining({ code: 'seats_short', extras: { needed: 53, free: 50, shortfall: 3 } }),
    );
  });

  it('MOV-6 asks for the lock before the seats', () => {
    expect(() => checkMove({ source: source({ operationId: 'op_1' }), target: target() }, 1_000)).toThrow(
      locked('op_1'),
    );
  });
});

const monthly = { unitPrice: money(999, 'USD'), term: 'P1M' } as const;

describe('priceDifferencePerMonth', () => {
  it.each([
    ['costs less centrally', monthly, { unitPrice: money(919, 'USD'), term: 'P1M' }, -80_000],
    ['costs more', { unitPrice: money(919, 'USD'), term: 'P1M' }, monthly, 80_000],
    ['is by the month', monthly, { unitPrice: money(11_988, 'USD'), term: 'P1Y' }, 0],
    // 1,000 x (11029 - 11988) / 12 = -79,916.66...
    ['rounds toward zero, once', monthly, { unitPrice: money(11_029, 'USD'), term: 'P1Y' }, -79_916],
    ['is the whole price after a trial', { unitPrice: money(0, 'USD'), term: null }, monthly, 999_000],
  ] as const)('MOV-7 for 1,000 users %s', (_title, from, to, amountMinor) => {
    expect(priceDifferencePerMonth(1000, from, to)).toEqual({ amountMinor, currency: 'USD' });
  });

  it('MOV-7 is null where the currencies differ', () => {
    expect(priceDifferencePerMonth(1000, monthly, { unitPrice: money(999, 'SEK'), term: 'P1M' })).toBeNull();
  });

  it('MOV-7 there and back cancel out', () => {
    const price = fc.record({
      unitPrice: fc.nat({ max: 10_000_000 }).map((amount) => money(amount, 'USD')),
      term: fc.constantFrom(...TERMS),
    });
    fc.assert(
      fc.property(fc.nat({ max: 1_000_000 }), price, price, (users, a, b) => {
        const there = priceDifferencePerMonth(users, a, b)!.amountMinor;
        const back = priceDifferencePerMonth(users, b, a)!.amountMinor;
        expect(there + back).toBe(0);
      }),
    );
  });
});

describe('previewOf', () => {
  const facts: PreviewFacts = {
    total: 1000,
    alreadyLicensed: 30,
    skipped: [
      { reason: 'user_deleted', count: 10 },
      { reason: 'conflict', count: 0 },
    ],
    targetSeats: { purchased: 1000, assigned: 50, reservations: [{ operationId: 'op_1', seats: 40 }] },
    sourcePrice: monthly,
    targetPrice: { unitPrice: money(919, 'USD'), term: 'P1M' },
    refund: money(123, 'USD'),
  };

  it('MOV-7 is the answer of the contract, exactly', () => {
    expect(previewOf(facts)).toEqual({
      total: 1000,
      toMove: 960,
      alreadyLicensed: 30,
      skipped: [{ reason: 'user_deleted', count: 10 }],
      seatsNeeded: 960,
      seatsFree: 910,
      shortfall: 50,
      refund: { amountMinor: 123, currency: 'USD' },
      priceDifferencePerMonth: { amountMinor: -76_800, currency: 'USD' },
    });
  });

  it('MOV-7 has a shortfall exactly when the move itself would be refused for it', () => {
    const counts = fc.nat({ max: 1000 });
    fc.assert(
      fc.property(counts, counts, counts, counts, (users, licensed, purchased, assigned) => {
        const seats = { purchased: purchased + assigned, assigned, reservations: [] };
        const total = users + licensed;
        const preview = previewOf({
          ...facts,
          total,
          alreadyLicensed: licensed,
          skipped: [],
          targetSeats: seats,
        });
        const move = () => checkMove({ source: source(), target: target({ seats }) }, preview.seatsNeeded);
        if (preview.shortfall === 0) expect(move).not.toThrow();
        else {
          expect(move).toThrow(
            expect.objectContaining({ extras: expect.objectContaining({ shortfall: preview.shortfall }) }),
          );
        }
      }),
    );
  });
});
