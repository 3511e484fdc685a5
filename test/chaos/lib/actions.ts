import { leave, suspend } from './people.js';
import { purchase } from './purchases.js';
import { changeCentralSeats, changeSeats, endTerm } from './seat-changes.js';
import { assign, centralize, unassign } from './seats.js';
import { cancel, move } from './takeovers.js';
import { type Acting, PRODUCTS } from './world.js';

const POLICY_VALUES = { Enabled: 6, Disabled: 1, OnlyTrialsWithoutPaymentMethod: 1 } as const;

/** Sets a policy; a repeated request sets the same value again, so that no idempotency key is needed. [POL-3] */
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

const ACTIONS = {
  purchase,
  assign,
  unassign,
  changeSeats,
  changeCentralSeats,
  endTerm,
  centralize,
  move,
  cancel,
  policy,
  leave,
  suspend,
};
export type ActionName = keyof typeof ACTIONS;

/** The actions of buyers and of admins, with their weights. */
export const BUYERS: Partial<Record<ActionName, number>> = {
  purchase: 5,
  assign: 5,
  unassign: 2,
  changeSeats: 4,
};
export const ADMINS: Partial<Record<ActionName, number>> = {
  move: 5,
  cancel: 2,
  policy: 2,
  centralize: 3,
  changeCentralSeats: 1,
  endTerm: 3,
  leave: 2,
  suspend: 1,
};

export const act = async (acting: Acting, name: ActionName): Promise<void> => {
  await ACTIONS[name](acting);
  acting.done[name] = (acting.done[name] ?? 0) + 1;
};
