import { nextDueAt } from '@commissary/domain';
import type { Database, SubscriptionDocument } from '@commissary/store';
import { collectionsOf } from './driver.js';

/** Whether a subscription may be changed as it is found. */
type Condition = (found: SubscriptionDocument) => boolean;

/**
 * Changes the times of a subscription and of its orders as if it had been bought `ms` milliseconds earlier; no request can do that.
 * Returns false, and changes nothing, where the subscription is not as `condition` wants it. Throws if there is no such subscription.
 */
export const ageSubscription = (
  database: Database,
  subscriptionId: string,
  msOf: (found: SubscriptionDocument) => number,
  condition: Condition = () => true,
): Promise<boolean> => {
  const { subscriptions, orders } = collectionsOf(database);
  return database.transaction(async (session) => {
    const found = await subscriptions.findOne({ _id: subscriptionId }, { session });
    if (!found) throw new Error(`there is no ${subscriptionId}`);
    if (!condition(found)) return false;
    const ms = msOf(found);
    const { _id, ...aged } = agedBy(found, ms);
    await subscriptions.updateOne({ _id }, { $set: aged }, { session });
    for (const { _id: orderId, period } of await orders.find({ subscriptionId }, { session }).toArray()) {
      if (!period) continue;
      const then = { start: earlier(period.start, ms), end: earlier(period.end, ms) };
      await orders.updateOne({ _id: orderId }, { $set: { period: then } }, { session });
    }
    return true;
  });
};

const earlier = (time: Date, ms: number): Date => new Date(time.getTime() - ms);

const agedBy = (found: SubscriptionDocument, ms: number): SubscriptionDocument => {
  const { lifecycle, history, renewsAt } = found;
  const aged: SubscriptionDocument = {
    ...found,
    startedAt: earlier(found.startedAt, ms),
    termStartedAt: earlier(found.termStartedAt, ms),
    expiresAt: earlier(found.expiresAt, ms),
    renewsAt: renewsAt && earlier(renewsAt, ms),
    history: history.map(({ status, at }) => ({ status, at: earlier(at, ms) })),
    lifecycle: { ...lifecycle, anchorAt: earlier(lifecycle.anchorAt, ms) },
    version: found.version + 1,
  };
  return { ...aged, lifecycle: { ...aged.lifecycle, dueAt: nextDueAt(aged) } };
};
