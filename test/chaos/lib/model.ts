import type { OperationView } from '@commissary/contracts';

type OperationStatus = OperationView['status'];

/** A request that was answered 202, and how it may end. */
export interface AcceptedOperation {
  id: string;
  tenant: string;
  what: string;
  mayEnd: readonly OperationStatus[];
  /** Codes of `error` that are in order where it was rejected. */
  mayBeRejectedWith: readonly string[];
  purchase?: { quantity: number; purchaserId: string; productId: string };
  move?: { source: string; target: string };
  /** How many users the move has to have moved. */
  moved?: number;
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
  tenant: string;
  userId: string;
  subscriptionId: string;
}

const seatKey = ({ userId, subscriptionId }: Seat): string => `${userId} ${subscriptionId}`;

/** What the gateway has answered so far, and nothing else: 2xx has to be there in the end, what was refused must not be. */
export class Model {
  readonly operations: AcceptedOperation[] = [];
  readonly refusedPurchases: RefusedPurchase[] = [];
  readonly central: CentralSubscription[] = [];
  /** The policy each tenant's admin set last, by `tenant productId`. */
  readonly policies = new Map<string, string>();
  readonly refusals: Record<string, number> = {};
  readonly replayFaults: string[] = [];
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

  seatTaken(seat: Seat): void {
    this.seats.delete(seatKey(seat));
  }

  seatsGiven(): Seat[] {
    return [...this.seats.values()];
  }
}
