import type { Lifecycle, Money, Origin, Reservation, SubscriptionStatus, Term } from '@commissary/domain';

export interface SubscriptionDocument {
  _id: string;
  tenantId: string;
  productId: string;
  productName: string;
  origin: Origin;
  status: SubscriptionStatus;
  isTrial: boolean;
  purchaserId: string | null;
  /** Lower-case anchors for the `q` filter: product, purchaser's name and e-mail. */
  searchKeys: string[];
  seats: { purchased: number; assigned: number; reservations: Reservation[] };
  unitPrice: Money;
  purchasePrice: Money;
  term: Term | null;
  startedAt: Date;
  /** Start of the term that runs: the day of start or of the last renewal. */
  termStartedAt: Date;
  expiresAt: Date;
  renewsAt: Date | null;
  autoRenew: boolean;
  paymentMethodId: string | null;
  /** Reminders, renewals, dunning and the way to its end. [BUY-9, SUB-3] */
  lifecycle: Lifecycle;
  /** The lock: the one operation that may change it now. [MOV-6] */
  operationId: string | null;
  history: { status: SubscriptionStatus; at: Date }[];
  /** Raised by every change but those of its seat counter. */
  version: number;
}

export interface LicenseDocument {
  _id: string;
  tenantId: string;
  subscriptionId: string;
  productId: string;
  userId: string;
  assignedAt: Date;
  assignedBy: string;
  /**
   * Set instead of removing the license when its user is deleted while an operation holds the subscription: the operation then
   * skips and removes it, and the two cannot miss each other, for both write this document. [MOV-4]
   */
  userDeletedAt?: Date;
}
