import { createHash } from 'node:crypto';
import type Stripe from 'stripe';
import { DomainError } from '@commissary/domain';
import { readAs } from './json-client.js';
import { type MethodOutcome, ProviderRefusedError, type RefusedMethod } from './payment-provider.js';
import { type CardAnswer, cardAnswer, customerAnswer } from './stripe-answers.js';
import { faultOf } from './stripe-faults.js';
import { encodeMethod } from './stripe-method.js';

/** A PaymentMethod that the browser made with Stripe.js, or a token of the older kind. */
const TOKEN = /^(?:pm|tok)_\w{1,200}$/;

/** Of refusals of the request: what they say of a token. Everything else is a fault of ours. */
const BAD_TOKEN = new Set([
  'invalid_request_error',
  'payment_method_invalid_parameter',
  'payment_method_not_available',
  'payment_method_unexpected_state',
  'resource_missing',
  'token_already_used',
  'token_card_network_invalid',
  'token_in_use',
]);

/** Cards, each kept at Stripe as the one PaymentMethod of a customer of its own, so that it can be charged with nobody there. */
export class StripeCards {
  constructor(private readonly stripe: Stripe) {}

  /**
   * Asks again under the same keys, made of the token and its owner, when the same token comes again: one customer, not two.
   * Throws `DomainError` `unavailable`; `ProviderRefusedError` for requests that Stripe calls wrong.
   */
  async register(token: string, ownerId?: string): Promise<MethodOutcome> {
    if (!TOKEN.test(token)) return refusedFor('token_unknown');
    const key = createHash('sha256')
      .update(JSON.stringify([ownerId ?? null, token]))
      .digest('hex');
    try {
      const paymentMethod = await this.paymentMethodOf(token, key);
      const customer = await this.stripe.customers.create(
        { payment_method: paymentMethod, ...(ownerId !== undefined && { metadata: { userId: ownerId } }) },
        { idempotencyKey: `customer-${key}` },
      );
      return await this.onlyCardOf(customer);
    } catch (error) {
      return refusalOf(error);
    }
  }

  private async paymentMethodOf(token: string, key: string): Promise<string> {
    if (token.startsWith('pm_')) return token;
    const made = await this.stripe.paymentMethods.create(
      { type: 'card', card: { token } },
      { idempotencyKey: `method-${key}` },
    );
    return made.id;
  }

  /** Asked for again, for what was attached may have a name of its own. None: what was attached is no card. [BUY-3] */
  private async onlyCardOf(answer: unknown): Promise<MethodOutcome> {
    const customer = readAs(customerAnswer, answer);
    if (!customer) throw providerAway();
    const { data } = await this.stripe.customers.listPaymentMethods(customer.id, { type: 'card', limit: 1 });
    if (data.length === 0) return refusedFor('token_unknown');
    const card = readAs(cardAnswer, data[0]);
    if (!card) throw providerAway();
    return registered(customer.id, card);
  }
}

const registered = (customer: string, { id, card }: CardAnswer): MethodOutcome => ({
  kind: 'registered',
  providerMethodId: encodeMethod({ customer, paymentMethod: id }),
  brand: card.brand,
  last4: card.last4,
  expiresAt: new Date(Date.UTC(card.exp_year, card.exp_month, 1) - 1000),
});

const refusedFor = (reason: RefusedMethod['reason']): RefusedMethod => ({ kind: 'refused', reason });

/** Stripe asks the issuer when a card is attached, which may decline it there. */
const refusalOf = (error: unknown): RefusedMethod => {
  if (error instanceof DomainError) throw error;
  const fault = faultOf(error);
  if (fault.kind === 'unknown') throw providerAway();
  if (fault.kind === 'declined') {
    return refusedFor(fault.code === 'card_expired' ? 'card_expired' : 'card_declined');
  }
  const aboutToken = fault.status === 400 || fault.status === 404;
  if (aboutToken && BAD_TOKEN.has(fault.code)) return refusedFor('token_unknown');
  throw new ProviderRefusedError(fault.status, fault.code);
};

const providerAway = (): DomainError =>
  new DomainError('unavailable', 'The card provider cannot be reached.', { retryAfterSeconds: 5 });
