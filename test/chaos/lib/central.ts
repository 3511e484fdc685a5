import { randomUUID } from 'node:crypto';
import type { SubscriptionView } from '@commissary/contracts';
import type { Acting, Central } from './world.js';

/** An admin records a subscription at the contract price; the result is null where that was refused. [ADM-6] */
export const centralSubscription = async (
  { tenant, random, model }: Acting,
  productId: string,
): Promise<Central | null> => {
  const quantity = random.int(1, 12);
  const { body, code } = await tenant.admin.client.ask<SubscriptionView>({
    method: 'POST',
    path: '/v1/subscriptions',
    body: { productId, quantity, term: 'P1Y' },
    key: randomUUID(),
  });
  if (code !== null) {
    model.refused(code);
    return null;
  }
  const made = { id: body.id, productId };
  model.central.push({ ...made, quantity, tenant: tenant.domain });
  tenant.central.push(made);
  return made;
};
