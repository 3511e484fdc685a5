import type { OperationView } from '@commissary/contracts';

type OperationStatus = OperationView['status'];

export interface AcceptedPurchase {
  quantity: number;
  purchaserId: string;
  productId: string;
  /** What the quote said, minor units; zero for a trial. */
  amountMinor: number;
}

export interface AcceptedMove {
  source: string;
  target: string;
  /** Of a big one: how many users it had to deal with; each was moved, or had been deleted. */
  users?: number;
}

/** A request that was answered 202, and how it may end. */
export interface AcceptedOperation {
  id: string;
  tenant: string;
  what: string;
  mayEnd: readonly OperationStatus[];
  /** Codes of `error` that are in order where it was rejected, or failed. */
  mayBeRejectedWith: readonly string[];
  purchase?: AcceptedPurchase;
  move?: AcceptedMove;
  cancellation?: { subscriptionId: string };
}

/** A purchase that was answered 4xx: its quote must not have been used. */
export interface RefusedPurchase {
  quoteId: string;
  code: string;
}

export interface CentralSubscription {
  id: string;
  tenant: string;
  productId: string;
  quantity: number;
}

/** "This user was given a seat of this subscription", until it is taken back. */
export interface Seat {
  userId: string;
  subscriptionId: string;
}

export type PersonState = 'active' | 'disabled' | 'deleted';

export const seatKey = ({ userId, subscriptionId }: Seat): string => `${userId} ${subscriptionId}`;

/**
 * What the gateway has answered so far, and nothing else: 2xx has to be there in the end, what was refused must not be. Where a
 * caller lost the right to ask again before an answer came, either may be: that is kept apart as doubtful.
 */
export class Model {
  readonly operations: AcceptedOperation[] = [];
  readonly refusedPurchases: RefusedPurchase[] = [];
  readonly central: CentralSubscription[] = [];
  /** The policy each tenant's admin set last, by `tenant productId`. */
  readonly policies = new Map<string, string>();
  /** Accounts that were made or changed. */
  readonly people = new Map<string, PersonState>();
  /** Who takes part in requests that overlap: which of two came first is not known, that they hold one seat of a product is. */
  readonly rivals = new Set<string>();
  readonly refusals: Record<string, number> = {};
  /** What was seen on the way to be other than it must be, in words. */
  readonly differences: string[] = [];
  readonly doubtfulSeats = new Set<string>();
  /** Quotes and subscriptions that an operation nobody was told of may be about. */
  readonly doubtful = new Set<string>();
  private readonly seats = new Map<string, Seat>();

  accepted(operation: AcceptedOperation): void {
    this.operations.push(operation);
  }

  refused(code: string | null): void {
    const name = code ?? 'unknown';
    this.refusals[name] = (this.refusals[name] ?? 0) + 1;
  }

  seatGiven(seat: Seat): void {
    this.seats.set(seatKey(seat), seat);
  }

  /** Where it may have come to the subscription by a move, its beginning is in doubt. */
  seatTaken(seat: Seat): void {
    this.seats.delete(seatKey(seat));
    for (const { move } of this.operations) {
      if (move?.target !== seat.subscriptionId) continue;
      const earlier = { userId: seat.userId, subscriptionId: move.source };
      if (this.seats.has(seatKey(earlier))) this.seatDoubtful(earlier);
      this.seatTaken(earlier);
    }
  }

  /** A central seat took the place of any self-service one of its product. [ADM-6] */
  seatSwitched(seat: Seat, ofSameProduct: ReadonlySet<string>): void {
    for (const subscriptionId of ofSameProduct) this.seatTaken({ userId: seat.userId, subscriptionId });
    this.seatGiven(seat);
  }

  /** The answer was lost, and cannot be had any more. */
  seatDoubtful(seat: Seat): void {
    this.doubtfulSeats.add(seatKey(seat));
  }

  seatsGiven(): Seat[] {
    return [...this.seats.values()];
  }
}
