import { notFound } from '@commissary/domain';
import type { SubscriptionDocument } from '@commissary/store';
import type { RequestContext } from '../http/request-context.js';

export const isPurchaser = (ctx: RequestContext, { purchaserId }: SubscriptionDocument): boolean =>
  purchaserId === ctx.user._id;

/** The subscription, for who may see it: its purchaser and who sees all; throws `not_found` for others. [OWN-1, ADM-1] */
export const requireVisible = (
  ctx: RequestContext,
  subscription: SubscriptionDocument,
): SubscriptionDocument => {
  const own = isPurchaser(ctx, subscription) && ctx.permissions.has('subscriptions.readOwn');
  if (!own && !ctx.permissions.has('subscriptions.readAll')) throw notFound();
  return subscription;
};
