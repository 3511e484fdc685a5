import { beforeEach, describe, expect, it } from '@jest/globals';
import { addDays, utcDay } from '@commissary/domain';
import { createLogger } from '@commissary/platform';
import { DigestEntriesRepository, type NotificationDocument, UsersRepository } from '@commissary/store';
import { MailWakeUp, PurchaseDigests } from '@commissary/worker';
import { aUser } from '../../support/documents.js';
import { Lifetime } from '../../support/fixtures/lifetimes.js';
import { aSeatChange } from '../../support/fixtures/seat-changes.js';
import { workerSuite } from '../../support/fixtures/suite.js';
import { aTenancy, type Tenancy } from '../../support/fixtures/people.js';
import { runToEnd, type TestWorker } from '../../support/fixtures/worker.js';
import { collectionsOf } from '../../support/driver.js';

const DIGEST = { notifications: { version: 0, purchaseAlerts: 'digest' } } as const;

const suite = workerSuite();
let { world } = suite;
let worker: TestWorker;
let life: Lifetime;
let tenancy: Tenancy;

beforeEach(async () => {
  ({ world } = suite);
  worker = await suite.another({});
  life = new Lifetime(world, worker);
  tenancy = await aTenancy(world, DIGEST);
});

const digestsOf = ({ clock, producer }: TestWorker): PurchaseDigests =>
  new PurchaseDigests(
    world.database,
    new DigestEntriesRepository(world.database),
    new UsersRepository(world.database),
    new MailWakeUp(producer),
    clock,
    createLogger('test', 'silent'),
  );

type Digest = Extract<NotificationDocument, { template: 'purchaseDigest' }>;

const digestMails = async ({ tenantId }: Tenancy): Promise<Digest[]> => {
  const { notifications } = collectionsOf(world.database);
  const rows = await notifications.find({ tenantId, template: 'purchaseDigest' }).sort({ _id: 1 }).toArray();
  return rows as Digest[];
};

const alertCount = ({ tenantId }: Tenancy): Promise<number> =>
  collectionsOf(world.database).notifications.countDocuments({ tenantId, template: 'purchaseAlert' });

/** An hour into the day after; what falls due in a subscription's life is none of these tests' business. */
const pastMidnight = (): string => {
  const day = utcDay(worker.clock.now());
  life.sleepUntil(new Date(`${utcDay(addDays(worker.clock.now(), 1))}T01:00:00Z`));
  return day;
};

describe('the digest of purchases [ADM-8]', () => {
  it('tells each admin once a day of all that was bought, and of nothing at once', async () => {
    const second = aUser(tenancy.tenantId, { roles: ['billingAdmin'] });
    await collectionsOf(world.database).users.insertOne(second);
    const subscription = await life.buys(tenancy, { quantity: 5 });
    await life.buys(tenancy, { offer: 'trial' });
    await runToEnd(
      world,
      worker,
      await aSeatChange(world, subscription, { seats: 8, quoted: true, by: tenancy.buyer }),
    );
    expect([await alertCount(tenancy), await digestsOf(worker).sweep()]).toEqual([0, 0]);
    const on = pastMidnight();
    expect(await digestsOf(worker).sweep()).toBe(1);
    const mails = await digestMails(tenancy);
    expect(mails.map((mail) => mail.recipientUserId).sort()).toEqual([tenancy.admin._id, second._id].sort());
    const [paid, added] = await collectionsOf(world.database)
      .orders.find({ subscriptionId: subscription._id })
      .sort({ _id: 1 })
      .toArray();
    expect(mails[0]?.params).toMatchObject({
      on,
      purchaseCount: 3,
      purchases: [
        { subscriptionId: subscription._id, quantity: 5, purchaserEmail: tenancy.buyer.email },
        { isTrial: true },
        { subscriptionId: subscription._id, quantity: 3 },
      ],
      totals: [{ amountMinor: paid!.total.amountMinor + added!.total.amountMinor, currency: 'USD' }],
    });
    expect(await alertCount(tenancy)).toBe(0);
  });

  it('makes up for days that were missed, each once, whoever asks how often', async () => {
    const first = await life.buys(tenancy);
    const days = [pastMidnight()];
    const other = await life.buys(tenancy, { productId: 'CFQ7TTC0H6RP' });
    days.push(pastMidnight());
    life.sleepUntil(addDays(life.now, 1));
    const workers = await Promise.all([1, 2, 3].map(async () => digestsOf(worker).sweep()));
    expect(workers.reduce((sum, digested) => sum + digested, 0)).toBe(2);
    expect(await digestsOf(worker).sweep()).toBe(0);
    const mails = await digestMails(tenancy);
    const mailed = mails.map(({ params }) => [params.on, params.purchases.map((one) => one.subscriptionId)]);
    expect(mailed.sort()).toEqual([
      [days[0], [first._id]],
      [days[1], [other._id]],
    ]);
  });

  it('is by tenant: others are told at once, and a tenant without admins keeps nothing waiting', async () => {
    const immediate = await aTenancy(world);
    const alone = await aTenancy(world, DIGEST);
    await collectionsOf(world.database).users.updateOne({ _id: alone.admin._id }, { $set: { roles: [] } });
    for (const each of [immediate, alone, tenancy]) await life.buys(each);
    expect([await alertCount(immediate), await alertCount(tenancy)]).toEqual([1, 0]);
    pastMidnight();
    expect(await digestsOf(worker).sweep()).toBe(2);
    const counts = await Promise.all([immediate, alone, tenancy].map(async (each) => digestMails(each)));
    expect(counts.map((mails) => mails.length)).toEqual([0, 0, 1]);
    expect(await collectionsOf(world.database).digestEntries.countDocuments({ toldAt: null })).toBe(0);
  });

  it('names the first fifty of a day, and counts all', async () => {
    await life.buys(tenancy);
    const { digestEntries, events } = collectionsOf(world.database);
    const entry = (await digestEntries.findOne({ tenantId: tenancy.tenantId }))!;
    const event = (await events.findOne({ _id: entry._id }))!;
    const copies = Array.from({ length: 60 }, (_, n) => ({ ...entry, _id: `${event._id}:${n}` }));
    await digestEntries.insertMany(copies);
    pastMidnight();
    expect(await digestsOf(worker).sweep()).toBe(1);
    const [mail] = await digestMails(tenancy);
    const { amountMinor, currency } = entry.purchase.total;
    expect(mail?.params.purchases).toHaveLength(50);
    expect(mail?.params).toMatchObject({
      purchaseCount: 61,
      totals: [{ amountMinor: 61 * amountMinor, currency }],
    });
  });
});
