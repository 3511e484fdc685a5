import { nextDueAt } from '@commissary/domain';
import type { SubscriptionDocument } from '@commissary/store';
import { database } from './database.js';
import { lookForDue } from './sweep.js';
import { collectionsOf } from '../../support/driver.js';

/** As if it had been bought so long ago, and paid for then: no request can make it so. */
export const startedEarlier = async (subscriptionId: string, ms: number): Promise<void> => {
  const books = await database();
  const { subscriptions, orders } = collectionsOf(books);
  await books.transaction(async (session) => {
    const found = await subscriptions.findOne({ _id: subscriptionId }, { session });
    if (!found) throw new Error(`there is no ${subscriptionId}`);
    const { _id, ...aged } = agedBy(found, ms);
    await subscriptions.updateOne({ _id }, { $set: aged }, { session });
    for (const { _id: orderId, period } of await orders.find({ subscriptionId }, { session }).toArray()) {
      if (!period) continue;
      const then = { start: earlier(period.start, ms), end: earlier(period.end, ms) };
      await orders.updateOne({ _id: orderId }, { $set: { period: then } }, { session });
    }
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

/** As if its term had ended this moment; what is due then is looked for at once rather than at the next look. */
export const termEnds = async (subscriptionId: string): Promise<void> => {
  const collections = collectionsOf(await database());
  const found = await collections.subscriptions.findOne({ _id: subscriptionId });
  if (!found) throw new Error(`there is no ${subscriptionId}`);
  await startedEarlier(subscriptionId, found.expiresAt.getTime() - Date.now() + 1_000);
  await lookForDue();
};
