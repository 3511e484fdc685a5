import {
  DomainError,
  floorShare,
  freeSeats,
  money,
  secondsBetween,
  SEATS_PER_SUBSCRIPTION_MAX,
  timesQuantity,
  type Money,
  type Origin,
  type Period,
  type SeatCounts,
  type SubscriptionStatus,
} from '@commissary/domain';
import { refundDue, withinRefundWindow } from './refund.policy.js';

export interface SeatChangeFacts {
  origin: Origin;
  status: SubscriptionStatus;
  isTrial: boolean;
  autoRenew: boolean;
  seats: SeatCounts;
  /** Start or last renewal. */
  termStartedAt: Date;
  /** End of the term that runs, or ran: it stays active while its renewal is tried. */
  expiresAt: Date;
  lifecycle: { seatsAtRenewal: number | null };
}

export interface SeatChangeAsked {
  /** Seats in all. */
  total: number;
  effective: 'now' | 'renewal';
}

/** `more`: so many are added and paid; `fewer`: taken back now; `atRenewal`: so many from the next term on. */
export type SeatChangeVerdict =
  { kind: 'more'; added: number } | { kind: 'fewer'; removed: number } | { kind: 'atRenewal'; seats: number };

/**
 * Whether and how a subscription's seats change; the caller states the new total. [OWN-2, MOV-2]
 * Throws `invalid_request` (a total out of 1..1,000,000, the same one, more at renewal), `seats_in_use` (below what is assigned or
 * promised) and `illegal_state` (not active, a trial, more after the term's end, fewer at once later than 7 days, at a renewal that
 * will not be).
 */
export const checkSeatChange = (
  facts: SeatChangeFacts,
  { total, effective }: SeatChangeAsked,
  now: Date,
): SeatChangeVerdict => {
  requireTotal(total);
  requireChangeable(facts);
  const { purchased } = facts.seats;
  if (effective === 'renewal') return atRenewal(facts, total);
  if (total === purchased) throw invalid('different', `There are ${purchased} seats already.`);
  if (total > purchased) {
    // Nothing is left of the term that they could be charged for, and the price of the next one is settled by its renewal.
    if (facts.expiresAt <= now) throw illegal('More seats can be bought once the next term is paid.');
    return { kind: 'more', added: total - purchased };
  }
  requireUnused(facts.seats, total);
  // A contract is changed by those who made it; a card is given back what it paid in the first days alone.
  if (facts.origin === 'selfService' && !withinRefundWindow(facts.termStartedAt, now)) {
    throw illegal('Seats can be given back within 7 days of the start or renewal, or at the next renewal.');
  }
  return { kind: 'fewer', removed: purchased - total };
};

const atRenewal = (facts: SeatChangeFacts, total: number): SeatChangeVerdict => {
  const { purchased } = facts.seats;
  if (total > purchased) throw invalid('fewer', 'More seats are bought now, not at renewal.', '/effective');
  if (total === purchased && facts.lifecycle.seatsAtRenewal === null)
    throw invalid('different', `There are ${purchased} seats already.`);
  if (!facts.autoRenew) throw illegal('This subscription does not renew.');
  requireUnused(facts.seats, total);
  return { kind: 'atRenewal', seats: total };
};

const requireTotal = (total: number): void => {
  if (!Number.isInteger(total) || total < 1 || total > SEATS_PER_SUBSCRIPTION_MAX) {
    throw invalid('range', `Must be a whole number from 1 to ${SEATS_PER_SUBSCRIPTION_MAX}.`);
  }
};

const requireChangeable = ({ status, isTrial }: SeatChangeFacts): void => {
  if (isTrial)
    throw new DomainError('illegal_state', 'A trial keeps its seats; buy the product instead.', {
      state: 'trial',
    });
  if (status !== 'active') {
    throw new DomainError('illegal_state', `This subscription is ${status}.`, { state: status });
  }
};

const requireUnused = (seats: SeatCounts, total: number): void => {
  const taken = seats.purchased - freeSeats(seats);
  if (total >= taken) return;
  throw new DomainError('seats_in_use', `${taken} seats are assigned or promised.`, {
    needed: taken,
    free: freeSeats(seats),
    shortfall: taken - total,
  });
};

const invalid = (rule: string, detail: string, pointer = '/total'): DomainError =>
  new DomainError('invalid_request', detail, { errors: [{ pointer, rule, detail }] });

const illegal = (detail: string): DomainError =>
  new DomainError('illegal_state', detail, { state: 'active' });

/** What seats added at `now` cost until the end of the running term: floor(price x seats x seconds left / seconds of the term). [OWN-2] */
export const priceAddedSeats = (unitPrice: Money, added: number, term: Period, now: Date): Money => {
  const whole = secondsBetween(term.start, term.end);
  const left = Math.min(whole, secondsBetween(now, term.end));
  return whole === 0
    ? money(0, unitPrice.currency)
    : floorShare(timesQuantity(unitPrice, added), left, whole);
};

/** One charge of a subscription, as far as it can be given back. */
export interface RefundableCharge {
  id: string;
  paid: Money;
  /** Seats that it paid for. */
  quantity: number;
  /** Of these, seats taken back before. */
  returned: number;
  /** What it paid for: a term, or the rest of one. */
  period: Period;
}

export interface SeatRefund {
  id: string;
  seats: number;
  amount: Money;
}

/**
 * What giving `removed` seats back pays, by charge, the last charge first: per charge floor(paid for these seats x seconds left /
 * seconds it paid for), within 7 days of the term's start, nothing after. [OWN-2, OWN-5, CAN-2]
 */
export const refundsForSeats = (
  charges: readonly RefundableCharge[],
  removed: number,
  termStartedAt: Date,
  now: Date,
): SeatRefund[] => {
  if (!withinRefundWindow(termStartedAt, now)) return [];
  const newestFirst = [...charges].sort((a, b) => b.period.start.getTime() - a.period.start.getTime());
  let left = removed;
  return newestFirst.flatMap(({ id, paid, quantity, returned, period }) => {
    const seats = Math.min(left, quantity - returned);
    left -= seats;
    const share = floorShare(paid, seats, quantity);
    const amount = refundDue({ paid: share, periodStart: period.start, periodEnd: period.end }, now);
    return amount.amountMinor > 0 ? [{ id, seats, amount }] : [];
  });
};

/** What ending the whole subscription gives back, by charge. [OWN-5, CAN-2] */
export const refundsForAll = (
  charges: readonly RefundableCharge[],
  termStartedAt: Date,
  now: Date,
): SeatRefund[] =>
  refundsForSeats(
    charges,
    charges.reduce((sum, { quantity, returned }) => sum + quantity - returned, 0),
    termStartedAt,
    now,
  );
