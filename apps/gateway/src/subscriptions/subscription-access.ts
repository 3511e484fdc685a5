import { DomainError, notFound } from '@commissary/domain';
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

/**
 * Who changes its seats: the purchaser of a self-service subscription, admins of a central one. [OWN-2, ADM-5, ADM-6]
 * Throws `takeover_required` to admins of a self-service one, `forbidden` to who may only look, `not_found` to all others.
 */
export const requireSeatsManager = (ctx: RequestContext, subscription: SubscriptionDocument): void => {
  if (subscription.origin === 'central' && ctx.permissions.has('central.create')) return;
  requirePurchaser(ctx, subscription);
};

/** Throws as `requireSeatsManager` does, and `illegal_state` to admins of a central subscription, which no card pays for. */
export const requirePurchaser = (ctx: RequestContext, subscription: SubscriptionDocument): void => {
  if (isPurchaser(ctx, subscription)) return;
  const { permissions } = ctx;
  if (permissions.has('takeover') && subscription.origin === 'central') {
    throw new DomainError('illegal_state', 'A central subscription is not paid by card.', {
      state: 'central',
    });
  }
  if (permissions.has('takeover')) {
    throw new DomainError('takeover_required', 'Only its purchaser changes it; you can take it over.');
  }
  if (!permissions.has('subscriptions.readAll')) throw notFound();
  throw new DomainError('forbidden', 'Your role does not allow this.');
};
