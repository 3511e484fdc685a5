import type { Money } from './money.js';
import { freeSeats, type SeatCounts, type SubscriptionStatus } from './subscription.js';
import { addDays, addTerms, type Term } from './term.js';

/** Days that a subscription which was not renewed can still be used. [SUB-3] */
export const EXPIRED_DAYS = 30;
/** Days, after these, in which it is locked and can still be paid. [SUB-3] */
export const DISABLED_DAYS = 90;
/** Days before the end of a term at which its purchaser is reminded. [BUY-9] */
export const REMINDER_DAYS = 7;
/** Days between the announcement of a higher price and its first charge, at least. [BUY-9] */
export const RISE_NOTICE_DAYS = 30;
/** Days before the end of a term at which a higher price is looked for: one more, lest a late scheduler miss the notice. */
const RISE_LOOK_DAYS = RISE_NOTICE_DAYS + 1;
/** A renewal is tried so often, over so many days, while the card is declined softly. [BUY-9] */
export const DUNNING = { tries: 8, days: 14 } as const;

/** A renewal that was asked for and is not paid: its order and its open bill. */
export interface UnpaidRenewal {
  orderId: string;
  invoiceId: string;
  tries: number;
  firstTriedAt: Date;
  /** Null once nobody will try by himself: the card was declined for good, or too often. */
  nextTryAt: Date | null;
}

/** What a subscription's future depends on, beside its status and its term. */
export interface Lifecycle {
  /** When the scheduler must look at it next; null when nothing will ever be due. */
  dueAt: Date | null;
  /** Terms are counted from here, so that the 31st of a month comes back after a February. */
  anchorAt: Date;
  /** Terms since the anchor, the running one included. */
  terms: number;
  /** Seats from the next renewal on, where these are to be fewer. [OWN-2] */
  seatsAtRenewal: number | null;
  /** The end of the term of which the purchaser was reminded last. */
  remindedOf: Date | null;
  /** The end of the term for which a higher price was looked for last. */
  pricedFor: Date | null;
  /** A higher price that the purchaser was told of. */
  rise: { unitPrice: Money; announcedAt: Date } | null;
  unpaid: UnpaidRenewal | null;
}

/** The facts that say what is due. */
export interface LifecycleFacts {
  status: SubscriptionStatus;
  isTrial: boolean;
  autoRenew: boolean;
  expiresAt: Date;
  history: readonly { status: SubscriptionStatus; at: Date }[];
  lifecycle: Omit<Lifecycle, 'dueAt'>;
}

export type LifecycleStep = 'announceRise' | 'remind' | 'renew' | 'expire' | 'disable' | 'delete';

/** Everything that will be due if nothing changes, the most urgent first: what comes later makes the earlier needless. [BUY-9, SUB-3] */
const stepsOf = (facts: LifecycleFacts): { step: LifecycleStep; at: Date }[] => {
  const { status, autoRenew, expiresAt, isTrial, lifecycle } = facts;
  const since = facts.history.at(-1)?.at ?? expiresAt;
  if (status === 'deleted') return [];
  if (status !== 'active') {
    // Renewal was turned on again after the end: it is paid for by the card that is known, which may need its tries.
    const tryAt = lifecycle.unpaid ? lifecycle.unpaid.nextTryAt : since;
    if (autoRenew && tryAt) return [{ step: 'renew', at: tryAt }];
    return status === 'expired'
      ? [{ step: 'disable', at: addDays(since, EXPIRED_DAYS) }]
      : [{ step: 'delete', at: addDays(since, DISABLED_DAYS) }];
  }
  if (lifecycle.unpaid) {
    const { nextTryAt } = lifecycle.unpaid;
    return [autoRenew && nextTryAt ? { step: 'renew', at: nextTryAt } : { step: 'expire', at: expiresAt }];
  }
  const reminded = lifecycle.remindedOf?.getTime() === expiresAt.getTime();
  const priced = lifecycle.pricedFor?.getTime() === expiresAt.getTime();
  return [
    { step: autoRenew ? ('renew' as const) : ('expire' as const), at: expiresAt },
    ...((autoRenew || isTrial) && !reminded
      ? [{ step: 'remind' as const, at: addDays(expiresAt, -REMINDER_DAYS) }]
      : []),
    ...(autoRenew && !priced
      ? [{ step: 'announceRise' as const, at: addDays(expiresAt, -RISE_LOOK_DAYS) }]
      : []),
  ];
};

/** When something is due next, which may be past; null for what is deleted. */
export const nextDueAt = (facts: LifecycleFacts): Date | null => {
  const times = stepsOf(facts).map(({ at }) => at.getTime());
  return times.length === 0 ? null : new Date(Math.min(...times));
};

/** What is to be done now, one step at a time; null if nothing is. */
export const stepDue = (facts: LifecycleFacts, now: Date): LifecycleStep | null =>
  stepsOf(facts).find(({ at }) => at <= now)?.step ?? null;

/** What a subscription that starts now begins with; it is the same for whatever began it. [SUB-1] */
export interface NewLife extends LifecycleFacts {
  startedAt: Date;
  /** Start of the term that runs. */
  termStartedAt: Date;
  renewsAt: Date | null;
  history: { status: SubscriptionStatus; at: Date }[];
  lifecycle: Lifecycle;
}

export const newLife = (
  term: { isTrial: boolean; autoRenew: boolean; expiresAt: Date },
  startedAt: Date,
): NewLife => {
  const life = {
    ...term,
    status: 'active' as const,
    history: [{ status: 'active' as const, at: startedAt }],
  };
  const lifecycle = {
    anchorAt: startedAt,
    terms: 1,
    seatsAtRenewal: null,
    remindedOf: null,
    pricedFor: null,
    rise: null,
    unpaid: null,
  };
  return {
    ...life,
    startedAt,
    termStartedAt: startedAt,
    renewsAt: term.autoRenew ? term.expiresAt : null,
    lifecycle: { dueAt: nextDueAt({ ...life, lifecycle }), ...lifecycle },
  };
};

export interface Period {
  start: Date;
  end: Date;
}

/**
 * The term that a renewal pays for, and from where terms are counted then. While users could work it follows the old one, however
 * late it is paid; after they were locked out it starts with the payment. [BUY-9, SUB-3]
 */
export const renewedTerm = (
  facts: Pick<LifecycleFacts, 'status' | 'expiresAt'> & {
    lifecycle: Pick<Lifecycle, 'anchorAt' | 'terms'>;
  },
  term: Term,
  now: Date,
): Period & Pick<Lifecycle, 'anchorAt' | 'terms'> => {
  if (facts.status === 'disabled') {
    return { start: now, end: addTerms(now, term, 1), anchorAt: now, terms: 1 };
  }
  const { anchorAt, terms } = facts.lifecycle;
  return { start: facts.expiresAt, end: addTerms(anchorAt, term, terms + 1), anchorAt, terms: terms + 1 };
};

/**
 * When a renewal declined at `now` is tried again: evenly over the days, never after a hard decline. Tries that an outage missed
 * follow a day apart, not at once. [BUY-9]
 */
export const nextTryAt = (
  { tries, firstTriedAt }: Pick<UnpaidRenewal, 'tries' | 'firstTriedAt'>,
  soft: boolean,
  now: Date,
): Date | null => {
  if (!soft || tries >= DUNNING.tries) return null;
  const evenly = addDays(firstTriedAt, (DUNNING.days / (DUNNING.tries - 1)) * tries);
  const soonest = addDays(now, 1);
  return evenly > soonest ? evenly : soonest;
};

/**
 * Seats that a renewal pays for: fewer if that was asked for, but never less than are assigned or promised, nor more than there are
 * (some may have been given back since). [OWN-2]
 */
export const seatsToRenew = (seats: SeatCounts, seatsAtRenewal: number | null): number => {
  const taken = seats.purchased - freeSeats(seats);
  return Math.min(seats.purchased, Math.max(seatsAtRenewal ?? seats.purchased, taken));
};

/** A price that the purchaser has to be told of before it is charged: higher, or in another currency. [BUY-9] */
export const isRise = (current: Money, next: Money): boolean =>
  next.currency !== current.currency || next.amountMinor > current.amountMinor;

/**
 * What a seat costs from a renewal on: the price in force, a higher one only once it was announced in time. A product that is sold
 * no more is renewed at the price it had (`inForce` null). [BUY-9]
 */
export const renewalPrice = (
  { current, inForce, rise }: { current: Money; inForce: Money | null; rise: Lifecycle['rise'] },
  now: Date,
): Money => {
  if (inForce === null) return current;
  if (!isRise(current, inForce)) return inForce;
  const announced =
    rise !== null && addDays(rise.announcedAt, RISE_NOTICE_DAYS) <= now && !isRise(rise.unitPrice, inForce);
  return announced ? inForce : current;
};
