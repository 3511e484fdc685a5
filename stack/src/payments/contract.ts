/**
 * The HTTP contract of the payment simulator, a card provider for development: what `libs/payments` speaks.
 *
 * All bodies are JSON. Errors are `{"error": {"code", "message"}}` with the codes of `ProviderErrorCode`.
 * Money is integer minor units with an ISO 4217 currency. Times are RFC 3339 in UTC.
 *
 * POST /payment-methods {token}                                            -> 200 PaymentMethod
 *      402 `card_expired` (tok_expired), 400 `token_unknown`
 * GET  /payment-methods/{id}                                               -> 200 PaymentMethod | 404 `payment_method_unknown`
 *
 * POST /charges  Idempotency-Key  {paymentMethodId, orderId, amountMinor, currency} -> 200 Charge
 *      A decline is an answer as well: 200 with `status: "declined"`, `declineCode` and `declineReason`.
 *      404 `payment_method_unknown`, 503 `unavailable` (nothing charged), 500 `internal` (nothing charged)
 * GET  /charges?orderId=&idempotencyKey=&after=&limit=                     -> 200 {items: Charge[], nextCursor}
 *      Oldest first. `limit` 1-1000, 1000 unless given; `after` is the `nextCursor` of the page before.
 *      An empty list for a key says: nothing was charged under it *so far* (see `late`).
 *
 * POST /refunds  Idempotency-Key  {chargeId, amountMinor}                  -> 200 Refund
 *      404 `charge_unknown`, 409 `refund_exceeds_charge` (also: the charge was declined)
 * GET  /refunds?chargeId=&idempotencyKey=                                  -> 200 {items: Refund[]}
 *
 * PUT  /faults {mode, count?, delayMs?}                                    -> 200 Faults
 * GET  /faults                                                             -> 200 Faults
 * GET  /healthz                                                            -> 200 {status: "ok"}
 *
 * Idempotency keys (1-255 visible ASCII) are kept for ever, charges and refunds apart:
 * - same key, same body: the same answer again, declines included, faults or not; a call still under way is joined;
 * - same key, other body: 422 `idempotency_key_reused`; no key: 400 `idempotency_key_missing`;
 * - errors (4xx, 5xx) are not remembered: the key stays free.
 * So after a lost answer: GET /charges?idempotencyKey=, then POST again with the same key, never with a fresh one.
 *
 * What is answered with 200 was fsynced to the journal before; the simulator may be killed at any moment.
 *
 * Card tokens: tok_visa, tok_mastercard: succeed. tok_chargeDeclined: declined `hard` `card_declined`.
 * tok_insufficientFunds: declined `soft` `insufficient_funds`. tok_sca: declined `soft` `authentication_required`.
 * tok_expired: 402 when added. tok_timeoutThenOk: the first charge of the payment method is made, its answer never
 * comes (the connection is held until the client hangs up); asked again with its key it answers at once.
 * tok_unavailableThenOk: the first two requests to charge the payment method get 503, then it succeeds.
 *
 * Faults touch new charges only (never a key that is known already), `count` of them or all until `none`:
 * timeoutBefore: nothing charged, the connection is held; timeoutAfter: charged, the connection is held;
 * late: charged and answered `delayMs` from now (1,000 unless given), whether or not the client has hung up;
 * http500: 500, nothing charged; dropResponse: charged, the connection is cut without an answer.
 * `met` counts, by mode, the charges that met a fault since the simulator started.
 */
import { z } from 'zod';

export const CARD_TOKENS = [
  'tok_visa',
  'tok_mastercard',
  'tok_chargeDeclined',
  'tok_insufficientFunds',
  'tok_expired',
  'tok_timeoutThenOk',
  'tok_unavailableThenOk',
  'tok_sca',
] as const;
export type CardToken = (typeof CARD_TOKENS)[number];

/** Body of `POST /payment-methods`; any string is accepted here, unknown tokens answer `token_unknown`. */
export const addPaymentMethodRequest = z.strictObject({ token: z.string().min(1).max(255) });

/** Body of `POST /charges`; `amountMinor` is in minor units of `currency` (ISO 4217). */
export const createChargeRequest = z.strictObject({
  paymentMethodId: z.string().min(1).max(255),
  orderId: z.string().min(1).max(255),
  amountMinor: z.int().positive(),
  currency: z.string().regex(/^[A-Z]{3}$/),
});
export type CreateChargeRequest = z.infer<typeof createChargeRequest>;

/** Body of `POST /refunds`; `amountMinor` is in minor units of the charge's currency. */
export const createRefundRequest = z.strictObject({
  chargeId: z.string().min(1).max(255),
  amountMinor: z.int().positive(),
});
export type CreateRefundRequest = z.infer<typeof createRefundRequest>;

export const FAULT_MODES = [
  'none',
  'timeoutBefore',
  'timeoutAfter',
  'late',
  'http500',
  'dropResponse',
] as const;

/** Body of `PUT /faults`; without `count` the fault stays until the next `PUT`. */
export const faultsRequest = z.strictObject({
  mode: z.enum(FAULT_MODES),
  count: z.int().positive().optional(),
  delayMs: z.int().nonnegative().max(600_000).optional(),
});
export type FaultsRequest = z.infer<typeof faultsRequest>;
export type FaultMode = FaultsRequest['mode'];

/** The fault that is switched on, and how many charges met which since the start. */
export type FaultsAnswer = FaultsRequest & { met: Partial<Record<FaultMode, number>> };

export interface PaymentMethod {
  id: string;
  brand: 'visa' | 'mastercard';
  last4: string;
  /** Last instant of the card's last month. */
  expiresAt: string;
}

/** `hard`: the card will never do; `soft`: another day or after another step it may. */
export type DeclineCode = 'hard' | 'soft';
export type DeclineReason = 'card_declined' | 'insufficient_funds' | 'authentication_required';

export interface Charge {
  id: string;
  idempotencyKey: string;
  paymentMethodId: string;
  orderId: string;
  amountMinor: number;
  currency: string;
  status: 'succeeded' | 'declined';
  declineCode: DeclineCode | null;
  declineReason: DeclineReason | null;
  /** Sum of the refunds so far, never above `amountMinor`. */
  refundedMinor: number;
  createdAt: string;
}

export interface Refund {
  id: string;
  idempotencyKey: string;
  chargeId: string;
  orderId: string;
  amountMinor: number;
  currency: string;
  createdAt: string;
}

export type ProviderErrorCode =
  | 'invalid_request'
  | 'idempotency_key_missing'
  | 'idempotency_key_reused'
  | 'token_unknown'
  | 'card_expired'
  | 'payment_method_unknown'
  | 'charge_unknown'
  | 'refund_exceeds_charge'
  | 'not_found'
  | 'unavailable'
  | 'internal';
