import type { CancelReason, Money, SubscriptionStatus } from '@commissary/domain';

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
