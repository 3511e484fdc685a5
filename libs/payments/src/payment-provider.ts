import type { DeclineCode, Money } from '@commissary/domain';

/** The provider's name for a card that it keeps; all that Commissary ever stores of it. */
export interface RegisteredMethod {
  kind: 'registered';
  providerMethodId: string;
  brand: string;
  last4: string;
  /** End of the card's last month. */
  expiresAt: Date;
}

export interface RefusedMethod {
  kind: 'refused';
  reason: 'card_expired' | 'card_declined' | 'token_unknown';
}

export interface ChargeRequest {
  /** The same for every attempt to charge one order, for good. */
  idempotencyKey: string;
  providerMethodId: string;
  orderId: string;
  amount: Money;
}

export interface ChargeSucceeded {
  kind: 'succeeded';
  chargeId: string;
}

export interface ChargeDeclined {
  kind: 'declined';
  code: DeclineCode;
  /** Another day, or after another step, the card may do. */
  soft: boolean;
}

/** Asked, and no answer that can be relied on came: it may have happened or not. */
export interface Unknown {
  kind: 'unknown';
  why: 'timeout' | 'connection' | 'server_error' | 'unreadable' | 'pending';
}

/** Where a charge was asked for: not every provider finds one by its key alone. */
export interface ChargePlace {
  /** That of the charge, whatever card is used by now. */
  providerMethodId: string;
  /** When its key was made, at the latest; spares looking at older charges of the card. */
  since?: Date;
}

/** Nothing was charged under the key so far; a charge under way may still arrive. */
export interface NoCharge {
  kind: 'none';
}

export interface RefundRequest {
  idempotencyKey: string;
  chargeId: string;
  amount: Money;
}

export interface RefundSucceeded {
  kind: 'succeeded';
  refundId: string;
}

export type MethodOutcome = RegisteredMethod | RefusedMethod;
export type ChargeOutcome = ChargeSucceeded | ChargeDeclined | Unknown;
export type FoundCharge = ChargeOutcome | NoCharge;
export type RefundOutcome = RefundSucceeded | Unknown;

/**
 * A card provider. [EXT-6] Money is in minor units. Calls with an idempotency key may be made again with the same key and the
 * same request, and have one effect; after an `unknown` ask `findByKey`, then charge again under the same key. [BUY-6]
 * All but `registerMethod` throw `ProviderRefusedError` where the provider calls the request itself wrong: nothing happened.
 */
export interface PaymentProvider {
  readonly name: string;
  /**
   * Throws `DomainError` `unavailable` when the provider cannot be reached. The token goes nowhere else. `ownerId`, the user's id:
   * the same token from another user is another request.
   */
  registerMethod(token: string, ownerId?: string): Promise<MethodOutcome>;
  charge(request: ChargeRequest): Promise<ChargeOutcome>;
  findByKey(idempotencyKey: string, place: ChargePlace): Promise<FoundCharge>;
  refund(request: RefundRequest): Promise<RefundOutcome>;
}

/** The provider understood and refused the request (4xx): a fault of ours, which no repetition mends. */
export class ProviderRefusedError extends Error {
  override readonly name = 'ProviderRefusedError';
  constructor(
    readonly status: number,
    /** The provider's own error code. */
    readonly code: string,
  ) {
    super(`the payment provider refused the request: ${status} ${code}`);
  }
}
