import { randomUUID } from 'node:crypto';
import type { AssignmentOutcomesView, RemovalOutcomesView } from '@commissary/contracts';
import { centralSubscription } from './central.js';
import { type Answer, isInDoubt } from './client.js';
import { purchase } from './purchases.js';
import { type Acting, living, type Member, PRODUCTS, type Tenant } from './world.js';

const MOST_USERS = 4;
const RIVALRY = 0.15;

/**
 * Picks holders whom no other request in flight names, so that what was answered last is also what was done last; now and then a
 * rival, whom anyone may name at any time.
 */
const withUsers = async (
  { random, tenant }: Acting,
  work: (users: string[]) => Promise<void>,
): Promise<void> => {
  const free = tenant.holders.filter((id) => !tenant.lent.has(id));
  const users = random.shuffled(free).slice(0, random.int(1, MOST_USERS));
  for (const id of users) tenant.lent.add(id);
  try {
    const named = random.chance(RIVALRY) ? [...users, random.pick(tenant.rivals)] : users;
    if (named.length > 0) await work(named);
  } finally {
    for (const id of users) tenant.lent.delete(id);
  }
};

interface Batch {
  who: Member;
  subscriptionId: string;
  users: string[];
}

const ask = async <T>(
  { model }: Acting,
  { who, subscriptionId, users }: Batch,
  remove: boolean,
): Promise<Answer<T>> => {
  const path = `/v1/subscriptions/${subscriptionId}/licenses${remove ? '/remove' : ''}`;
  const answer = await who.client.ask<T>({ method: 'POST', path, body: { users }, key: randomUUID() });
  if (answer.code !== null) model.refused(answer.code);
  if (isInDoubt(answer)) for (const userId of users) model.seatDoubtful({ userId, subscriptionId });
  return answer;
};

const give = async (acting: Acting, batch: Batch, productId: string): Promise<void> => {
  const { model, tenant } = acting;
  const { body, code } = await ask<AssignmentOutcomesView>(acting, batch, false);
  if (code !== null) return;
  for (const { userId, outcome } of body.items) {
    if (userId === null) continue;
    const seat = { userId, subscriptionId: batch.subscriptionId };
    if (outcome === 'assigned') model.seatGiven(seat);
    if (outcome === 'switched') model.seatSwitched(seat, selfServiceOf(tenant, productId));
  }
};

const take = async (acting: Acting, batch: Batch): Promise<void> => {
  const { body, code } = await ask<RemovalOutcomesView>(acting, batch, true);
  if (code !== null) return;
  for (const { userId, outcome } of body.items) {
    if (outcome === 'removed' && userId !== null) {
      acting.model.seatTaken({ userId, subscriptionId: batch.subscriptionId });
    }
  }
};

const selfServiceOf = ({ bought }: Tenant, productId: string): ReadonlySet<string> =>
  new Set(bought.filter((each) => each.productId === productId).map(({ id }) => id));

/** By its purchaser. [OWN-3] */
export const assign = async (acting: Acting): Promise<void> => {
  const candidates = living(acting, true);
  if (candidates.length === 0) return purchase(acting);
  const { id, purchaser: who, productId } = acting.random.pick(candidates);
  await withUsers(acting, (users) => give(acting, { who, subscriptionId: id, users }, productId));
};

export const unassign = async (acting: Acting): Promise<void> => {
  const candidates = living(acting, true);
  if (candidates.length === 0) return purchase(acting);
  const { id, purchaser: who } = acting.random.pick(candidates);
  await withUsers(acting, (users) => take(acting, { who, subscriptionId: id, users }));
};

/** By an admin, of a central subscription: it takes the place of a self-service seat of the product. [ADM-6] */
export const centralize = async (acting: Acting): Promise<void> => {
  const { tenant, random } = acting;
  const isNew = tenant.central.length === 0 || random.chance(0.2);
  const central = isNew
    ? await centralSubscription(acting, random.pick(PRODUCTS))
    : random.pick(tenant.central.slice(-5));
  if (central === null) return;
  const { id, productId } = central;
  await withUsers(acting, async (users) => {
    const batch = { who: tenant.admin, subscriptionId: id, users };
    await (random.chance(0.25) ? take(acting, batch) : give(acting, batch, productId));
  });
};
