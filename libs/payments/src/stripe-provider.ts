import type Stripe from 'stripe';
import type { z } from 'zod';
import { readAs } from './json-client.js';
import {
  type ChargeOutcome,
  type ChargePlace,
  type ChargeRequest,
  type FoundCharge,
  type MethodOutcome,
  type PaymentProvider,
  ProviderRefusedError,
  type RefundOutcome,
  type RefundRequest,
  type Unknown,
} from './payment-provider.js';
import { toStripeAmount } from './stripe-amount.js';
import { type IntentAnswer, intentAnswer, type RefundAnswer, refundAnswer } from './stripe-answers.js';
import { StripeCards } from './stripe-cards.js';
import { createStripe, type StripeOptions } from './stripe-client.js';
import { faultOf, type StripeFault } from './stripe-faults.js';
import { decodeMethod, type StripeMethod } from './stripe-method.js';
import { findingOf, likeliest, refundOutcomeOf } from './stripe-outcomes.js';

const UNREADABLE: Unknown = { kind: 'unknown', why: 'unreadable' };
const PAGE = 100;
/** Between the database's clock and Stripe's, and then some. */
const CLOCKS_APART_MS = 3_600_000;

type Listed<T> = { kind: 'listed'; items: T[] } | Exclude<StripeFault, { kind: 'declined' }>;

/**
 * Stripe behind the port. [EXT-6, BUY-6] A charge is a PaymentIntent, made and confirmed in one request under our key as Stripe's
 * Idempotency-Key, with the key in its metadata as well; the port's charge id is the PaymentIntent's.
 *
 * Stripe cannot be asked for an idempotency key. Within the day that it keeps a key, the same request again is the question: it is
 * answered as the first one was. Older keys, and answers that Stripe itself lost (it repeats a 500), are looked for among the
 * PaymentIntents of the card's own customer. Lists are up to date at once; Stripe's search lags by a minute and more, so that its
 * silence would prove nothing.
 */
export class StripeProvider implements PaymentProvider {
  readonly name = 'stripe';
  private readonly stripe: Stripe;
  private readonly cards: StripeCards;

  constructor(options: StripeOptions) {
    this.stripe = createStripe(options);
    this.cards = new StripeCards(this.stripe);
  }

  registerMethod(token: string, ownerId?: string): Promise<MethodOutcome> {
    return this.cards.register(token, ownerId);
  }

  async charge(request: ChargeRequest): Promise<ChargeOutcome> {
    const { customer, paymentMethod } = methodOf(request.providerMethodId);
    const { idempotencyKey, orderId } = request;
    let answer: unknown;
    try {
      answer = await this.stripe.paymentIntents.create(
        {
          ...toStripeAmount(request.amount),
          customer,
          payment_method: paymentMethod,
          allowed_payment_method_types: ['card'],
          confirm: true,
          off_session: true,
          error_on_requires_action: true,
          description: `Order ${orderId}`,
          metadata: { orderId, idempotencyKey },
        },
        { idempotencyKey },
      );
    } catch (error) {
      return orRefused(faultIn(error));
    }
    const intent = readAs(intentAnswer, answer);
    if (!intent || !answers(intent, request)) return UNREADABLE;
    const finding = findingOf(intent);
    return finding.kind === 'none' ? UNREADABLE : finding;
  }

  async findByKey(idempotencyKey: string, { providerMethodId, since }: ChargePlace): Promise<FoundCharge> {
    const { customer } = methodOf(providerMethodId);
    const created = since && { gte: Math.floor((since.getTime() - CLOCKS_APART_MS) / 1000) };
    const listed = await collect(
      this.stripe.paymentIntents.list({ customer, limit: PAGE, ...(created && { created }) }),
      intentAnswer,
    );
    if (listed.kind !== 'listed') return orRefused(listed);
    return likeliest(listed.items.filter((each) => each.metadata['idempotencyKey'] === idempotencyKey));
  }

  /** Looked for before it is asked for: Stripe forgets a key after a day, and would give a part back twice. */
  async refund(request: RefundRequest): Promise<RefundOutcome> {
    const given = await this.findRefund(request);
    if (given) return given;
    const { idempotencyKey, chargeId } = request;
    const { amount } = toStripeAmount(request.amount);
    let answer: unknown;
    try {
      answer = await this.stripe.refunds.create(
        { payment_intent: chargeId, amount, metadata: { idempotencyKey } },
        { idempotencyKey },
      );
    } catch (error) {
      const fault = faultIn(error);
      const refunded = fault.kind === 'refused' && fault.code === 'charge_already_refunded';
      // The request of an earlier run may have come in between.
      const ours = refunded ? await this.findRefund(request) : undefined;
      return ours ?? orRefused(notDeclined(fault));
    }
    const refund = readAs(refundAnswer, answer);
    return refund && gives(refund, request) ? refundOutcomeOf(refund) : UNREADABLE;
  }

  private async findRefund(request: RefundRequest): Promise<RefundOutcome | undefined> {
    const listed = await collect(
      this.stripe.refunds.list({ payment_intent: request.chargeId, limit: PAGE }),
      refundAnswer,
    );
    if (listed.kind !== 'listed') return orRefused(listed);
    const ours = listed.items.find((each) => each.metadata?.['idempotencyKey'] === request.idempotencyKey);
    return ours && refundOutcomeOf(ours);
  }
}

/** Every row of every page, or why not: a list that was not read to its end says nothing. */
const collect = async <T extends z.ZodType>(
  pages: AsyncIterable<unknown>,
  schema: T,
): Promise<Listed<z.infer<T>>> => {
  const items: z.infer<T>[] = [];
  try {
    for await (const row of pages) {
      const item = readAs(schema, row);
      if (item === undefined) return UNREADABLE;
      items.push(item);
    }
  } catch (error) {
    return notDeclined(faultIn(error));
  }
  return { kind: 'listed', items };
};

const faultIn = (error: unknown): StripeFault => {
  // Thrown here before anything was asked: an amount that Stripe cannot take.
  if (error instanceof ProviderRefusedError) throw error;
  return faultOf(error);
};

/** Only a charge can be declined. */
const notDeclined = (fault: StripeFault): Exclude<StripeFault, { kind: 'declined' }> =>
  fault.kind === 'declined' ? { kind: 'refused', status: 402, code: fault.code } : fault;

const orRefused = <T extends { kind: string }>(fault: T): Exclude<T, { kind: 'refused' }> => {
  if (isRefused(fault)) throw new ProviderRefusedError(fault.status, fault.code);
  return fault as Exclude<T, { kind: 'refused' }>;
};

const isRefused = (fault: { kind: string }): fault is Extract<StripeFault, { kind: 'refused' }> =>
  fault.kind === 'refused';

const methodOf = (providerMethodId: string): StripeMethod => {
  const method = decodeMethod(providerMethodId);
  if (!method) throw new ProviderRefusedError(400, 'payment_method_of_another_provider');
  return method;
};

/** An answer to another question is no answer to this one. */
const answers = (intent: IntentAnswer, { idempotencyKey, orderId, amount }: ChargeRequest): boolean => {
  const asked = toStripeAmount(amount);
  return (
    intent.metadata['idempotencyKey'] === idempotencyKey &&
    intent.metadata['orderId'] === orderId &&
    intent.amount === asked.amount &&
    intent.currency === asked.currency
  );
};

const gives = (refund: RefundAnswer, { chargeId, amount }: RefundRequest): boolean => {
  const asked = toStripeAmount(amount);
  return (
    refund.payment_intent === chargeId && refund.amount === asked.amount && refund.currency === asked.currency
  );
};
