import type {
  Channel,
  DeclineCode,
  ErrorCode,
  InvoiceStatus,
  LedgerEntry,
  Money,
  Offer,
  OrderKind,
  OrderStatus,
  PaymentStatus,
  Period,
  Term,
} from '@commissary/domain';

export interface PaymentMethodDocument {
  _id: string;
  tenantId: string;
  userId: string;
  brand: string;
  last4: string;
  /** End of the card's last month. */
  expiresAt: Date;
  /** The provider's name for the card; the card itself is never here. */
  providerMethodId: string;
  createdAt: Date;
  /** Its last purchase: written, so that a purchase and a removal cannot miss each other. */
  usedAt?: Date;
  removedAt: Date | null;
}

export interface QuoteDocument {
  _id: string;
  tenantId: string;
  userId: string;
  productId: string;
  productName: string;
  offer: Offer;
  /** Seats that are paid for. */
  quantity: number;
  term: Term | null;
  unitPrice: Money;
  total: Money;
  renewsAt: Date | null;
  /** More seats of a subscription that is there already: which, and how many it will have. [OWN-2] */
  seatChange: { subscriptionId: string; seats: number } | null;
  createdAt: Date;
  expiresAt: Date;
  /** The purchase that holds it; a decline or rejection sets it back to null. */
  operationId: string | null;
}

export interface OrderDocument {
  _id: string;
  tenantId: string;
  /** The purchaser, or the admin who recorded a central order. */
  userId: string;
  kind: OrderKind;
  operationId: string | null;
  quoteId: string | null;
  subscriptionId: string;
  productId: string;
  productName: string;
  channel: Channel;
  offer: Offer;
  quantity: number;
  term: Term | null;
  unitPrice: Money;
  total: Money;
  /** What it pays for, from the moment it is settled; null for a trial and what a contract pays. */
  period: Period | null;
  status: OrderStatus;
  failure: ErrorCode | null;
  createdAt: Date;
  settledAt: Date | null;
}

export interface RefundRecord {
  id: string;
  /** The operation that gave it back. */
  operationId: string;
  idempotencyKey: string;
  amount: Money;
  /** Seats of the order that it takes back. */
  seats: number;
  status: 'pending' | 'succeeded';
  createdAt: Date;
  settledAt: Date | null;
}

/**
 * One attempt to charge an order, under one idempotency key for good. An order has one at a time: another follows only after a
 * decline, so that it can be charged once at most. [BUY-6, BUY-9]
 */
export interface PaymentDocument {
  _id: string;
  tenantId: string;
  orderId: string;
  operationId: string;
  paymentMethodId: string;
  amount: Money;
  idempotencyKey: string;
  status: PaymentStatus;
  chargeId: string | null;
  declineCode: DeclineCode | null;
  /** Calls of the provider that were about to be made; the first is counted before it is made. */
  attempts: number;
  /** When an unknown outcome is asked for again. */
  nextCheckAt: Date | null;
  refunds: RefundRecord[];
  createdAt: Date;
  settledAt: Date | null;
}

export interface InvoiceDocument {
  _id: string;
  tenantId: string;
  userId: string;
  orderId: string;
  subscriptionId: string;
  lines: { description: string; quantity: number; unitPrice: Money; amount: Money }[];
  total: Money;
  status: InvoiceStatus;
  issuedAt: Date;
  paidAt: Date | null;
}

/** One balanced transaction of the append-only ledger. */
export interface LedgerDocument {
  _id: string;
  tenantId: string;
  kind: 'invoice' | 'charge' | 'refund' | 'creditNote';
  orderId: string;
  entries: LedgerEntry[];
  at: Date;
}
