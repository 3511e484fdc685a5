import { randomUUID } from 'node:crypto';
import type { OperationView, QuoteView, SubscriptionView } from '@commissary/contracts';
import { isInDoubt } from './client.js';
import { askFor, endOf, purchase } from './purchases.js';
import { type Acting, type Bought, living, type Member } from './world.js';

const MOST_SEATS_AT_ONCE = 3;

interface Change {
  who: Member;
  subscriptionId: string;
  total: number;
  effective: 'now' | 'renewal';
  /** Null where nothing is charged. */
  quote: QuoteView | null;
}

/** The purchaser buys more seats, gives some back now, or plans to have fewer from the next renewal on. [OWN-2] */
export const changeSeats = async (acting: Acting): Promise<void> => {
  const candidates = living(acting, true).filter(({ isTrial }) => !isTrial);
  if (candidates.length === 0) return purchase(acting);
  const { id: subscriptionId, purchaser: who } = acting.random.pick(candidates);
  const kind = acting.random.weighted({ more: 5, fewer: 3, fewerAtRenewal: 4 });
  const seats = await seatsOf(acting, who, subscriptionId);
  if (seats === null) return;
  const some = acting.random.int(1, MOST_SEATS_AT_ONCE);
  if (kind === 'more') return buyMore(acting, who, subscriptionId, seats + some);
  const total = Math.max(1, seats - some);
  const effective = kind === 'fewer' ? 'now' : 'renewal';
  await ask(acting, { who, subscriptionId, total, effective, quote: null });
};

/** An admin changes what a contract has; nothing is quoted or charged. [OWN-2, ADM-6] */
export const changeCentralSeats = async (acting: Acting): Promise<void> => {
  const { random, tenant } = acting;
  if (tenant.central.length === 0) return;
  const { id: subscriptionId } = random.pick(tenant.central.slice(-5));
  const seats = await seatsOf(acting, tenant.admin, subscriptionId);
  if (seats === null) return;
  const total = Math.max(1, seats + random.pick([-2, -1, 1, 2, 3]));
  await ask(acting, { who: tenant.admin, subscriptionId, total, effective: 'now', quote: null });
};

/** A term ends before its time, and the service renews the subscription. [BUY-9] */
export const endTerm = async (acting: Acting): Promise<void> => {
  const candidates: Bought[] = living(acting).filter(({ isTrial }) => !isTrial);
  if (candidates.length === 0) return;
  await acting.terms.end(acting.random.pick(candidates).id);
};

const seatsOf = async ({ model }: Acting, who: Member, subscriptionId: string): Promise<number | null> => {
  const path = `/v1/subscriptions/${subscriptionId}`;
  const { body, code } = await who.client.ask<SubscriptionView>({ method: 'GET', path });
  if (code === null) return body.seats.purchased;
  model.refused(code);
  return null;
};

const buyMore = async (acting: Acting, who: Member, subscriptionId: string, total: number): Promise<void> => {
  const quote = await askFor<QuoteView>(who, '/v1/quotes', { subscriptionId, total });
  if (quote.code !== null) {
    acting.model.refused(quote.code);
    return;
  }
  await ask(acting, { who, subscriptionId, total, effective: 'now', quote: quote.body });
};

const ask = async (acting: Acting, change: Change): Promise<void> => {
  const { model, tenant, watch } = acting;
  const { who, subscriptionId, total, effective, quote } = change;
  const answer = await who.client.ask<OperationView>({
    method: 'PUT',
    path: `/v1/subscriptions/${subscriptionId}/seats`,
    body: { total, effective, ...(quote && { quoteId: quote.id }) },
    key: randomUUID(),
  });
  if (isInDoubt(answer)) {
    model.doubtfulSeatChanges.add(subscriptionId);
    if (quote) model.inDoubt(quote.id, answer.askedAt);
  }
  if (answer.code !== null) {
    model.refused(answer.code);
    return;
  }
  model.accepted({
    id: answer.body.id,
    tenant: tenant.domain,
    what: `change of ${subscriptionId} to ${total} seats, effective ${effective}`,
    askedAt: answer.askedAt,
    mayEnd: ['succeeded', 'rejected'],
    // The policy or the buyer's account may have changed since more seats were accepted.
    mayBeRejectedWith: quote ? ['not_eligible'] : [],
    seatChange: { subscriptionId, total, effective, amountMinor: quote?.total.amountMinor ?? 0 },
  });
  watch(endOf(model, who, answer.body.id, tenant.admin).then(() => undefined));
};
