import { randomUUID } from 'node:crypto';
import type { OperationView, PaymentMethodView, QuoteView } from '@commissary/contracts';
import { type Answer, isInDoubt } from './client.js';
import type { Model } from './model.js';
import { type Acting, type Member, PRODUCTS } from './world.js';

/** The cards of purchases with their weights; the name tells how the payment simulator answers. */
const CARDS = {
  tok_visa: 10,
  tok_mastercard: 4,
  tok_chargeDeclined: 1,
  tok_insufficientFunds: 1,
  tok_timeoutThenOk: 1,
  tok_unavailableThenOk: 1,
} as const;

const DECLINES: Readonly<Record<string, string>> = {
  tok_chargeDeclined: 'card_declined',
  tok_insufficientFunds: 'insufficient_funds',
};

const REPLAYED = 0.2;

export const askFor = <T>(
  who: Member,
  path: string,
  body: unknown,
  key: string = randomUUID(),
): Promise<Answer<T>> => who.client.ask<T>({ method: 'POST', path, body, key });

const TRIALS = 0.1;

interface Wanted {
  productId: string;
  quantity: number;
  offer: 'purchase' | 'trial';
}

/** Adds a card, asks for a quote and buys; the operation is followed to its end in the background. [BUY-4, BUY-8] */
export const purchase = async (acting: Acting): Promise<void> => {
  const { random, tenant, model } = acting;
  const buyer = random.pick(tenant.buyers);
  const card = random.weighted(CARDS);
  const offer = random.chance(TRIALS) ? 'trial' : 'purchase';
  const wanted: Wanted = { productId: random.pick(PRODUCTS), quantity: random.int(1, 6), offer };
  const term = offer === 'purchase' ? { term: 'P1M' } : {};
  const method =
    offer === 'trial' ? null : await askFor<PaymentMethodView>(buyer, '/v1/payment-methods', { token: card });
  const quote = await askFor<QuoteView>(buyer, '/v1/quotes', { ...wanted, ...term });
  if (quote.code !== null || (method !== null && method.code !== null)) {
    model.refused(quote.code ?? method?.code ?? null);
    return;
  }
  const body = { quoteId: quote.body.id, ...(method && { paymentMethodId: method.body.id }) };
  const key = randomUUID();
  const answer = await askFor<OperationView>(buyer, '/v1/purchases', body, key);
  if (random.chance(REPLAYED)) await replay(acting, buyer, body, key, answer);
  if (answer.code !== null) {
    model.refused(answer.code);
    if (isInDoubt(answer)) model.inDoubt(quote.body.id, answer.askedAt);
    else model.refusedPurchases.push({ quoteId: quote.body.id, code: answer.code });
    return;
  }
  accepted(acting, { buyer, card: method === null ? null : card, wanted, quote: quote.body }, answer);
};

interface Deal {
  buyer: Member;
  /** Null for a trial, which needs no card. */
  card: keyof typeof CARDS | null;
  wanted: Wanted;
  quote: QuoteView;
}

const accepted = (
  { model, tenant, watch }: Acting,
  { buyer, card, wanted: { productId, quantity, offer }, quote }: Deal,
  { body: operation, askedAt }: Answer<OperationView>,
): void => {
  const decline = card === null ? undefined : DECLINES[card];
  model.accepted({
    id: operation.id,
    tenant: tenant.domain,
    what: `purchase of ${quantity} by ${card ?? 'trial'}`,
    askedAt,
    mayEnd: decline === undefined ? ['succeeded', 'rejected'] : ['rejected'],
    // The policy or the buyer's account may have changed, or a trial have been used, since the purchase was accepted.
    mayBeRejectedWith: decline === undefined ? ['not_eligible'] : [decline, 'not_eligible'],
    purchase: { quantity, purchaserId: buyer.id, productId, amountMinor: quote.total.amountMinor },
  });
  watch(
    endOf(model, buyer, operation.id, tenant.admin).then((end) => {
      const result = end.result as { subscriptionId: string } | null;
      if (end.status !== 'succeeded' || result === null) return;
      tenant.bought.push({
        id: result.subscriptionId,
        productId,
        purchaser: buyer,
        isTrial: offer === 'trial',
      });
    }),
  );
};

/** The same key and body must be answered with the same status and body. [EXT-1] */
const replay = async (
  { model }: Acting,
  buyer: Member,
  body: unknown,
  key: string,
  first: Answer<OperationView>,
): Promise<void> => {
  // A refusal is not stored under the key.
  if (first.code !== null) return;
  const again = await askFor<OperationView>(buyer, '/v1/purchases', body, key);
  // The account was disabled or deleted meanwhile.
  if (again.status === 401) return;
  if (again.status === first.status && JSON.stringify(again.body) === JSON.stringify(first.body)) return;
  model.differences.push(
    `another answer under the same key ${key}: ${first.status} ${first.body.id}, then ${again.status} ${again.body.id}`,
  );
};

const ENDED: readonly string[] = ['succeeded', 'rejected', 'failed', 'stopped'];

/**
 * Waits for the end of an operation and tells the model; returns its last state where the deadline comes first. Once the account
 * that asked is disabled or deleted, `instead` asks for it, and resumes the operation where that has paused it.
 */
export const endOf = async (
  model: Model,
  who: Member,
  id: string,
  instead?: Member,
): Promise<OperationView> => {
  for (;;) {
    const path = `/v1/operations/${id}?wait=5`;
    const { body, code, status, answeredAt } = await who.client.ask<OperationView>({ method: 'GET', path });
    if (status === 401 && instead) return endOf(model, instead, id, instead);
    if (code !== null) throw new Error(`${id} was accepted, and is now ${code}`);
    if (ENDED.includes(body.status)) {
      model.ended(body, answeredAt);
      return body;
    }
    if (who.client.isOver()) return body;
    if (body.status === 'paused' && instead) await askFor(instead, `/v1/operations/${id}/resume`, {});
  }
};
