import { beforeEach, describe, expect, it } from '@jest/globals';
import { addDays, addTerms } from '@commissary/domain';
import { newId } from '@commissary/platform';
import { type OperationOf, OperationsRepository, type SubscriptionDocument } from '@commissary/store';
import { queueMailings } from '../../support/fixtures/effects.js';
import { Lifetime } from '../../support/fixtures/lifetimes.js';
import { accept, current, ORIGIN } from '../../support/fixtures/operations.js';
import { deleteUser, type Tenancy } from '../../support/fixtures/people.js';
import { charged } from '../../support/fixtures/provider.js';
import { aCard, POWER_BI_PRO } from '../../support/fixtures/purchases.js';
import { workerSuite } from '../../support/fixtures/suite.js';
import type { TestWorker, WorkerOptions } from '../../support/fixtures/worker.js';
import { collectionsOf } from '../../support/driver.js';

const suite = workerSuite();
let { world, tenancy } = suite;
let worker: TestWorker;
let life: Lifetime;

const JANUARY_31 = new Date('2027-01-31T10:00:00Z');

/** Two hours after things happen, which is at ten. */
const at = (day: string): Date => new Date(`2027-${day}T12:00:00Z`);

const dayOf = (time: Date): string => time.toISOString().slice(0, 10);

const workerAt = async (start: Date, options: WorkerOptions = {}): Promise<TestWorker> => {
  const offsetMs = start.getTime() - world.clock.now().getTime();
  return suite.another({ ...options, offsetMs });
};

beforeEach(async () => {
  ({ world, tenancy } = suite);
  worker = await workerAt(JANUARY_31);
  life = new Lifetime(world, worker);
});

const ordersOf = ({ _id }: Pick<SubscriptionDocument, '_id'>) =>
  collectionsOf(world.database).orders.find({ subscriptionId: _id }).sort({ _id: 1 }).toArray();

/** Successful charges of a subscription in the provider's own books, oldest first, minor units. */
const chargesOf = async (subscription: SubscriptionDocument): Promise<number[]> => {
  const orders = await ordersOf(subscription);
  const charges = await Promise.all(orders.map(({ _id }) => charged(world, _id)));
  return charges.flat().flatMap(({ status, amountMinor }) => (status === 'succeeded' ? [amountMinor] : []));
};

/** How often each mail was queued for the tenant, by template. */
const mailsIn = async ({ tenantId }: Tenancy): Promise<Record<string, number>> => {
  await queueMailings(world.database);
  const rows = await collectionsOf(world.database).notifications.find({ tenantId }).toArray();
  const counts: Record<string, number> = {};
  for (const { template } of rows) counts[template] = (counts[template] ?? 0) + 1;
  return counts;
};

const paysWith = async ({ _id, tenantId }: SubscriptionDocument, token: string): Promise<void> => {
  const card = await aCard(world, tenancy.buyer, token);
  await collectionsOf(world.database).subscriptions.updateOne(
    { _id, tenantId },
    { $set: { paymentMethodId: card._id } },
  );
};

const statusesOf = ({ history }: SubscriptionDocument): string[] => history.map(({ status }) => status);

/** The purchaser pays the open bill, as `POST /v1/invoices/{id}/pay` accepts it. */
const paysTheBill = async (
  subscription: SubscriptionDocument,
  token: string,
): Promise<OperationOf<'renewal'>> => {
  const { lifecycle, _id, tenantId } = subscription;
  if (!lifecycle.unpaid) throw new Error('there is no open bill');
  const card = await aCard(world, tenancy.buyer, token);
  const { orderId, invoiceId } = lifecycle.unpaid;
  const { buyer } = tenancy;
  const operation = OperationsRepository.newDocument(
    {
      id: newId('op'),
      tenantId,
      type: 'renewal',
      subscriptionId: _id,
      request: { cause: 'paid', orderId, invoiceId, paymentId: newId('pay'), paymentMethodId: card._id },
      requestedBy: { userId: buyer._id, displayName: buyer.displayName, tenantId },
      origin: ORIGIN,
      total: 1,
    },
    life.now,
    world.clock.now(),
  );
  await accept(world, operation, async (session) => {
    await collectionsOf(world.database).subscriptions.updateOne(
      { _id, operationId: null },
      { $set: { operationId: operation._id }, $inc: { version: 1 } },
      { session },
    );
  });
  await life.finishOpen();
  return current(world, operation);
};

describe('the life of a subscription', () => {
  it('[BUY-2] [BUY-9] bought on 31 January and walked through fourteen months: each ends on its last day and is paid once', async () => {
    const bought = await life.buys(tenancy, { quantity: 3 });
    expect(dayOf(bought.expiresAt)).toBe('2027-02-28');
    await life.liveUntil(new Date('2028-03-31T12:00:00Z'));
    const lived = await life.subscription(bought._id);
    const orders = await ordersOf(bought);
    const ends = orders.map(({ period }) => dayOf(period!.end));
    expect(ends).toEqual([
      ...['2027-02-28', '2027-03-31', '2027-04-30', '2027-05-31', '2027-06-30', '2027-07-31', '2027-08-31'],
      ...['2027-09-30', '2027-10-31', '2027-11-30', '2027-12-31', '2028-01-31', '2028-02-29', '2028-03-31'],
      '2028-04-30',
    ]);
    // Each term begins where the one before ends.
    expect(orders.slice(1).map(({ period }) => period?.start)).toEqual(
      orders.slice(0, -1).map(({ period }) => period?.end),
    );
    expect(await chargesOf(bought)).toEqual(orders.map(() => 3 * 999));
    expect(lived).toMatchObject({ status: 'active', operationId: null });
    expect(dayOf(lived.expiresAt)).toBe('2028-04-30');
    expect(await mailsIn(tenancy)).toEqual({ receipt: 15, purchaseAlert: 1, renewalReminder: 14 });
  });

  it('[BUY-7] [BUY-9] charges the price in force, a higher one only 30 days after it was announced', async () => {
    const { products } = collectionsOf(world.database);
    const book = await products.findOne({ _id: POWER_BI_PRO });
    const dearer = { channel: 'selfService', market: '*', term: 'P1M', currency: 'USD' } as const;
    const from = { ...dearer, unitAmountMinor: 1299, from: '2027-04-15' };
    await products.updateOne({ _id: POWER_BI_PRO }, { $push: { prices: from } });
    const other = await workerAt(at('01-15'));
    const here = new Lifetime(world, other);
    const bought = await here.buys(tenancy, { quantity: 2 });
    await here.liveUntil(at('08-01'));
    // In force on 15 April; announced on 15 March at the earliest look ahead, charged from the renewal of 15 April on.
    expect(await chargesOf(bought)).toEqual([1998, 1998, 1998, 2598, 2598, 2598, 2598]);
    const rises = await collectionsOf(world.database).events.find({ type: 'renewal.priceRise' }).toArray();
    expect(rises.map(({ subjectId }) => subjectId)).toEqual([bought._id]);
    expect(dayOf(addDays(rises[0]!.at, 30))).toBe('2027-04-14');
    await products.updateOne({ _id: POWER_BI_PRO }, { $set: { prices: book!.prices } });
  });

  it('[BUY-9] a scheduler that was away for a hundred days makes up for each term once, two at once too', async () => {
    const bought = await life.buys(tenancy);
    const twin = await workerAt(JANUARY_31);
    const asleep = addDays(JANUARY_31, 100);
    life.sleepUntil(asleep);
    twin.clock.advance(asleep.getTime() - twin.clock.now().getTime());
    for (let round = 0; round < 6; round += 1) {
      await Promise.all([worker.sweep(), twin.sweep(), worker.sweep()]);
      await life.finishOpen();
    }
    expect(await chargesOf(bought)).toEqual([4995, 4995, 4995, 4995]);
    const { startedAt, expiresAt, lifecycle } = await life.subscription(bought._id);
    expect(expiresAt).toEqual(addTerms(startedAt, 'P1M', 4));
    expect(lifecycle).toMatchObject({ terms: 4, unpaid: null });
  });

  it('[BUY-9] [SUB-1] [SUB-3] a soft decline is tried 8 times over 14 days, then it expires, is disabled and deleted', async () => {
    const bought = await life.buys(tenancy);
    await paysWith(bought, 'tok_insufficientFunds');
    await life.liveUntil(at('02-28'));
    const failing = await life.subscription(bought._id);
    expect(failing).toMatchObject({ status: 'active', lifecycle: { unpaid: { tries: 1 } } });
    await life.liveUntil(addDays(at('02-28'), 15));
    const tried = await collectionsOf(world.database)
      .payments.find({ orderId: failing.lifecycle.unpaid!.orderId })
      .toArray();
    const days = tried.map(({ createdAt }) =>
      Math.round((createdAt.getTime() - tried[0]!.createdAt.getTime()) / 86_400_000),
    );
    expect(days).toEqual([0, 2, 4, 6, 8, 10, 12, 14]);
    const expired = await life.subscription(bought._id);
    expect(statusesOf(expired)).toEqual(['active', 'expired']);
    await life.liveUntil(addDays(expired.history[1]!.at, 31));
    const disabled = await life.subscription(bought._id);
    expect(statusesOf(disabled)).toEqual(['active', 'expired', 'disabled']);
    await life.liveUntil(addDays(disabled.history[2]!.at, 91));
    const gone = await life.subscription(bought._id);
    expect(statusesOf(gone)).toEqual(['active', 'expired', 'disabled', 'deleted']);
    expect(gone.lifecycle.dueAt).toBeNull();
    const { licenses, invoices } = collectionsOf(world.database);
    expect(await licenses.countDocuments({ subscriptionId: bought._id })).toBe(0);
    const bills = await invoices.find({ subscriptionId: bought._id }).sort({ _id: 1 }).toArray();
    expect(bills.map(({ status }) => status)).toEqual(['paid', 'void']);
    expect(await chargesOf(bought)).toEqual([4995]);
    expect(await mailsIn(tenancy)).toMatchObject({ cardDeclined: 8, canceled: 1, accessRemoved: 1 });
  });

  it('[BUY-9] [OWN-4] a hard decline is not tried again; the bill, paid with another card in time, goes on as if nothing had been', async () => {
    const bought = await life.buys(tenancy);
    await paysWith(bought, 'tok_chargeDeclined');
    await life.liveUntil(addDays(at('02-28'), 10));
    const expired = await life.subscription(bought._id);
    expect(expired).toMatchObject({
      status: 'expired',
      lifecycle: { unpaid: { tries: 1, nextTryAt: null } },
    });
    expect(await paysTheBill(expired, 'tok_chargeDeclined')).toMatchObject({
      status: 'rejected',
      error: { code: 'card_declined' },
    });
    const still = await life.subscription(bought._id);
    expect(still).toMatchObject({
      status: 'expired',
      lifecycle: { unpaid: { tries: 1 } },
      operationId: null,
    });
    expect(await paysTheBill(still, 'tok_visa')).toMatchObject({ status: 'succeeded' });
    const paid = await life.subscription(bought._id);
    expect(paid).toMatchObject({ status: 'active', lifecycle: { unpaid: null } });
    expect(dayOf(paid.expiresAt)).toBe('2027-03-31');
    await life.liveUntil(at('04-30'));
    expect(await chargesOf(bought)).toEqual([4995, 4995, 4995, 4995]);
  });

  it('[SUB-3] paid when it was disabled already, a new term begins on that day', async () => {
    const bought = await life.buys(tenancy);
    await paysWith(bought, 'tok_chargeDeclined');
    await life.liveUntil(addDays(at('02-28'), 40));
    const disabled = await life.subscription(bought._id);
    expect(disabled.status).toBe('disabled');
    await paysTheBill(disabled, 'tok_visa');
    const paid = await life.subscription(bought._id);
    expect(statusesOf(paid)).toEqual(['active', 'expired', 'disabled', 'active']);
    expect(paid.expiresAt).toEqual(addTerms(paid.termStartedAt, 'P1M', 1));
    expect(paid.termStartedAt > addDays(at('02-28'), 39)).toBe(true);
  });

  it('[BUY-8] [SUB-3] a trial is announced to end, renews not, and goes the way of all', async () => {
    const trial = await life.buys(tenancy, { offer: 'trial' });
    await life.liveUntil(addDays(JANUARY_31, 30 + 30 + 90 + 5));
    const gone = await life.subscription(trial._id);
    expect(statusesOf(gone)).toEqual(['active', 'expired', 'disabled', 'deleted']);
    expect(await mailsIn(tenancy)).toMatchObject({ trialEnding: 1, receipt: 1 });
    expect(await chargesOf(trial)).toEqual([]);
  });

  it('[OWN-2] fewer seats from the renewal on, never fewer than are assigned', async () => {
    const bought = await life.buys(tenancy, { quantity: 5 });
    const { subscriptions } = collectionsOf(world.database);
    await subscriptions.updateOne({ _id: bought._id }, { $set: { 'lifecycle.seatsAtRenewal': 2 } });
    await life.liveUntil(at('03-01'));
    const fewer = await life.subscription(bought._id);
    expect(fewer).toMatchObject({
      seats: { purchased: 2, assigned: 1 },
      lifecycle: { seatsAtRenewal: null },
    });
    expect(await chargesOf(bought)).toEqual([4995, 1998]);
  });

  it('[SUB-2] [POL-4] [DATA-1] a purchaser who left changes nothing: it renews by the saved card, policy or not, and admins are told', async () => {
    const bought = await life.buys(tenancy);
    await deleteUser(world, tenancy, tenancy.buyer._id);
    await collectionsOf(world.database).policies.insertOne({
      _id: tenancy.tenantId,
      version: 0,
      defaultValue: 'Disabled',
      values: {},
      updatedAt: new Date(),
    });
    await life.liveUntil(at('03-01'));
    expect(await chargesOf(bought)).toEqual([4995, 4995]);
    const receipts = await collectionsOf(world.database)
      .notifications.find({ tenantId: tenancy.tenantId, template: { $in: ['receipt', 'renewalReminder'] } })
      .sort({ _id: 1 })
      .toArray();
    expect(receipts.map(({ recipientUserId }) => recipientUserId)).toEqual([
      tenancy.buyer._id,
      tenancy.admin._id,
      tenancy.admin._id,
    ]);
  });

  it('[SUB-2] while the purchaser is disabled, the admins are told beside them', async () => {
    const bought = await life.buys(tenancy);
    const { users, notifications } = collectionsOf(world.database);
    await users.updateOne({ _id: tenancy.buyer._id }, { $set: { state: 'disabled' } });
    await life.liveUntil(at('03-01'));
    expect(await chargesOf(bought)).toEqual([4995, 4995]);
    const { tenantId, buyer, admin } = tenancy;
    const mails = await notifications.find({ tenantId, template: 'renewalReminder' }).toArray();
    expect(mails.map(({ recipientUserId }) => recipientUserId).sort()).toEqual([admin._id, buyer._id].sort());
    const receipts = await notifications.find({ tenantId, template: 'receipt' }).sort({ _id: 1 }).toArray();
    expect(receipts.map(({ recipientUserId }) => recipientUserId)).toEqual([buyer._id, buyer._id, admin._id]);
  });

  it('[MOV-6] a renewal that falls due waits for the end of the operation that holds the subscription', async () => {
    const bought = await life.buys(tenancy);
    const { subscriptions } = collectionsOf(world.database);
    await subscriptions.updateOne(
      { _id: bought._id },
      { $set: { 'seats.reservations': [{ operationId: 'op_other', seats: 1 }] } },
    );
    await life.liveUntil(at('03-05'));
    expect(await chargesOf(bought)).toEqual([4995]);
    await subscriptions.updateOne({ _id: bought._id }, { $set: { 'seats.reservations': [] } });
    await life.catchUp();
    expect(await chargesOf(bought)).toEqual([4995, 4995]);
    expect(dayOf((await life.subscription(bought._id)).expiresAt)).toBe('2027-03-31');
  });

  it.each([
    ...['renewal.beginning', 'renewal.begun', 'purchase.asking', 'purchase.charged', 'renewal.recording'],
    ...['renewal.completed', 'lifecycle.stepping', 'lifecycle.stepped'],
  ])('[BUY-9] a worker that dies at %s leaves a renewal to the next, charged once', async (point) => {
    const bought = await life.buys(tenancy);
    const dying = await workerAt(at('02-28'), { failpoints: `${point}=throw@1` });
    const dyingLife = new Lifetime(world, dying);
    dyingLife.sleepUntil(new Date(at('02-28').getTime() + 3_600_000));
    await dying.sweep();
    await dyingLife.finishOpen();
    await life.liveUntil(addDays(at('02-28'), 1));
    expect(await chargesOf(bought)).toEqual([4995, 4995]);
    expect(dayOf((await life.subscription(bought._id)).expiresAt)).toBe('2027-03-31');
    expect(await mailsIn(tenancy)).toMatchObject({ receipt: 2 });
  });
});
