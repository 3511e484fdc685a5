import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  freeSeats,
  LIVING_STATUSES,
  requireSeats,
  reservedSeats,
  SUBSCRIPTION_PATHS,
  SUBSCRIPTION_STATUSES,
  USABLE_STATUSES,
} from './subscription.js';

const reservations = [
  { operationId: 'op_1', seats: 30 },
  { operationId: 'op_2', seats: 5 },
];

describe('seat arithmetic', () => {
  it('MOV-2 free is purchased less assigned less reserved', () => {
    const seats = { purchased: 100, assigned: 60, reservations };
    expect(reservedSeats(seats)).toBe(35);
    expect(freeSeats(seats)).toBe(5);
  });

  it('MOV-2 purchased = assigned + reserved + free, whatever they are', () => {
    const counts = fc.nat({ max: 1_000_000 });
    const promised = fc.array(fc.record({ operationId: fc.string(), seats: counts }), { maxLength: 5 });
    fc.assert(
      fc.property(counts, counts, promised, (purchased, assigned, list) => {
        const seats = { purchased, assigned, reservations: list };
        expect(seats.assigned + reservedSeats(seats) + freeSeats(seats)).toBe(purchased);
      }),
    );
  });

  it('MOV-2 the last free seat can be had, and one more is refused with the shortfall', () => {
    const seats = { purchased: 100, assigned: 60, reservations };
    expect(() => requireSeats(seats, 5)).not.toThrow();
    expect(() => requireSeats(seats, 7)).toThrow(
      expect.objectContaining({ code: 'seats_short', extras: { needed: 7, free: 5, shortfall: 2 } }),
    );
  });
});

describe('life of a subscription', () => {
  it('SUB-1 has the legal paths and no other', () => {
    expect(SUBSCRIPTION_PATHS).toEqual({
      active: ['expired', 'deleted'],
      expired: ['active', 'disabled', 'deleted'],
      disabled: ['active', 'deleted'],
      deleted: [],
    });
  });

  it('SUB-1 users work in grace, are locked out when it is disabled, and deleted is final', () => {
    expect(USABLE_STATUSES).toEqual(['active', 'expired']);
    expect(LIVING_STATUSES).toEqual(
      SUBSCRIPTION_STATUSES.filter((status) => SUBSCRIPTION_PATHS[status].length > 0),
    );
  });
});
