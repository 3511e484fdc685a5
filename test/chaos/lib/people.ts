import { setTimeout as delay } from 'node:timers/promises';
import { type Answer, isInDoubt } from './client.js';
import type { Model } from './model.js';
import type { Acting, Tenant } from './world.js';

/** Deletes an account and returns whether it is gone; a repeated request finds it gone already. */
export const dismiss = async ({ tenant, model }: Acting, userId: string): Promise<boolean> => {
  const path = `/v1/users/${userId}`;
  const answer = await tenant.admin.client.ask({ method: 'DELETE', path });
  const { code, isRepeated } = answer;
  const isGone = code === null || (isRepeated && code === 'not_found');
  recordPerson(model, userId, 'deletion', isGone ? { ...answer, code: null } : answer);
  if (!isGone) {
    model.refused(code);
    return false;
  }
  model.people.set(userId, 'deleted');
  return true;
};

/** Adds what happened to the account to the history of the person's seats. */
const recordPerson = (
  model: Model,
  userId: string,
  kind: 'deletion' | 'suspension' | 'return',
  answer: Answer<unknown>,
): void => {
  const { askedAt, answeredAt, code } = answer;
  const entry = { userId, work: { kind }, operationId: null, askedAt };
  if (isInDoubt(answer)) model.seats.add({ ...entry, answer: null, answeredAt: Infinity });
  else model.seats.add({ ...entry, answer: code === null ? 'done' : `refused: ${code}`, answeredAt });
};

const replace = <T>(list: T[], old: T | undefined, by: T): void => {
  const at = list.findIndex((each) => each === old);
  if (at >= 0) list[at] = by;
};

/** Deletes a holder, or a buyer who may be in the middle of a purchase, and lets a new member join. [SUB-2, DATA-1] */
export const leave = async (acting: Acting): Promise<void> => {
  const { tenant, random } = acting;
  const kind = random.weighted({ holders: 5, rivals: 1, buyers: 3 });
  if (kind === 'buyers') return buyerLeaves(acting);
  const old = random.pick(tenant[kind]);
  if (!(await dismiss(acting, old))) return;
  const { id } = await tenant.join('holder');
  replace(tenant[kind], old, id);
};

const buyerLeaves = async (acting: Acting): Promise<void> => {
  const { tenant, random } = acting;
  const old = random.pick(tenant.buyers.filter(({ id }) => tenant.mortal.has(id)));
  if (!(await dismiss(acting, old.id))) return;
  const buyer = await tenant.join('buyer');
  tenant.mortal.add(buyer.id);
  replace(tenant.buyers, old, buyer);
};

/** Disables an account for a moment: its subscriptions go on, its requests are refused, and it is given no seat. [ELG-5, ADM-7] */
export const suspend = async (acting: Acting): Promise<void> => {
  const { tenant, random } = acting;
  const kind = random.weighted({ holder: 3, buyer: 3, deputy: 2 });
  const other = kind === 'buyer' ? random.pick(tenant.buyers).id : tenant.deputy.id;
  const userId = kind === 'holder' ? random.pick(tenant.holders) : other;
  if (!(await setState(acting, userId, 'disabled'))) return;
  await delay(random.int(0, 1_500));
  await setState(acting, userId, 'active');
};

/** A repeated request sets the same state again, so that no idempotency key is needed. */
const setState = async (
  { tenant, model }: { tenant: Tenant; model: Acting['model'] },
  userId: string,
  state: 'active' | 'disabled',
): Promise<boolean> => {
  const path = `/v1/users/${userId}`;
  const answer = await tenant.admin.client.ask({ method: 'PATCH', path, body: { state } });
  const { code } = answer;
  recordPerson(model, userId, state === 'active' ? 'return' : 'suspension', answer);
  if (code === null) model.people.set(userId, state);
  else model.refused(code);
  return code === null;
};
