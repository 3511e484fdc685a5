import { randomUUID } from 'node:crypto';
import type { OperationView } from '@commissary/contracts';
import { centralSubscription } from './central.js';
import { type Answer, isInDoubt } from './client.js';
import { endOf, purchase } from './purchases.js';
import { type Acting, type Bought, living, type Member, PRODUCTS } from './world.js';

const ask = (who: Member, path: string, body: unknown): Promise<Answer<OperationView>> =>
  who.client.ask<OperationView>({ method: 'POST', path, body, key: randomUUID() });

interface Target {
  id: string;
  productId: string;
}

/** Chooses mostly a new subscription with any number of seats, sometimes one that other requests use too, or of another product. */
const targetFor = async (acting: Acting, source: Bought): Promise<Target | null> => {
  const { random, tenant } = acting;
  const kind = random.weighted({ new: 6, newOfAny: 2, central: 2, bought: 2 });
  if (kind === 'central' && tenant.central.length > 0) return random.pick(tenant.central.slice(-5));
  const others = living(acting).filter(({ id }) => id !== source.id);
  if (kind === 'bought' && others.length > 0) return random.pick(others);
  return centralSubscription(acting, kind === 'newOfAny' ? random.pick(PRODUCTS) : source.productId);
};

/** Moves the users of a subscription that was bought; some moves are stopped, or paused and resumed. [MOV-1, MOV-6] */
export const move = async (acting: Acting): Promise<void> => {
  const { random, tenant, model, watch } = acting;
  const candidates = living(acting);
  if (candidates.length === 0) return purchase(acting);
  const source = random.pick(candidates);
  const target = await targetFor(acting, source);
  if (target === null) return;
  const path = `/v1/subscriptions/${source.id}/move`;
  const who = random.chance(0.4) ? tenant.deputy : tenant.admin;
  const answer = await ask(who, path, { targetSubscriptionId: target.id });
  const { body, code } = answer;
  if (isInDoubt(answer)) {
    tenant.taken.add(source.id);
    model.inDoubt(source.id, answer.askedAt);
  }
  if (code !== null) {
    model.refused(code);
    return;
  }
  tenant.taken.add(source.id);
  const isStopped = random.chance(0.15);
  // Only a move to another product can need more seats in the end than were reserved.
  const mayBeShort = target.productId !== source.productId;
  model.accepted({
    id: body.id,
    tenant: tenant.domain,
    what: `move of ${source.id}`,
    askedAt: answer.askedAt,
    mayEnd: [
      'succeeded',
      ...(isStopped ? (['stopped'] as const) : []),
      ...(mayBeShort ? (['failed'] as const) : []),
    ],
    mayBeRejectedWith: mayBeShort ? ['move_incomplete'] : [],
    move: { source: source.id, target: target.id },
  });
  if (isStopped) await ask(tenant.admin, `/v1/operations/${body.id}/stop`, {});
  else if (random.chance(0.2)) await pauseAndResume(tenant.admin, body.id);
  watch(endOf(model, who, body.id, tenant.admin).then(() => undefined));
};

/** Both requests may be refused, because the move may have ended meanwhile. */
const pauseAndResume = async (admin: Member, operationId: string): Promise<void> => {
  await ask(admin, `/v1/operations/${operationId}/pause`, {});
  await ask(admin, `/v1/operations/${operationId}/resume`, {});
};

/** An admin or the purchaser cancels a subscription. [CAN-1, OWN-5] */
export const cancel = async (acting: Acting): Promise<void> => {
  const { random, tenant, model, watch } = acting;
  const candidates = living(acting);
  if (candidates.length === 0) return purchase(acting);
  const { id, purchaser } = random.pick(candidates);
  const who = random.chance(0.5) ? tenant.admin : purchaser;
  const answer = await ask(who, `/v1/subscriptions/${id}/cancel`, { reason: 'unused' });
  if (isInDoubt(answer)) {
    tenant.taken.add(id);
    model.inDoubt(id, answer.askedAt);
  }
  if (answer.code !== null) {
    model.refused(answer.code);
    return;
  }
  tenant.taken.add(id);
  model.accepted({
    id: answer.body.id,
    tenant: tenant.domain,
    what: `cancellation of ${id}`,
    askedAt: answer.askedAt,
    mayEnd: ['succeeded'],
    mayBeRejectedWith: [],
    cancellation: { subscriptionId: id, by: who === purchaser ? 'purchaser' : 'admin' },
  });
  watch(endOf(model, who, answer.body.id, tenant.admin).then(() => undefined));
};
