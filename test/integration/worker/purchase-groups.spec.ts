import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { CommandStartedEvent } from 'mongodb';
import { Database, type OperationOf } from '@commissary/store';
import { aUser } from '../../support/documents.js';
import { effectsOf } from '../../support/fixtures/effects.js';
import { Muster } from '../../support/fixtures/failures.js';
import { becomeDue, current, until } from '../../support/fixtures/operations.js';
import { deleteUser } from '../../support/fixtures/people.js';
import { aPurchase } from '../../support/fixtures/purchases.js';
import { workerSuite } from '../../support/fixtures/suite.js';
import { aWorker, runToEnd, type TestWorker } from '../../support/fixtures/worker.js';
import { clientOf, collectionsOf } from '../../support/driver.js';

/** Purchases that are begun and completed several in one transaction. */

type Purchase = OperationOf<'purchase'>;

const suite = workerSuite();
let { world, worker, tenancy } = suite;

beforeEach(() => {
  ({ world, worker, tenancy } = suite);
});

/** Accepted purchases of as many buyers. */
const accepted = async (count: number, offer: 'purchase' | 'trial' = 'purchase'): Promise<Purchase[]> => {
  const buyers = Array.from({ length: count }, () => aUser(tenancy.tenantId));
  await collectionsOf(world.database).users.insertMany(buyers);
  return Promise.all(buyers.map((buyer) => aPurchase(world, tenancy, { buyer, offer })));
};

/** A worker whose purchases come to their completion in one turn, once `meanwhile` has happened. */
const together = (count: number, meanwhile?: () => Promise<unknown>): Promise<TestWorker> =>
  suite.another({ failpoints: new Muster('purchase.charged', count, meanwhile) });

const handleAll = (by: TestWorker, purchases: readonly Purchase[]) =>
  Promise.all(purchases.map((purchase) => by.handle(purchase)));

const statusesOf = async (purchases: readonly Purchase[]): Promise<string[]> =>
  (await Promise.all(purchases.map((each) => current(world, each)))).map(({ status }) => status);

/** One success at the provider, one of everything here. */
const expectBoughtOnce = async (purchase: Purchase): Promise<void> => {
  const { userId } = purchase.requestedBy;
  expect((await current(world, purchase)).status).toBe('succeeded');
  expect(await effectsOf(world, purchase)).toEqual({
    order: { status: 'paid', failure: null },
    payment: { status: 'succeeded', nextCheckAt: null },
    charges: [{ status: 'succeeded', amountMinor: 4995 }],
    quoteHeld: true,
    subscriptions: 1,
    licenses: 1,
    invoices: 1,
    ledger: ['charge', 'invoice'],
    mails: [`purchaseAlert > ${tenancy.admin._id}`, `receipt > ${userId}`],
    audited: ['operation.accepted', 'subscription.created'],
  });
};

const expectAllBoughtOnce = async (purchases: readonly Purchase[]): Promise<void> => {
  for (const each of purchases) await expectBoughtOnce(each);
};

const rest = ([, ...others]: readonly Purchase[]): Purchase[] => others;
const first = ([one]: readonly Purchase[]): Purchase => {
  if (!one) throw new Error('there is none');
  return one;
};

describe('purchases in one transaction [BUY-4]', () => {
  it('[BUY-4] each make all of their own, and nothing of another', async () => {
    const purchases = await accepted(6);
    await handleAll(await together(6), purchases);
    await expectAllBoughtOnce(purchases);
    for (const purchase of purchases) {
      const { result, subscriptionId } = await current(world, purchase);
      const { subscriptionId: own, orderId } = purchase.request;
      expect({ subscriptionId, result }).toMatchObject({
        subscriptionId: own,
        result: { subscriptionId: own, orderId },
      });
      const { invoices, licenses, orders, payments } = collectionsOf(world.database);
      expect(await invoices.findOne({ _id: result?.invoiceId ?? '' })).toMatchObject({ orderId });
      expect(await licenses.findOne({ _id: result?.licenseId ?? '' })).toMatchObject({
        subscriptionId: own,
        userId: purchase.requestedBy.userId,
      });
      const subscription = await collectionsOf(world.database).subscriptions.findOne({ _id: own });
      expect(await orders.findOne({ _id: orderId })).toMatchObject({
        period: { end: subscription?.expiresAt },
      });
      const [charge] = (await payments.find({ orderId }).toArray()).map(({ chargeId }) => chargeId);
      expect(charge).toEqual(expect.any(String));
    }
    const charges = await collectionsOf(world.database).payments.distinct('chargeId', {
      tenantId: tenancy.tenantId,
    });
    expect(charges).toHaveLength(6);
  });

  it('[BUY-8] trials are no different, beside purchases that are paid', async () => {
    const trials = await accepted(4, 'trial');
    const paid = await accepted(4);
    await handleAll(worker, [...trials, ...paid]);
    await expectAllBoughtOnce(paid);
    for (const trial of trials) {
      expect(await effectsOf(world, trial)).toMatchObject({
        order: { status: 'free' },
        payment: null,
        licenses: 1,
        invoices: 0,
        ledger: [],
      });
    }
  });

  it('[BUY-10] of one buyer, among others: one license, a subscription each', async () => {
    const others = await accepted(3);
    const own = await Promise.all([1, 2, 3].map(() => aPurchase(world, tenancy)));
    await handleAll(await together(6), [...own, ...others]);
    await expectAllBoughtOnce(others);
    const ended = await Promise.all(own.map((each) => current(world, each)));
    expect(ended.map(({ status }) => status)).toEqual(Array(3).fill('succeeded'));
    expect(ended.filter(({ result }) => result?.licenseId)).toHaveLength(1);
    const subscriptions = await collectionsOf(world.database)
      .subscriptions.find({ purchaserId: tenancy.buyer._id })
      .toArray();
    expect(subscriptions.map(({ seats }) => seats.assigned).sort()).toEqual([0, 0, 1]);
  });

  it('[MSG-3] wake their mails in one round trip', async () => {
    const purchases = await accepted(6);
    const many = await together(6);
    const enqueued = jest.spyOn(many.producer, 'enqueueAll');
    await handleAll(many, purchases);
    expect(enqueued.mock.calls.map(([jobs]) => jobs.length)).toEqual([12]);
  });
});

describe('one bad purchase among many falls out alone', () => {
  it('[DESIGN claim] whose lease is lost: it writes nothing, the others are complete', async () => {
    const purchases = await accepted(6);
    const lost = first(purchases);
    const overtake = async () => {
      await becomeDue(world, lost);
      await worker.runs.claim(lost.tenantId, lost._id, 'worker-2');
    };
    await handleAll(await together(6, overtake), purchases);
    await expectAllBoughtOnce(rest(purchases));
    expect(await current(world, lost)).toMatchObject({ status: 'running', fence: 2 });
    expect(await effectsOf(world, lost)).toMatchObject({ order: { status: 'pending' }, subscriptions: 0 });
    await runToEnd(world, worker, lost);
    await expectBoughtOnce(lost);
  });

  it('[BUY-6, DATA-1] whose buyer is deleted: paid, owned by the organization, and licenses nobody', async () => {
    const purchases = await accepted(6);
    const left = first(purchases);
    const leave = () => deleteUser(world, tenancy, left.requestedBy.userId);
    await handleAll(await together(6, leave), purchases);
    await expectAllBoughtOnce(rest(purchases));
    expect(await current(world, left)).toMatchObject({ status: 'succeeded', result: { licenseId: null } });
    expect(await effectsOf(world, left)).toMatchObject({ order: { status: 'paid' }, licenses: 0 });
    const { subscriptionId } = left.request;
    const owned = await collectionsOf(world.database).subscriptions.findOne({ _id: subscriptionId });
    expect(owned?.seats).toMatchObject({ purchased: 5, assigned: 0 });
  });

  it('[BUY-4] who meets a duplicate key: it is tried again, the others go on', async () => {
    const { orders } = collectionsOf(world.database);
    const purchases = await accepted(6);
    const bad = first(purchases);
    const { orderId } = bad.request;
    const earlier = first(await accepted(1));
    await worker.handle(earlier);
    const order = await orders.findOne({ _id: earlier.request.orderId });
    await orders.insertOne({ ...order!, _id: orderId });
    await handleAll(await together(5), purchases);
    await orders.deleteOne({ _id: orderId });
    await expectAllBoughtOnce(rest(purchases));
    expect(await current(world, bad)).toMatchObject({ status: 'running', step: null, lease: null });
    await runToEnd(world, worker, bad);
    await expectBoughtOnce(bad);
  });

  it('[BUY-4] whose buyer somebody keeps locked: it waits for that, the others do not', async () => {
    const purchases = await accepted(6);
    const held = first(purchases);
    const { users } = collectionsOf(world.database);
    await clientOf(world.database).withSession(async (session) => {
      const lock = async () => {
        session.startTransaction();
        await users.updateOne({ _id: held.requestedBy.userId }, { $set: { locale: 'sv-SE' } }, { session });
      };
      const all = handleAll(await together(6, lock), purchases);
      await until(
        () => statusesOf(rest(purchases)),
        (statuses) => statuses.every((status) => status === 'succeeded'),
      );
      expect((await current(world, held)).status).toBe('running');
      await session.abortTransaction();
      await all;
    });
    await expectAllBoughtOnce(purchases);
  });

  it('[DESIGN claim] that somebody keeps locked when it is claimed: the others are claimed', async () => {
    const purchases = await accepted(6);
    const held = first(purchases);
    const { operations } = collectionsOf(world.database);
    await clientOf(world.database).withSession(async (session) => {
      session.startTransaction();
      await operations.updateOne({ _id: held._id }, { $inc: { version: 1 } }, { session });
      const outcomes = await handleAll(worker, purchases);
      await session.abortTransaction();
      expect(outcomes.map(({ kind }) => kind)).toEqual(['later', ...Array<string>(5).fill('done')]);
    });
    await expectAllBoughtOnce(rest(purchases));
    await runToEnd(world, worker, held);
    await expectBoughtOnce(held);
  });
});

describe('a group that fails leaves none half done [BUY-6]', () => {
  it.each(['purchase.beginning', 'purchase.recording'])('[BUY-6] at %s, each time', async (point) => {
    const purchases = await accepted(5);
    await handleAll(await suite.another({ failpoints: `${point}=throw` }), purchases);
    expect(await statusesOf(purchases)).toEqual(Array(5).fill('running'));
    for (const purchase of purchases) {
      expect(await effectsOf(world, purchase)).toMatchObject({ subscriptions: 0, licenses: 0, mails: [] });
    }
    for (const purchase of purchases) await runToEnd(world, worker, purchase);
    await expectAllBoughtOnce(purchases);
  });

  it('[BUY-6] at purchase.recording, once: each is done alone, in the same run', async () => {
    const purchases = await accepted(5);
    const failing = new MusterThenFail(5);
    await handleAll(await suite.another({ failpoints: failing }), purchases);
    expect(failing.recordings).toBe(10);
    await expectAllBoughtOnce(purchases);
  });
});

describe('what a group of purchases asks of MongoDB', () => {
  /** Commands that carry no purchase. */
  const BESIDE = new Set(['hello', 'ping', 'endSessions', 'saslStart']);

  const commandsOf = async (count: number): Promise<string[]> => {
    const uri = new URL(world.services.mongodbUri);
    uri.searchParams.set('monitorCommands', 'true');
    const database = await Database.connect({ uri: uri.href, appName: 'counted' });
    const failpoints = new Muster('purchase.charged', count);
    const counted = await aWorker({ ...world, database }, { failpoints });
    // The catalog is read once.
    await handleAll(counted, await accepted(1, 'trial'));
    const seen: string[] = [];
    const note = ({ commandName }: CommandStartedEvent): void => {
      if (!BESIDE.has(commandName)) seen.push(commandName);
    };
    try {
      const purchases = await accepted(count);
      clientOf(database).on('commandStarted', note);
      await handleAll(counted, purchases);
      clientOf(database).off('commandStarted', note);
      await expectAllBoughtOnce(purchases);
    } finally {
      await counted.close();
      await database.close();
    }
    return seen;
  };

  it('[BUY-4] sixteen ask little more than one: by the group, not by the purchase', async () => {
    const [one, sixteen] = [await commandsOf(1), await commandsOf(16)];
    expect(one.length).toBeLessThanOrEqual(30);
    expect(sixteen.length).toBeLessThanOrEqual(one.length + 8);
  });
});

/** Lets purchases complete in one group, whose second one fails; none after it. */
class MusterThenFail extends Muster {
  recordings = 0;

  constructor(count: number) {
    super('purchase.charged', count);
  }

  override async hit(name: string): Promise<void> {
    await super.hit(name);
    if (name !== 'purchase.recording') return;
    this.recordings += 1;
    if (this.recordings === 2) throw new Error('failed once');
  }
}
