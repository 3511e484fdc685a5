import {
  DomainError,
  freeSeats,
  money,
  monthsOf,
  operationInProgress,
  requireSeats,
  type Money,
  type Origin,
  type OutcomeReason,
  type SeatCounts,
  type SubscriptionStatus,
  type Term,
} from '@commissary/domain';
import { requireUnlocked } from './lock.policy.js';

/** What a subscription must tell for the rules about moves and cancellations. */
export interface SubscriptionFacts {
  id: string;
  origin: Origin;
  status: SubscriptionStatus;
  /** The lock: the one operation that may change it now. */
  operationId: string | null;
  seats: SeatCounts;
}

/** Both of the caller's tenant: a foreign one is `not_found` before any rule is asked. */
export interface MoveFacts {
  source: SubscriptionFacts;
  target: SubscriptionFacts;
}

/**
 * Whether users may be moved at all, seats aside; so does the dry run ask. [MOV-1, MOV-2, MOV-6]
 * Throws `invalid_request` (the same subscription twice), `operation_in_progress` (a lock on either, or a source
 * whose seats are promised to another move) and `illegal_state`. Locks come before states, for an operation that
 * runs is why a state may have changed under the caller, who is told its URL.
 */
export const requireMovable = ({ source, target }: MoveFacts): void => {
  if (source.id === target.id) throw sameSubscription();
  requireUnlocked(source);
  if (target.operationId !== null) throw operationInProgress(target.operationId);
  if (source.origin !== 'selfService') {
    throw illegal(source.status, 'Only users of a self-service subscription can be moved.');
  }
  if (source.status !== 'active' && source.status !== 'expired') {
    throw illegal(source.status, `Users of a subscription that is ${source.status} cannot be moved.`);
  }
  if (target.status !== 'active') {
    throw illegal(target.status, `Users cannot be moved to a subscription that is ${target.status}.`);
  }
};

/**
 * The whole verdict on a move that needs `seatsNeeded` seats of the target. [MOV-1, MOV-2, MOV-6]
 * Throws what `requireMovable` throws, and `seats_short` with the shortfall.
 */
export const checkMove = (facts: MoveFacts, seatsNeeded: number): void => {
  requireMovable(facts);
  requireSeats(facts.target.seats, seatsNeeded);
};

/** Unit price of one seat for one term; a trial's is zero and has no term. */
export interface SeatPrice {
  unitPrice: Money;
  term: Term | null;
}

/**
 * What `users` seats cost more (or less: negative) by the month on the target, each by its own channel's price. [MOV-7]
 * Whole minor units, worked out on the product and rounded toward zero; null where the currencies differ.
 */
export const priceDifferencePerMonth = (
  users: number,
  source: SeatPrice,
  target: SeatPrice,
): Money | null => {
  const { currency } = target.unitPrice;
  if (source.unitPrice.currency !== currency) return null;
  const yearly = (price: SeatPrice): bigint =>
    BigInt(price.unitPrice.amountMinor) * BigInt(12 / monthsOf(price.term ?? 'P1M'));
  return money(Number((BigInt(users) * (yearly(target) - yearly(source))) / 12n), currency);
};

export interface PreviewFacts {
  /** Licenses of the source. */
  total: number;
  /** Of them, users who hold the target's product by another subscription. */
  alreadyLicensed: number;
  /** Of them, users who will not be moved, by reason. */
  skipped: readonly { reason: OutcomeReason; count: number }[];
  targetSeats: SeatCounts;
  sourcePrice: SeatPrice;
  targetPrice: SeatPrice;
  /** What a cancellation of the source would give back now, over all its charges; null if it was never charged. */
  refund: Money | null;
}

export interface MovePreview {
  total: number;
  toMove: number;
  alreadyLicensed: number;
  skipped: { reason: OutcomeReason; count: number }[];
  seatsNeeded: number;
  seatsFree: number;
  shortfall: number;
  refund: Money | null;
  priceDifferencePerMonth: Money | null;
}

/**
 * The answer of the dry run; the move itself needs `seatsNeeded` of it. [MOV-7]
 * The price difference counts the users who take a seat of the target.
 */
export const previewOf = (facts: PreviewFacts): MovePreview => {
  const skipped = facts.skipped.filter(({ count }) => count > 0);
  const toMove = facts.total - facts.alreadyLicensed - skipped.reduce((sum, { count }) => sum + count, 0);
  const seatsFree = freeSeats(facts.targetSeats);
  return {
    total: facts.total,
    toMove,
    alreadyLicensed: facts.alreadyLicensed,
    skipped,
    seatsNeeded: toMove,
    seatsFree,
    shortfall: Math.max(0, toMove - seatsFree),
    refund: facts.refund,
    priceDifferencePerMonth: priceDifferencePerMonth(toMove, facts.sourcePrice, facts.targetPrice),
  };
};

const sameSubscription = (): DomainError =>
  new DomainError('invalid_request', 'Users are moved to another subscription.', {
    errors: [
      {
        pointer: '/targetSubscriptionId',
        rule: 'different_subscription',
        detail: 'Must not be the subscription the users are moved from.',
      },
    ],
  });

const illegal = (state: SubscriptionStatus, detail: string): DomainError =>
  new DomainError('illegal_state', detail, { state });
