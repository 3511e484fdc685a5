import type {
  CancelReason,
  ErrorCode,
  Money,
  OperationStatus,
  OperationStep,
  OutcomeReason,
  ProgressCounts,
  SubscriptionStatus,
  UserOutcome,
} from '@commissary/domain';
import type { QueueName } from '@commissary/contracts';

/** Ids that the run will give to what it makes are minted when it is accepted, so that a second run makes the same. */
export interface PurchaseRequest {
  quoteId: string;
  paymentMethodId: string | null;
  orderId: string;
  paymentId: string;
  subscriptionId: string;
}

export interface MoveRequest {
  targetSubscriptionId: string;
}

/** More seats, paid by the subscription's card at the price of a quote, or fewer. [OWN-2] */
export interface SeatChangeRequest {
  /** Seats wanted in all. */
  seats: number;
  /** Seats there were when it was asked; nothing else changes them meanwhile. */
  seatsBefore: number;
  effective: 'now' | 'renewal';
  /** Null for fewer seats, and for a central subscription's. */
  quoteId: string | null;
  paymentMethodId: string | null;
  orderId: string;
  paymentId: string;
}

/** The next term of a subscription. [BUY-9, OWN-4] */
export interface RenewalRequest {
  /** `due`: asked by the scheduler; `paid`: by the purchaser, who pays an open bill. */
  cause: 'due' | 'paid';
  /** The one of the attempt before, if there was one. */
  orderId: string;
  invoiceId: string;
  paymentId: string;
  paymentMethodId: string;
}

export interface CancellationRequest {
  /** `lifecycle`: nobody paid for it for so long that it ends. [SUB-3] */
  by: 'purchaser' | 'admin' | 'support' | 'lifecycle';
  reason: CancelReason | null;
  comment: string | null;
  /** The admin on whose behalf support acts. [CAN-3] */
  onBehalfOf: string | null;
}

export interface PurchaseResult {
  orderId: string;
  subscriptionId: string;
  licenseId: string | null;
  invoiceId: string | null;
  charged: Money;
}

export interface MoveResult {
  moved: number;
  alreadyLicensed: number;
  skipped: number;
  failed: number;
  sourceStatus: SubscriptionStatus;
  refunded: Money | null;
}

export interface CancellationResult {
  usersCut: number;
  refunded: Money | null;
}

export interface SeatChangeResult {
  subscriptionId: string;
  /** Seats in all, now or from the next renewal on. */
  seats: number;
  effective: 'now' | 'renewal';
  orderId: string | null;
  invoiceId: string | null;
  charged: Money | null;
  refunded: Money | null;
}

export interface RenewalResult {
  orderId: string;
  subscriptionId: string;
  invoiceId: string;
  charged: Money;
  renewsAt: string;
}

export interface OperationParts {
  purchase: { request: PurchaseRequest; result: PurchaseResult };
  move: { request: MoveRequest; result: MoveResult };
  cancellation: { request: CancellationRequest; result: CancellationResult };
  seatChange: { request: SeatChangeRequest; result: SeatChangeResult };
  renewal: { request: RenewalRequest; result: RenewalResult };
}

export interface Lease {
  until: Date;
  worker: string;
  /** Names the claim of several operations at once that it came with. */
  claim?: string;
}

/** What the second half of a move has done: users by outcome, and chunks written. */
export interface TailCounts {
  moved: number;
  alreadyLicensed: number;
  skipped: number;
  chunks: number;
}

/**
 * The second half of a move of many, which goes on beside the first: its own cursor, fence and counts, so that the two write no
 * document in common. Its counts are cumulative; the first half takes them over into the hot counters. Gone once they met.
 */
export interface MoveTailDocument extends TailCounts {
  /** The operation's id. */
  _id: string;
  tenantId: string;
  /** The run's that may write; 0 while nobody may. */
  fence: number;
  /** The last user id of the first half. */
  middle: string;
  /** The last user id dealt with; the middle one before the first. */
  cursor: string;
}

interface OperationBase {
  _id: string;
  tenantId: string;
  queue: QueueName;
  status: OperationStatus;
  subscriptionId: string | null;
  /** `tenantId` differs from the operation's for partners and support. */
  requestedBy: { userId: string; displayName: string; tenantId: string };
  /** Who answers for it while it runs, and must be allowed to: who asked for it, or the admin who resumed it. */
  authorizedBy: { userId: string; tenantId: string };
  /** Where the request came from, for the audit trail and the logs. */
  origin: { ip: string; requestId: string };
  progress: ProgressCounts & {
    /** Users who had the target's product already; part of `done`. */
    alreadyLicensed: number;
    at: Date | null;
    /** Baseline of the rate: when this run began, or the one that it goes on with, and how many users were behind it then. */
    runStartedAt: Date | null;
    runStartedWith: number;
    /** The next run's baseline: when this one was claimed; null where that one is to be measured anew. */
    claimedAt?: Date | null;
    claimedWith?: number;
  };
  /** Bulk work: the last user id dealt with. */
  cursor: string | null;
  /** Bulk work: result documents written. */
  chunks: number;
  /** A move in two halves: what the counters here and on both subscriptions have taken over of its tail. */
  tail: TailCounts | null;
  error: { code: ErrorCode; detail: string; reasons?: string[] } | null;
  lease: Lease | null;
  /** Raised by each claim; every write of a run must match it. */
  fence: number;
  /** Claims since the last step or chunk: five without one park the operation. */
  starts: number;
  /** Consecutive failures of an outside provider, and when they began. */
  providerFailures: number;
  providerFailingSince: Date | null;
  nextRunAt: Date;
  createdAt: Date;
  startedAt: Date | null;
  endedAt: Date | null;
  history: { status: OperationStatus; at: Date }[];
  /** Raised by every change a client can see; the id of its server-sent events. */
  version: number;
}

export type OperationOf<T extends keyof OperationParts> = OperationBase & {
  type: T;
  /** What has been done for good, by `OPERATION_RULES`; null before the first step. */
  step: OperationStep<T> | null;
  request: OperationParts[T]['request'];
  result: OperationParts[T]['result'] | null;
};

/** Every operation that can exist; discriminated by `type`. */
export type OperationDocument = { [T in keyof OperationParts]: OperationOf<T> }[keyof OperationParts];

/** The outcomes of one chunk of users: one document, for a row per user costs as much as the move itself. */
export interface OperationResultDocument {
  /** `{operationId}:{seq}` */
  _id: string;
  tenantId: string;
  operationId: string;
  seq: number;
  groups: { outcome: UserOutcome; reason: OutcomeReason | null; userIds: string[] }[];
  at: Date;
}
