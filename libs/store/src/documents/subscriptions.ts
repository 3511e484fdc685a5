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
  /** What the filter `q` may begin with: product's name, purchaser's e-mail and name, words of names; folded. */
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

/**
 * A license that a deleted user left to the operation that holds its subscription; gone with the license. [MOV-4]
 * Not an index of the licenses: in a transaction MongoDB 6 parses all of a collection's indexes anew for each document and each
 * index that it writes, which was a sixth of what a move costs.
 */
export interface LeftLicenseDocument {
  /** The license's id. */
  _id: string;
  tenantId: string;
  subscriptionId: string;
  userId: string;
}
