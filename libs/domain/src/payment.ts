/** `unknown`: asked, and no answer came; queried by its key until known, never charged under another. [BUY-6] */
export const PAYMENT_STATUSES = ['pending', 'unknown', 'succeeded', 'declined', 'abandoned'] as const;
export type PaymentStatus = (typeof PAYMENT_STATUSES)[number];

export const DECLINE_CODES = [
  'card_declined',
  'insufficient_funds',
  'card_expired',
  'authentication_required',
] as const;
export type DeclineCode = (typeof DECLINE_CODES)[number];

export const ORDER_STATUSES = ['pending', 'paid', 'failed', 'free', 'recorded'] as const;
/** `free`: a cardless trial; `recorded`: a central order at contract price, not charged by card. */
export type OrderStatus = (typeof ORDER_STATUSES)[number];

/** `open`: a renewal that waits to be paid; `void`: it never will be. [OWN-4] */
export const INVOICE_STATUSES = ['open', 'paid', 'void'] as const;
export type InvoiceStatus = (typeof INVOICE_STATUSES)[number];

/** What an order is for: a subscription of its own, more seats of one, its next term. */
export const ORDER_KINDS = ['purchase', 'seatChange', 'renewal'] as const;
export type OrderKind = (typeof ORDER_KINDS)[number];

/** How long a quote binds. [BUY-2] */
export const QUOTE_MINUTES = 30;

/** Days after start or renewal in which a cancellation refunds what is left. [OWN-5] */
export const REFUND_DAYS = 7;
