import type { Origin } from '@commissary/domain';
import type { SeatEntry, SeatWork } from './seat-history.js';

/** What of a subscription decides where a seat can go; none of it ever changes. */
export interface SubscriptionFacts {
  productId: string;
  origin: Origin;
  isTrial: boolean;
}

export type FactsOf = (subscriptionId: string) => SubscriptionFacts | undefined;

/** The seats of one person: the subscription by product, for nobody holds two seats of a product. */
export interface Seats {
  isDeleted: boolean;
  byProduct: ReadonlyMap<string, string>;
}

export const NO_SEATS: Seats = { isDeleted: false, byProduct: new Map() };

/** Answers that neither change seats nor tell of any. */
const SAYS_NOTHING: ReadonlySet<string> = new Set([
  'noFreeSeat',
  'noSuchUser',
  'userInactive',
  'guestNotAllowed',
  'skipped',
]);

/** Whether an entry changes seats, or is possible with some seats only. */
export const isAboutSeats = ({ work, answer }: SeatEntry): boolean =>
  work.kind !== 'suspension' &&
  work.kind !== 'return' &&
  (answer === null || !(SAYS_NOTHING.has(answer) || answer.startsWith('refused')));

/** The seats after an entry; null if this answer cannot be given to a person with these seats. */
export const seatsAfter = (seats: Seats, { work, answer }: SeatEntry, factsOf: FactsOf): Seats | null => {
  switch (work.kind) {
    case 'deletion':
      return { isDeleted: true, byProduct: new Map() };
    case 'assign':
      return afterAssignment(seats, work.subscriptionId, answer, factsOf);
    case 'remove':
      return afterRemoval(seats, work.subscriptionId, answer, factsOf);
    case 'purchase':
      return afterPurchase(seats, work.subscriptionId, answer, factsOf);
    case 'move':
    case 'cancellation':
      return afterTakeover(seats, work, answer, factsOf);
    case 'suspension':
    case 'return':
      return seats;
  }
};

const holding = (
  { isDeleted, byProduct }: Seats,
  productId: string,
  subscriptionId: string | null,
): Seats => {
  const changed = new Map(byProduct);
  if (subscriptionId === null) changed.delete(productId);
  else changed.set(productId, subscriptionId);
  return { isDeleted, byProduct: changed };
};

/** Without an answer, whichever of the two ways to get the seat was possible. [OWN-3, ADM-6] */
const afterAssignment = (
  seats: Seats,
  target: string,
  answer: string | null,
  factsOf: FactsOf,
): Seats | null => {
  const facts = factsOf(target);
  if (!facts) return null;
  const held = seats.byProduct.get(facts.productId);
  if (answer === 'alreadyLicensed') return held === undefined ? null : seats;
  const canSwitch =
    held !== undefined && facts.origin === 'central' && factsOf(held)?.origin === 'selfService';
  const isPossible = (answer !== 'switched' && held === undefined) || (answer !== 'assigned' && canSwitch);
  return isPossible && !seats.isDeleted ? holding(seats, facts.productId, target) : null;
};

/** [OWN-3] */
const afterRemoval = (
  seats: Seats,
  subscriptionId: string,
  answer: string | null,
  factsOf: FactsOf,
): Seats | null => {
  const productId = factsOf(subscriptionId)?.productId ?? '';
  const isHeld = seats.byProduct.get(productId) === subscriptionId;
  if (answer === 'notLicensed') return isHeld ? null : seats;
  return isHeld ? holding(seats, productId, null) : null;
};

/** The buyer gets a seat unless they hold one that they can work with, or have left. [BUY-4, BUY-10] */
const afterPurchase = (
  seats: Seats,
  subscriptionId: string,
  answer: string | null,
  factsOf: FactsOf,
): Seats | null => {
  const facts = factsOf(subscriptionId);
  if (!facts) return null;
  const held = seats.byProduct.get(facts.productId);
  if (answer === 'withoutSeat') return held !== undefined || seats.isDeleted ? seats : null;
  const givesWay = held === undefined || factsOf(held)?.isTrial === true;
  return givesWay && !seats.isDeleted ? holding(seats, facts.productId, subscriptionId) : null;
};

/** Whatever a move or a cancellation did, the person held a seat of its subscription until then. [MOV-4, CAN-2] */
const afterTakeover = (
  seats: Seats,
  work: Extract<SeatWork, { kind: 'move' | 'cancellation' }>,
  answer: string | null,
  factsOf: FactsOf,
): Seats | null => {
  const productId = factsOf(work.subscriptionId)?.productId ?? '';
  if (seats.byProduct.get(productId) !== work.subscriptionId) return null;
  if (answer === 'failed') return seats;
  const without = holding(seats, productId, null);
  if (work.kind === 'cancellation') return answer === 'accessRemoved' ? without : null;
  const target = factsOf(work.targetId);
  if (!target) return null;
  const holdsTarget = without.byProduct.has(target.productId);
  if (answer === 'alreadyLicensed') return holdsTarget ? without : null;
  return answer === 'moved' && !holdsTarget ? holding(without, target.productId, work.targetId) : null;
};
