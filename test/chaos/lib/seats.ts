import { randomUUID } from 'node:crypto';
import type { AssignmentOutcomesView, RemovalOutcomesView } from '@commissary/contracts';
import { centralSubscription } from './central.js';
import { type Answer, isInDoubt } from './client.js';
import { purchase } from './purchases.js';
import { type SeatEntry, timeNow } from './seat-history.js';
import { type Acting, living, type Member, PRODUCTS } from './world.js';

const MOST_USERS = 4;
const RIVALRY = 0.15;

/**
 * Picks holders whom no other request in flight names, so that their history leaves few orders open; now and then also a rival, whom
 * several requests may name at the same time.
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

type Kind = 'assign' | 'remove';
type Outcomes = AssignmentOutcomesView | RemovalOutcomesView;

/** Sends the request and adds to the history what was answered about each user, or that nobody was told. */
const ask = async (acting: Acting, batch: Batch, kind: Kind): Promise<void> => {
  const { who, subscriptionId, users } = batch;
  const path = `/v1/subscriptions/${subscriptionId}/licenses${kind === 'remove' ? '/remove' : ''}`;
  const askedAt = timeNow();
  try {
    const answer = await who.client.ask<Outcomes>({
      method: 'POST',
      path,
      body: { users },
      key: randomUUID(),
    });
    if (answer.code !== null) acting.model.refused(answer.code);
    record(acting, batch, kind, answer);
  } catch (error) {
    for (const userId of users) acting.model.seats.add({ ...entryOf(userId, batch, kind), askedAt });
    throw error;
  }
};

const record = ({ model }: Acting, batch: Batch, kind: Kind, answer: Answer<Outcomes>): void => {
  const { askedAt, answeredAt, code, body } = answer;
  for (const userId of batch.users) {
    const unknown = { ...entryOf(userId, batch, kind), askedAt };
    if (isInDoubt(answer)) {
      model.seats.add(unknown);
      continue;
    }
    const outcome =
      code === null ? body.items.find(({ user }) => user === userId)?.outcome : `refused: ${code}`;
    if (outcome === undefined) model.differences.push(`an answer about ${userId} is missing: ${kind}`);
    else model.seats.add({ ...unknown, answer: outcome, answeredAt });
  }
};

const entryOf = (userId: string, { subscriptionId }: Batch, kind: Kind): Omit<SeatEntry, 'askedAt'> => ({
  userId,
  work: { kind, subscriptionId },
  answer: null,
  operationId: null,
  answeredAt: Infinity,
});

/** The purchaser gives seats. [OWN-3] */
export const assign = async (acting: Acting): Promise<void> => {
  const candidates = living(acting, true);
  if (candidates.length === 0) return purchase(acting);
  const { id, purchaser: who } = acting.random.pick(candidates);
  await withUsers(acting, (users) => ask(acting, { who, subscriptionId: id, users }, 'assign'));
};

/** The purchaser takes seats back. [OWN-3] */
export const unassign = async (acting: Acting): Promise<void> => {
  const candidates = living(acting, true);
  if (candidates.length === 0) return purchase(acting);
  const { id, purchaser: who } = acting.random.pick(candidates);
  await withUsers(acting, (users) => ask(acting, { who, subscriptionId: id, users }, 'remove'));
};

/** An admin gives or takes seats of a central subscription; a given one replaces a self-service seat of its product. [ADM-6] */
export const centralize = async (acting: Acting): Promise<void> => {
  const { tenant, random } = acting;
  const isNew = tenant.central.length === 0 || random.chance(0.2);
  const central = isNew
    ? await centralSubscription(acting, random.pick(PRODUCTS))
    : random.pick(tenant.central.slice(-5));
  if (central === null) return;
  const { id } = central;
  await withUsers(acting, async (users) => {
    const batch = { who: tenant.admin, subscriptionId: id, users };
    await ask(acting, batch, random.chance(0.25) ? 'remove' : 'assign');
  });
};
