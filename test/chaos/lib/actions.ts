import { randomUUID } from 'node:crypto';
import type {
  AssignmentOutcomesView,
  OperationView,
  RemovalOutcomesView,
  SubscriptionView,
} from '@commissary/contracts';
import type { Answer } from './client.js';
import { endOf, purchase } from './purchases.js';
import { type Acting, type Bought, type Member, PRODUCTS } from './world.js';

const ask = <T>(who: Member, path: string, body: unknown): Promise<Answer<T>> =>
  who.client.ask<T>({ method: 'POST', path, body, key: randomUUID() });

const living = ({ tenant }: Acting): Bought[] => tenant.bought.filter(({ id }) => !tenant.taken.has(id));

const assign = async (acting: Acting): Promise<void> => {
  const { random, tenant, model } = acting;
  const candidates = living(acting);
  if (candidates.length === 0) return purchase(acting);
  const { id, purchaser, quantity } = random.pick(candidates);
  const users = random.shuffled(tenant.holders).slice(0, random.int(1, quantity + 1));
  const path = `/v1/subscriptions/${id}/licenses`;
  const { body, code } = await ask<AssignmentOutcomesView>(purchaser, path, { users });
  if (code !== null) {
    model.refused(code);
    return;
  }
  for (const { userId, outcome } of body.items) {
    if (outcome === 'assigned' && userId !== null) {
      model.seatGiven({ tenant: tenant.domain, userId, subscriptionId: id });
    }
  }
};

const unassign = async (acting: Acting): Promise<void> => {
  const { random, tenant, model } = acting;
  const candidates = living(acting);
  if (candidates.length === 0) return purchase(acting);
  const { id, purchaser } = random.pick(candidates);
  const users = random.shuffled(tenant.holders).slice(0, 3);
  const path = `/v1/subscriptions/${id}/licenses/remove`;
  const { body, code } = await ask<RemovalOutcomesView>(purchaser, path, { users });
  if (code !== null) {
    model.refused(code);
    return;
  }
  for (const { userId, outcome } of body.items) {
    if (outcome === 'removed' && userId !== null) {
      model.seatTaken({ tenant: tenant.domain, userId, subscriptionId: id });
    }
  }
};

const centralSubscription = async (
  { tenant, random, model }: Acting,
  productId: string,
): Promise<string | null> => {
  const quantity = random.int(1, 12);
  const body = { productId, quantity, term: 'P1Y' };
  const answer = await ask<SubscriptionView>(tenant.admin, '/v1/subscriptions', body);
  if (answer.code !== null) {
    model.refused(answer.code);
    return null;
  }
  model.central.push({ id: answer.body.id, tenant: tenant.domain, productId, quantity });
  return answer.body.id;
};

const move = async (acting: Acting): Promise<void> => {
  const { random, tenant, model, watch } = acting;
  const candidates = living(acting);
  if (candidates.length === 0) return purchase(acting);
  const source = random.pick(candidates);
  const target = await centralSubscription(acting, source.productId);
  if (target === null) return;
  const path = `/v1/subscriptions/${source.id}/move`;
  const { body, code } = await ask<OperationView>(tenant.admin, path, { targetSubscriptionId: target });
  if (code !== null) {
    model.refused(code);
    return;
  }
  tenant.taken.add(source.id);
  const isStopped = random.chance(0.15);
  model.accepted({
    id: body.id,
    tenant: tenant.domain,
    what: `move of ${source.id}`,
    mayEnd: isStopped ? ['succeeded', 'stopped'] : ['succeeded'],
    mayBeRejectedWith: [],
    move: { source: source.id, target },
  });
  if (isStopped) await ask(tenant.admin, `/v1/operations/${body.id}/stop`, {});
  else if (random.chance(0.2)) await pauseAndResume(tenant.admin, body.id);
  watch(endOf(tenant.admin, body.id).then(() => undefined));
};

/** Both may be refused: it can have ended meanwhile. */
const pauseAndResume = async (admin: Member, operationId: string): Promise<void> => {
  await ask(admin, `/v1/operations/${operationId}/pause`, {});
  await ask(admin, `/v1/operations/${operationId}/resume`, {});
};

const cancel = async (acting: Acting): Promise<void> => {
  const { random, tenant, model, watch } = acting;
  const candidates = living(acting);
  if (candidates.length === 0) return purchase(acting);
  const { id, purchaser } = random.pick(candidates);
  const who = random.chance(0.5) ? tenant.admin : purchaser;
  const { body, code } = await ask<OperationView>(who, `/v1/subscriptions/${id}/cancel`, {
    reason: 'unused',
  });
  if (code !== null) {
    model.refused(code);
    return;
  }
  tenant.taken.add(id);
  model.accepted({
    id: body.id,
    tenant: tenant.domain,
    what: `cancellation of ${id}`,
    mayEnd: ['succeeded'],
    mayBeRejectedWith: [],
    cancellation: { subscriptionId: id },
  });
  watch(endOf(who, body.id).then(() => undefined));
};

const POLICY_VALUES = { Enabled: 6, Disabled: 1, OnlyTrialsWithoutPaymentMethod: 1 } as const;

/** Sent again after a lost answer it sets the same value again: no key is needed. [POL-3] */
const policy = async ({ tenant, random, model }: Acting): Promise<void> => {
  const productId = random.pick(PRODUCTS);
  const policyValue = random.weighted(POLICY_VALUES);
  const path = `/v1/policies/AllowSelfServicePurchase/products/${productId}`;
  const { code } = await tenant.admin.client.ask({ method: 'PUT', path, body: { policyValue } });
  if (code !== null) {
    model.refused(code);
    return;
  }
  model.policies.set(`${tenant.domain} ${productId}`, policyValue);
};

const ACTIONS = { purchase, assign, unassign, move, cancel, policy };
export type ActionName = keyof typeof ACTIONS;

/** Buyers and admins act at the same time, each with the actions that are theirs. */
export const BUYERS: Partial<Record<ActionName, number>> = { purchase: 5, assign: 5, unassign: 2 };
export const ADMINS: Partial<Record<ActionName, number>> = { move: 4, cancel: 2, policy: 2 };

export const act = async (acting: Acting, name: ActionName): Promise<void> => {
  await ACTIONS[name](acting);
  acting.done[name] = (acting.done[name] ?? 0) + 1;
};
