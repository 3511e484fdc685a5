import type { OperationView } from '@commissary/contracts';
import { SeatHistory } from './seat-history.js';

type OperationStatus = OperationView['status'];

export interface AcceptedPurchase {
  quantity: number;
  purchaserId: string;
  productId: string;
  /** The quoted price in minor units; zero for a trial. */
  amountMinor: number;
}

export interface AcceptedMove {
  source: string;
  target: string;
  /** The number of users of the big move, each of whom is moved or was deleted; absent for every other move. */
  users?: number;
}

/** More or fewer seats of a subscription. */
export interface AcceptedSeatChange {
  subscriptionId: string;
  total: number;
  effective: 'now' | 'renewal';
  /** The quoted price in minor units; zero where nothing is charged. */
  amountMinor: number;
}

/** A request that was answered 202, and how its operation may end. */
export interface AcceptedOperation {
  id: string;
  tenant: string;
  what: string;
  /** When the request was sent; nothing of it was done before. Milliseconds of the epoch. */
  askedAt: number;
  mayEnd: readonly OperationStatus[];
  /** The codes of `error` with which the operation may be rejected or fail. */
  mayBeRejectedWith: readonly string[];
  purchase?: AcceptedPurchase;
  move?: AcceptedMove;
  /** A purchaser whose term has lasted longer than the days of refund turns off its renewal instead. */
  cancellation?: { subscriptionId: string; by: 'admin' | 'purchaser' };
  seatChange?: AcceptedSeatChange;
}

/** A purchase that was answered 4xx, so that its quote must not have been used. */
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

export type PersonState = 'active' | 'disabled' | 'deleted';

/** The end of an operation as it was answered. */
export interface AnsweredEnd {
  status: OperationStatus;
  result: OperationView['result'];
  /** When the answer came. Milliseconds of the epoch. */
  at: number;
}

/** How often the runner has let a term of a subscription end. */
export interface TermsEnded {
  certain: number;
  /** The database did not say whether the times were changed. */
  doubtful: number;
}

/**
 * What the gateway has answered so far, and nothing else: what was answered 2xx has to be there in the end, and what was refused must
 * not be. Where a caller lost the right to ask again before an answer came, either may be so: that is kept apart as doubtful.
 */
export class Model {
  readonly operations: AcceptedOperation[] = [];
  readonly ends = new Map<string, AnsweredEnd>();
  readonly refusedPurchases: RefusedPurchase[] = [];
  readonly central: CentralSubscription[] = [];
  /** The policy each tenant's admin set last, by `tenant productId`. */
  readonly policies = new Map<string, string>();
  /** Accounts that were made or changed. */
  readonly people = new Map<string, PersonState>();
  readonly refusals: Record<string, number> = {};
  /** One text for each thing that was seen to be wrong during the run. */
  readonly differences: string[] = [];
  /** Quotes and subscriptions that an operation nobody was told of may be about, with the time of the first such request. */
  readonly doubtful = new Map<string, number>();
  /** Subscriptions whose seats an operation nobody was told of may have changed. */
  readonly doubtfulSeatChanges = new Set<string>();
  /** By the id of the subscription. */
  readonly termsEnded = new Map<string, TermsEnded>();
  readonly seats = new SeatHistory();

  accepted(operation: AcceptedOperation): void {
    this.operations.push(operation);
  }

  ended({ id, status, result }: OperationView, at: number): void {
    this.ends.set(id, { status, result, at });
  }

  refused(code: string | null): void {
    const name = code ?? 'unknown';
    this.refusals[name] = (this.refusals[name] ?? 0) + 1;
  }

  /** Remembers that nobody was told whether something was done, and that no request can find out. */
  inDoubt(id: string, askedAt: number): void {
    this.doubtful.set(id, Math.min(askedAt, this.doubtful.get(id) ?? Infinity));
  }

  termEnded(subscriptionId: string, isCertain: boolean): void {
    const { certain, doubtful } = this.termsEnded.get(subscriptionId) ?? { certain: 0, doubtful: 0 };
    this.termsEnded.set(subscriptionId, {
      certain: certain + Number(isCertain),
      doubtful: doubtful + Number(!isCertain),
    });
  }
}
