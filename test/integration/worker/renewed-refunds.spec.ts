import { beforeEach, describe, expect, it } from '@jest/globals';
import { addDays } from '@commissary/domain';
import type { CancellationRequest, OrderDocument, SubscriptionDocument } from '@commissary/store';
import { Lifetime } from '../../support/fixtures/lifetimes.js';
import { current } from '../../support/fixtures/operations.js';
import { charged } from '../../support/fixtures/provider.js';
import { workerSuite } from '../../support/fixtures/suite.js';
import { aCancellation, shareLeft } from '../../support/fixtures/takeovers.js';
import type { TestWorker } from '../../support/fixtures/worker.js';
import { collectionsOf } from '../../support/driver.js';

const STARTED_AT = new Date('2027-01-31T10:00:00Z');

const suite = workerSuite();
let { world, tenancy } = suite;
let worker: TestWorker;
let life: Lifetime;

beforeEach(async () => {
  ({ world, tenancy } = suite);
  worker = await suite.another({ offsetMs: STARTED_AT.getTime() - world.clock.now().getTime() });
  life = new Lifetime(world, worker);
});

/** A subscription that started months ago and whose third term began with a renewal that was paid. */
const renewedTwice = async (): Promise<SubscriptionDocument> => {
  let subscription = await life.buys(tenancy, { quantity: 7 });
  for (let renewals = 0; renewals < 2; renewals += 1) {
    life.sleepUntil(subscription.expiresAt);
    await life.catchUp();
    subscription = await life.subscription(subscription._id);
  }
  return subscription;
};

const ordersOf = ({ _id }: SubscriptionDocument): Promise<OrderDocument[]> =>
  collectionsOf(world.database).orders.find({ subscriptionId: _id }).sort({ _id: 1 }).toArray();

/** What the provider gave back of each order, the oldest order first. */
const givenBack = async (subscription: SubscriptionDocument): Promise<number[]> => {
  const orders = await ordersOf(subscription);
  const charges = await Promise.all(orders.map(({ _id }) => charged(world, _id)));
  return charges.flat().map(({ refundedMinor }) => refundedMinor);
};

const cancelAfter = async (
  subscription: SubscriptionDocument,
  days: number,
  by: CancellationRequest['by'],
) => {
  life.sleepUntil(addDays(subscription.termStartedAt, days));
  const cancellation = await aCancellation(world, tenancy, subscription, by);
  await worker.handle(cancellation);
  return current(world, cancellation);
};

describe('a subscription that was renewed is cancelled', () => {
  it.each(['admin', 'purchaser'] as const)(
    'by its %s a day after the renewal: the days are counted from the renewal, not from the start [OWN-5, CAN-2]',
    async (by) => {
      const subscription = await renewedTwice();
      expect(subscription.startedAt < addDays(subscription.termStartedAt, -50)).toBe(true);
      const { status, result } = await cancelAfter(subscription, 1, by);
      expect(status).toBe('succeeded');

      const canceled = await life.subscription(subscription._id);
      expect(canceled.status).toBe('deleted');
      const [, , renewal] = await ordersOf(subscription);
      const { start, end } = renewal!.period!;
      expect(start).toEqual(subscription.termStartedAt);
      const due = Number(shareLeft(renewal!.total.amountMinor, start, end, canceled.history.at(-1)!.at));
      // Of a month with 30 or 31 days 29 or 30 are left.
      expect(due / renewal!.total.amountMinor).toBeGreaterThan(0.96);
      expect(result).toMatchObject({ refunded: { amountMinor: due, currency: 'USD' } });
      expect(await givenBack(subscription)).toEqual([0, 0, due]);
    },
  );

  it('by an admin eight days after the renewal: nothing is given back [CAN-2]', async () => {
    const subscription = await renewedTwice();
    const { status, result } = await cancelAfter(subscription, 8, 'admin');
    expect([status, result]).toMatchObject(['succeeded', { refunded: null }]);
    expect(await givenBack(subscription)).toEqual([0, 0, 0]);
  });
});
