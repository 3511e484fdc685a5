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

/** How long a quote binds. [BUY-2] */
export const QUOTE_MINUTES = 30;

/** Days after start or renewal in which a cancellation refunds what is left. [OWN-5] */
export const REFUND_DAYS = 7;
