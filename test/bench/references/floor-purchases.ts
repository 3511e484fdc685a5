/**
 * The floor of a purchase: raw driver and BullMQ, identical writes and hops, one transaction. No contracts, no policies,
 * no leases kept alive, no recovery: what is left when everything but the work itself is taken away.
 */
import { type Job, Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { newId } from '@commissary/platform';
import { Database, type OperationOf, type ProductDocument } from '@commissary/store';
import { Countdown, type PurchaseTask, runTask } from '../lib/purchase-task.js';
import type { OpenSide, StoreAddresses } from '../lib/side-contract.js';
import * as documents from './floor-purchase-documents.js';
import { collectionsOf } from '../../support/driver.js';

/** One transaction each, more of them would only wait for connections. */
const CONCURRENCY = 64;
const KEPT = { removeOnComplete: { count: 1_000 }, removeOnFail: { count: 1_000 } };

interface Wake {
  v: 1;
  operationId: string;
  tenantId: string;
}

type Products = ReadonlyMap<string, ProductDocument>;

const claim = async (
  database: Database,
  { operationId, tenantId }: Wake,
): Promise<OperationOf<'purchase'>> => {
  const now = new Date();
  const claimed = await collectionsOf(database).operations.findOneAndUpdate(
    { _id: operationId, tenantId, status: 'accepted' },
    {
      $set: {
        status: 'running',
        lease: { until: new Date(now.getTime() + 10_000), worker: 'floor' },
        startedAt: now,
        'progress.runStartedAt': now,
        'progress.claimedAt': now,
        'progress.claimedWith': 0,
      },
      $inc: { fence: 1, starts: 1, version: 1 },
      $push: { history: { status: 'running', at: now } },
    },
    { returnDocument: 'after' },
  );
  if (claimed?.type !== 'purchase') throw new Error(`${operationId} cannot be claimed`);
  return claimed;
};

const factsOf = async (
  database: Database,
  products: Products,
  operation: OperationOf<'purchase'>,
): Promise<documents.Facts> => {
  const { tenantId, request, requestedBy } = operation;
  const [quote, user, card, admins] = await Promise.all([
    collectionsOf(database).quotes.findOne({ _id: request.quoteId, tenantId }),
    collectionsOf(database).users.findOne({ _id: requestedBy.userId, tenantId }),
    collectionsOf(database).paymentMethods.findOne({ _id: request.paymentMethodId ?? '', tenantId }),
    collectionsOf(database)
      .users.find({ tenantId, roles: { $in: ['globalAdmin', 'billingAdmin'] }, state: 'active' })
      .project<{ _id: string }>({ _id: 1 })
      .toArray(),
  ]);
  const product = products.get(quote?.productId ?? '');
  if (!quote || !user || !card || !product) throw new Error(`${operation._id} lacks facts`);
  return { operation, quote, user, card, product, admins: admins.map((admin) => admin._id) };
};

/** The one transaction. Returns the ids of the mails. */
const complete = (database: Database, facts: documents.Facts, chargeId: string): Promise<string[]> => {
  const { operation, user } = facts;
  const { _id, tenantId, fence, request } = operation;
  const collections = collectionsOf(database);
  return database.transaction(async (session) => {
    const now = new Date();
    const options = { session };
    const invoice = documents.invoiceFor(facts, now);
    const license = documents.licenseFor(facts, now);
    const subscription = documents.subscriptionFor(facts, now);
    const result = documents.resultFor(facts, invoice, license);
    const event = documents.eventFor(facts, now);
    const mails = documents.mailsFor(facts, event, subscription, result, now);
    await collections.operations.updateOne(
      { _id, fence, status: 'running' },
      {
        $set: {
          status: 'succeeded',
          step: 'charging',
          lease: null,
          endedAt: now,
          result,
          starts: 0,
          subscriptionId: subscription._id,
          'progress.done': 1,
          'progress.at': now,
        },
        $inc: { version: 2 },
        $push: { history: { status: 'succeeded', at: now } },
      },
      options,
    );
    await collections.users.updateOne({ _id: user._id, tenantId }, { $set: { licensedAt: now } }, options);
    await collections.payments.updateOne(
      { _id: request.paymentId, tenantId },
      { $set: { status: 'succeeded', chargeId, settledAt: now } },
      options,
    );
    await collections.orders.updateOne(
      { _id: request.orderId, tenantId },
      { $set: { status: 'paid', period: { start: now, end: subscription.expiresAt }, settledAt: now } },
      options,
    );
    await collections.invoices.insertOne(invoice, options);
    await collections.ledger.insertMany(documents.ledgerFor(facts, now), options);
    await collections.subscriptions.insertOne(subscription, options);
    await collections.licenses.insertOne(license, options);
    await collections.events.insertOne(event, options);
    await collections.notifications.insertMany(mails, options);
    await collections.audit.insertOne(documents.auditFor(facts, result, now), options);
    return mails.map((mail) => mail._id);
  });
};

const purchase = async (
  database: Database,
  products: Products,
  mails: Queue,
  job: Job<Wake>,
): Promise<void> => {
  const operation = await claim(database, job.data);
  const facts = await factsOf(database, products, operation);
  const now = new Date();
  await Promise.all([
    collectionsOf(database).orders.insertOne(documents.orderFor(facts, now)),
    collectionsOf(database).payments.insertOne(documents.paymentFor(facts, now)),
  ]);
  // The provider answers at once, on both sides.
  const chargeId = newId('ref');
  const mailIds = await complete(database, facts, chargeId);
  const { tenantId } = operation;
  await mails.addBulk(
    mailIds.map((notificationId) => ({
      name: 'notification.send',
      data: { v: 1, notificationId, tenantId },
      opts: { ...KEPT, jobId: `${notificationId}-0` },
    })),
  );
};

export const open = async (at: StoreAddresses): Promise<OpenSide<PurchaseTask, number[]>> => {
  const database = await Database.connect({ uri: at.mongodbUri, appName: 'bench-reference' });
  const rows = await collectionsOf(database).products.find().toArray();
  const products: Products = new Map(rows.map((product) => [product._id, product]));
  const connection = new Redis(at.redisUrl);
  const blocking = new Redis(at.redisUrl, { maxRetriesPerRequest: null });
  const common = { prefix: at.queuePrefix, skipVersionCheck: true };
  const purchases = new Queue('purchases', { ...common, connection });
  const mails = new Queue('notifications', { ...common, connection });
  const countdown = new Countdown();
  const worker = new Worker<Wake>(
    'purchases',
    async (job) => {
      await purchase(database, products, mails, job);
      countdown.count();
    },
    { ...common, connection: blocking, concurrency: CONCURRENCY },
  );
  return {
    run: (task) => {
      const add = async (operationIds: string[]): Promise<void> => {
        await purchases.addBulk(
          operationIds.map((operationId) => ({
            name: 'purchase.run',
            data: { v: 1, operationId, tenantId: task.tenantId },
            opts: { ...KEPT, jobId: `${operationId}-0` },
          })),
        );
      };
      return runTask(task, add, (count) => countdown.from(count));
    },
    close: async () => {
      await worker.close();
      await Promise.all([purchases.close(), mails.close()]);
      for (const each of [connection, blocking]) each.disconnect();
      await database.close();
    },
  };
};
