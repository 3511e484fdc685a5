import { randomUUID } from 'node:crypto';
import { JobProducer } from '@commissary/queue';
import type { Database, OrderDocument, SubscriptionDocument } from '@commissary/store';
import { buy } from '../../e2e/support/shop.js';
import { stack } from '../../e2e/support/stack.js';
import { type Shopper, shoppers } from './buying.js';
import { startWorker } from './service.js';
import { collectionsOf } from '../../support/driver.js';

/** How far past the end of its term a subscription is, ms. */
const OVERDUE_MS = 3_600_000;

const earlier = (time: Date, ms: number): Date => new Date(time.getTime() - ms);

/** As if all of it had been a month ago, and its term were over since an hour: no request can make it so. */
const fallsDue = async (database: Database, _id: string): Promise<void> => {
  const found = await collectionsOf(database).subscriptions.findOne({ _id });
  if (!found) throw new Error(`there is no ${_id}`);
  const ago = found.expiresAt.getTime() - Date.now() + OVERDUE_MS;
  const { startedAt, termStartedAt, expiresAt, lifecycle, history } = found;
  const ended = earlier(expiresAt, ago);
  await collectionsOf(database).subscriptions.updateOne(
    { _id },
    {
      $set: {
        startedAt: earlier(startedAt, ago),
        termStartedAt: earlier(termStartedAt, ago),
        expiresAt: ended,
        renewsAt: ended,
        'lifecycle.anchorAt': earlier(lifecycle.anchorAt, ago),
        'lifecycle.dueAt': ended,
        history: history.map(({ status, at }) => ({ status, at: earlier(at, ago) })),
      },
    },
  );
  const [order] = await collectionsOf(database).orders.find({ subscriptionId: _id }).toArray();
  if (!order?.period) throw new Error(`${_id} has not been paid for`);
  const { start, end } = order.period;
  const period = { start: earlier(start, ago), end: earlier(end, ago) };
  await collectionsOf(database).orders.updateOne({ _id: order._id }, { $set: { period } });
};

/** What became of one subscription that was to be renewed. */
interface Renewed {
  id: string;
  orders: string[];
  charges: number;
  isFree: boolean;
  isAhead: boolean;
}

/** Subscriptions that are bought beforehand and fall due by and by. [BUY-9] */
export class DueRenewals {
  private readonly producer = JobProducer.connect({ redisUrl: stack().redisUrl, prefix: 'commissary' });
  private waiting: string[] = [];

  private constructor(
    private readonly base: Database,
    readonly ids: readonly string[],
  ) {
    this.waiting = [...ids];
  }

  static async prepare(base: Database, count: number): Promise<DueRenewals> {
    const worker = await startWorker({ queues: ['purchases'] });
    const people: Shopper[] = await shoppers(Math.ceil(count / 4), 'litware.example');
    const bought = await Promise.all(
      Array.from({ length: count }, (_, i) => buy(people[i % people.length]!.who, { quantity: (i % 7) + 1 })),
    );
    await worker.stop();
    return new DueRenewals(
      base,
      bought.map(({ subscriptionId }) => subscriptionId),
    );
  }

  /** So many more fall due, and somebody looks for what is due. */
  async letFallDue(count: number): Promise<void> {
    await Promise.all(this.waiting.splice(0, count).map((id) => fallsDue(this.base, id)));
    await this.sweep();
  }

  /** Looked for at once, not when the schedule has it. */
  async sweep(): Promise<void> {
    await this.producer.enqueue({
      name: 'lifecycle.sweep',
      payload: { v: 1 },
      jobId: `test-${randomUUID()}`,
    });
  }

  /** How many terms are over and not renewed. */
  left(): Promise<number> {
    const { subscriptions } = collectionsOf(this.base);
    return subscriptions.countDocuments({ _id: { $in: [...this.ids] }, expiresAt: { $lte: new Date() } });
  }

  orders(): Promise<OrderDocument[]> {
    const { orders } = collectionsOf(this.base);
    return orders.find({ subscriptionId: { $in: [...this.ids] }, kind: 'renewal' }).toArray();
  }

  /** Each by what the provider's journal has under its orders: ids of orders, one per charge that succeeded. */
  async outcomes(charged: readonly string[]): Promise<Renewed[]> {
    const [orders, subscriptions] = [await this.orders(), await this.subscriptions()];
    return subscriptions.map(({ _id, operationId, expiresAt }) => {
      const own = orders.filter(({ subscriptionId }) => subscriptionId === _id);
      return {
        id: _id,
        orders: own.map(({ status }) => status),
        charges: charged.filter((orderId) => own.some((order) => order._id === orderId)).length,
        isFree: operationId === null,
        isAhead: expiresAt.getTime() > Date.now(),
      };
    });
  }

  async close(): Promise<void> {
    await this.producer.close();
  }

  private subscriptions(): Promise<SubscriptionDocument[]> {
    return collectionsOf(this.base)
      .subscriptions.find({ _id: { $in: [...this.ids] } })
      .toArray();
  }
}
