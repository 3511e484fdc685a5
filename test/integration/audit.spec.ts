import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type AuditReport, INVARIANTS, QueueView, runAudit } from '@commissary/audit';
import { SimulatorJournal } from '@commissary/payments';
import { newId } from '@commissary/platform';
import { JobProducer, wakeUpId } from '@commissary/queue';
import {
  Database,
  type OperationDocument,
  OperationsRepository,
  type SubscriptionDocument,
} from '@commissary/store';
import { testServices } from '../support/database.js';
import { aLicense, aTenant, aUser } from '../support/documents.js';
import { runStackCommand } from '../support/run-command.js';
import { SavedDatabase } from '../support/saved-database.js';
import { startStackProcess, type StackProcess } from '../support/stack-process.js';

/**
 * A sound database (what `npm run seed` loads, bought at the real payment simulator) in which each test plants one fault; the
 * audit names it, under its number and its subject, and nothing else.
 */
const services = testServices();
const TENANT = 'ten_contoso';
const OTHER_TENANT = 'ten_other';
const ADMIN = 'usr_admin';
const STRANGER = 'usr_stranger';
const ORIGIN = { ip: '127.0.0.1', requestId: 'req_test' };

let payments: StackProcess;
let database: Database;
let producer: JobProducer;
let queues: QueueView;
let saved: SavedDatabase;
let sourceId: string;
let targetId: string;

const environment = (): Record<string, string> => ({
  MONGODB_URI: services.mongodbUri,
  REDIS_URL: services.redisUrl,
  QUEUE_PREFIX: services.queuePrefix,
  PAYMENTS_URL: payments.file().paymentsUrl,
});

beforeAll(async () => {
  payments = await startStackProcess(['--only', 'payments']);
  database = await Database.connect({ uri: services.mongodbUri, appName: 'test' });
  await database.migrate();
  const { tenants, users, products } = database.collections;
  await tenants.insertMany([
    aTenant({ _id: TENANT, domains: ['contoso.example'] }),
    aTenant({ _id: OTHER_TENANT, domains: ['other.example'] }),
  ]);
  await users.insertMany([
    aUser(TENANT, { _id: ADMIN, roles: ['globalAdmin'] }),
    aUser(OTHER_TENANT, { _id: STRANGER }),
  ]);
  const price = { market: '*', term: 'P1M', currency: 'USD', from: '2020-01-01' } as const;
  await products.insertOne({
    _id: 'CFQ7TTC0H9MP',
    productName: 'Power BI Pro',
    service: 'Power BI',
    family: 'Power Platform',
    excludedMarkets: [],
    trial: null,
    opens: [{ market: '*', from: '2020-01-01' }],
    prices: [
      { ...price, channel: 'selfService', unitAmountMinor: 999 },
      { ...price, channel: 'central', unitAmountMinor: 919 },
    ],
    trainingUrl: 'https://learn.vendor.example/power-bi',
  });
  const seeded = await runStackCommand(
    'seed',
    ['--users', '12', '--assigned', '10', '--target-seats', '8'],
    environment(),
  );
  expect(seeded).toMatchObject({ exitCode: 0 });
  const report = JSON.parse(seeded.stdout) as { sourceSubscriptionId: string; targetSubscriptionId: string };
  sourceId = report.sourceSubscriptionId;
  targetId = report.targetSubscriptionId;
  saved = await SavedDatabase.save(database);
  producer = new JobProducer({ redisUrl: services.redisUrl, prefix: services.queuePrefix });
  queues = await QueueView.connect(services.redisUrl, services.queuePrefix);
});

beforeEach(async () => {
  await saved.restore();
  for (const queue of producer.allQueues()) await queue.obliterate({ force: true });
});

afterAll(async () => {
  await queues.close();
  await producer.close();
  await database.close();
  await services.remove();
  await payments.stop();
});

const audit = (): Promise<AuditReport> =>
  runAudit({ database, journal: new SimulatorJournal(payments.file().paymentsUrl), queues });

/** `[invariant, subject]` of each violation, in the audit's order. */
const named = async (): Promise<[number, string][]> =>
  (await audit()).violations.map(({ invariant, subject }) => [invariant, subject]);

const subscription = async (id: string): Promise<SubscriptionDocument> =>
  (await database.collections.subscriptions.findOne({ _id: id }))!;

const changeSubscription = (id: string, update: object) =>
  database.collections.subscriptions.updateOne({ _id: id }, update);

const theOrder = async () => (await database.collections.orders.findOne({ status: 'paid' }))!;
const thePayment = async () => (await database.collections.payments.findOne({}))!;
const theLicense = async () => (await database.collections.licenses.findOne({}, { sort: { userId: 1 } }))!;

interface Planted {
  type?: 'move' | 'cancellation';
  subscriptionId?: string;
  total?: number;
  fields?: Partial<OperationDocument>;
  lock?: boolean;
  audited?: boolean;
}

/** An operation on hold, as sound as the gateway would have accepted it, but for `fields`. */
const plantOperation = async ({
  type = 'move',
  subscriptionId = sourceId,
  total = 10,
  fields = {},
  lock = true,
  audited = true,
}: Planted = {}): Promise<string> => {
  const requestedBy = { userId: ADMIN, displayName: 'Admin', tenantId: TENANT };
  const common = { id: newId('op'), tenantId: TENANT, subscriptionId, requestedBy, origin: ORIGIN, total };
  const now = new Date();
  const accepted: OperationDocument =
    type === 'move'
      ? OperationsRepository.newDocument(
          { ...common, type, request: { targetSubscriptionId: targetId } },
          now,
        )
      : OperationsRepository.newDocument(
          { ...common, type, request: { by: 'admin', reason: 'unused', comment: null, onBehalfOf: null } },
          now,
        );
  const history = [...accepted.history, { status: 'paused' as const, at: now }];
  const operation = { ...accepted, status: 'paused', history, version: 2, ...fields } as OperationDocument;
  await database.collections.operations.insertOne(operation);
  if (lock) await changeSubscription(subscriptionId, { $set: { operationId: operation._id } });
  if (audited) await plantAudit('operation.accepted', { type: 'operation', id: operation._id });
  return operation._id;
};

const plantAudit = (
  action: string,
  subject: { type: string; id: string },
  after: Record<string, unknown> = {},
) =>
  database.collections.audit.insertOne({
    _id: newId('aud'),
    tenantId: TENANT,
    actor: { userId: ADMIN, displayName: 'Admin', tenantId: TENANT },
    action,
    subject,
    before: null,
    after,
    ...ORIGIN,
    operationId: null,
    at: new Date(),
  });

const ENDED = (status: 'succeeded' | 'stopped' | 'failed') => ({
  status,
  endedAt: new Date(),
  history: (['accepted', 'running', status] as const).map((one) => ({ status: one, at: new Date() })),
  version: 3,
});

const progress = (fields: Partial<OperationDocument['progress']>): OperationDocument['progress'] => ({
  total: 10,
  done: 0,
  skipped: 0,
  failed: 0,
  alreadyLicensed: 0,
  at: null,
  runStartedAt: null,
  runStartedWith: 0,
  ...fields,
});

describe('a sound database [OPS-5]', () => {
  it('[OPS-5] has no violation, and everything was looked at', async () => {
    expect(INVARIANTS.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
    const report = await audit();
    expect(report).toMatchObject({ violations: [], notChecked: [] });
    expect(report.checked).toMatchObject({
      users: 15,
      subscriptions: 2,
      licenses: 10,
      orders: 2,
      payments: 1,
    });
  });

  it('[OPS-5] says what it could not check without a journal and a Redis', async () => {
    const { violations, notChecked } = await runAudit({ database });
    expect(violations).toEqual([]);
    expect(notChecked.map((text) => Number.parseInt(text, 10))).toEqual([3, 10, 14]);
  });

  it('[OPS-5] a move under way is explained: reservation, lock, a license whose user was deleted', async () => {
    const operationId = await plantOperation();
    await changeSubscription(targetId, { $push: { 'seats.reservations': { operationId, seats: 8 } } });
    const license = await theLicense();
    await database.collections.users.updateOne({ _id: license.userId }, { $set: { state: 'deleted' } });
    await database.collections.licenses.updateOne(
      { _id: license._id },
      { $set: { userDeletedAt: new Date() } },
    );
    await plantAudit('user.deleted', { type: 'user', id: license.userId });
    expect(await named()).toEqual([]);
  });

  it('[OPS-5] a cancellation that is still sweeping is explained', async () => {
    await plantOperation({ type: 'cancellation' });
    await changeSubscription(sourceId, {
      $set: { status: 'deleted' },
      $push: { history: { status: 'deleted', at: new Date() } },
      $inc: { version: 1 },
    });
    expect(await named()).toEqual([]);
  });

  it('[OPS-5] a charge that was made and not recorded yet is explained by its open purchase, and by nothing else', async () => {
    const [order, payment] = [await theOrder(), await thePayment()];
    const { operations, orders, payments: books, invoices, ledger } = database.collections;
    const running = { status: 'paused' as const, endedAt: null, result: null, 'progress.done': 0 };
    await operations.updateOne(
      { _id: payment.operationId },
      {
        $set: {
          ...running,
          history: [
            { status: 'accepted', at: new Date() },
            { status: 'paused', at: new Date() },
          ],
        },
      },
    );
    await orders.updateOne({ _id: order._id }, { $set: { status: 'pending', settledAt: null } });
    const asked = { status: 'unknown' as const, chargeId: null, nextCheckAt: new Date() };
    await books.updateOne({ _id: payment._id }, { $set: asked });
    await invoices.deleteMany({});
    await ledger.deleteMany({});
    expect(await named()).toEqual([]);
    await operations.updateOne(
      { _id: payment.operationId },
      { $set: { ...ENDED('failed'), 'progress.failed': 1 } },
    );
    expect(new Set((await named()).map(([invariant]) => invariant))).toEqual(new Set([3, 5]));
  });
});

describe('1 seats [OPS-5, MOV-2]', () => {
  it('[OPS-5] a counter that is not the number of licenses', async () => {
    await changeSubscription(sourceId, { $inc: { 'seats.assigned': -1 } });
    expect(await named()).toEqual([[1, sourceId]]);
  });

  it('[OPS-5] more seats given than bought', async () => {
    await changeSubscription(sourceId, { $inc: { 'seats.purchased': -1 } });
    expect(await named()).toEqual([[1, sourceId]]);
  });

  it('[OPS-5] a reservation that its operation does not explain', async () => {
    await changeSubscription(targetId, {
      $push: { 'seats.reservations': { operationId: 'op_gone', seats: 2 } },
    });
    expect(await named()).toEqual([[1, targetId]]);
    await saved.restore();
    const ended = await plantOperation({
      lock: false,
      fields: { ...ENDED('stopped'), progress: progress({}) },
    });
    await changeSubscription(targetId, { $push: { 'seats.reservations': { operationId: ended, seats: 1 } } });
    expect(await named()).toEqual([[1, targetId]]);
    await saved.restore();
    const open = await plantOperation({ total: 5 });
    await changeSubscription(targetId, { $push: { 'seats.reservations': { operationId: open, seats: 6 } } });
    expect(await named()).toEqual([[1, targetId]]);
  });
});

describe('2 licenses [OPS-5, MOV-4]', () => {
  it('[OPS-5] a second license of a user for a product', async () => {
    const license = await theLicense();
    const second = { ...license, _id: newId('lic'), subscriptionId: targetId };
    await database.collections.licenses.dropIndex('tenantId_1_userId_1_productId_1');
    try {
      await database.collections.licenses.insertOne(second);
      await changeSubscription(targetId, { $inc: { 'seats.assigned': 1 } });
      const found = await named();
      expect(found).toHaveLength(1);
      expect([license._id, second._id]).toContain(found[0]?.[1]);
      expect(found[0]?.[0]).toBe(2);
    } finally {
      await saved.restore();
      await database.migrate();
    }
  });

  it('[OPS-5] a license of a deleted or unknown user', async () => {
    const license = await theLicense();
    await database.collections.users.updateOne({ _id: license.userId }, { $set: { state: 'deleted' } });
    await plantAudit('user.deleted', { type: 'user', id: license.userId });
    expect(await named()).toEqual([[2, license._id]]);
    await database.collections.users.deleteOne({ _id: license.userId });
    expect(await named()).toEqual([[2, license._id]]);
    // Left for an operation to remove, and none will.
    await database.collections.licenses.updateOne(
      { _id: license._id },
      { $set: { userDeletedAt: new Date() } },
    );
    expect(await named()).toEqual([[2, license._id]]);
  });

  it('[OPS-5] licenses of a subscription that is deleted, missing or of another product', async () => {
    await changeSubscription(sourceId, {
      $set: { status: 'deleted' },
      $push: { history: { status: 'deleted', at: new Date() } },
      $inc: { version: 1 },
    });
    const found = await named();
    expect(found).toHaveLength(10);
    expect(new Set(found.map(([invariant]) => invariant))).toEqual(new Set([2]));
    await saved.restore();
    const license = await theLicense();
    await database.collections.licenses.updateOne({ _id: license._id }, { $set: { productId: 'OTHER' } });
    expect(await named()).toEqual([[2, license._id]]);
    await saved.restore();
    const orphan = aLicense({ _id: 'sub_gone', tenantId: TENANT, productId: 'OTHER' }, ADMIN);
    await database.collections.licenses.insertOne(orphan);
    expect(await named()).toEqual([[2, orphan._id]]);
  });
});

describe('4 ledger [OPS-5]', () => {
  it('[OPS-5] debits that are not credits', async () => {
    const row = (await database.collections.ledger.findOne({ kind: 'invoice' }))!;
    await database.collections.ledger.updateOne(
      { _id: row._id },
      { $inc: { 'entries.1.amount.amountMinor': 1 } },
    );
    expect(await named()).toEqual([[4, row._id]]);
  });

  it('[OPS-5] a paid order without its charge, or with a refund nobody gave', async () => {
    const order = await theOrder();
    await database.collections.ledger.deleteOne({ kind: 'charge' });
    expect(await named()).toEqual([[4, order._id]]);
    await saved.restore();
    const amount = { amountMinor: 5, currency: 'USD' };
    await database.collections.ledger.insertOne({
      _id: newId('led'),
      tenantId: TENANT,
      kind: 'refund',
      orderId: order._id,
      entries: [
        { account: 'revenue', side: 'debit', amount },
        { account: 'cash', side: 'credit', amount },
      ],
      at: new Date(),
    });
    expect(await named()).toEqual([[4, order._id]]);
  });

  it('[OPS-5] a paid order without an invoice', async () => {
    await database.collections.invoices.deleteMany({});
    expect(await named()).toEqual([[4, (await theOrder())._id]]);
  });
});

describe('5 unknown payments [OPS-5, BUY-6]', () => {
  const unknown = { status: 'unknown' as const, chargeId: null };

  it('[OPS-5] one without a next check, one that is too old', async () => {
    // An order that was never charged, so that the journal has nothing to say of it.
    const operationId = await plantOperation({
      lock: false,
      fields: { type: 'purchase', subscriptionId: null } as never,
    });
    const [order, payment] = [await theOrder(), await thePayment()];
    const orderId = newId('ord');
    const planted = {
      ...payment,
      ...unknown,
      _id: newId('pay'),
      orderId,
      operationId,
      idempotencyKey: 'key_2',
    };
    await database.collections.orders.insertOne({ ...order, _id: orderId, operationId, status: 'pending' });
    await database.collections.payments.insertOne({ ...planted, nextCheckAt: null });
    expect(await named()).toEqual([[5, planted._id]]);
    const old = { nextCheckAt: new Date(), createdAt: new Date(Date.now() - 26 * 3_600_000) };
    await database.collections.payments.updateOne({ _id: planted._id }, { $set: old });
    expect(await named()).toEqual([[5, planted._id]]);
    await database.collections.payments.updateOne({ _id: planted._id }, { $set: { createdAt: new Date() } });
    expect(await named()).toEqual([]);
  });
});

describe('6 progress [OPS-5, MOV-3]', () => {
  const result = (operationId: string, seq: number, userIds: string[]) => ({
    _id: `${operationId}:${seq}`,
    tenantId: TENANT,
    operationId,
    seq,
    groups: [{ outcome: 'moved' as const, reason: null, userIds }],
    at: new Date(),
  });

  it('[OPS-5] more done than there was, and an end with users pending', async () => {
    const many = await plantOperation({ total: 1, fields: { progress: progress({ total: 1, done: 2 }) } });
    expect((await named()).map(([invariant, subject]) => `${invariant} ${subject}`)).toContain(`6 ${many}`);
    await saved.restore();
    const ended = await plantOperation({
      lock: false,
      fields: { ...ENDED('succeeded'), progress: progress({}) },
    });
    expect(await named()).toEqual([[6, ended]]);
    await saved.restore();
    const stopped = await plantOperation({
      lock: false,
      fields: { ...ENDED('stopped'), progress: progress({}) },
    });
    expect(await named()).toEqual([]);
    expect(stopped).toMatch(/^op_/);
  });

  it('[OPS-5] results that are not the counters, and a user with two', async () => {
    const fields = { chunks: 1, progress: progress({ done: 2 }) };
    const operationId = await plantOperation({ fields });
    await database.collections.operationResults.insertOne(result(operationId, 0, ['usr_1', 'usr_2']));
    expect(await named()).toEqual([]);
    await database.collections.operationResults.updateOne(
      { operationId },
      { $set: { 'groups.0.userIds': ['usr_1', 'usr_1'] } },
    );
    expect(await named()).toEqual([[6, operationId]]);
    await database.collections.operationResults.updateOne(
      { operationId },
      { $set: { 'groups.0.userIds': ['usr_1'] } },
    );
    expect(await named()).toEqual([[6, operationId]]);
  });
});

describe('7 one take-over at a time [OPS-5, MOV-6]', () => {
  it('[OPS-5] two open operations on a subscription', async () => {
    await plantOperation();
    await plantOperation({ type: 'cancellation', lock: false });
    expect(await named()).toEqual([[7, sourceId]]);
  });

  it('[OPS-5] a lock of an operation that has ended or never was', async () => {
    await plantOperation({ fields: { ...ENDED('stopped'), progress: progress({}) } });
    expect(await named()).toEqual([[7, sourceId]]);
    await changeSubscription(sourceId, { $set: { operationId: 'op_gone' } });
    expect(await named()).toEqual([[7, sourceId]]);
  });
});

describe('8 histories [OPS-5, SUB-1]', () => {
  it('[OPS-5] an operation that went on after its end', async () => {
    const operation = (await database.collections.operations.findOne({}))!;
    const history = [...operation.history, { status: 'running' as const, at: new Date() }];
    history.push({ status: 'succeeded', at: new Date() });
    await database.collections.operations.updateOne(
      { _id: operation._id },
      { $set: { history, version: 9 } },
    );
    expect(await named()).toEqual([[8, operation._id]]);
  });

  it('[OPS-5] a subscription that came back from the dead, or whose status is not its history', async () => {
    const history = (['active', 'deleted', 'active'] as const).map((status) => ({ status, at: new Date() }));
    await changeSubscription(targetId, { $set: { history, version: 3 } });
    expect(await named()).toEqual([[8, targetId]]);
    await saved.restore();
    await changeSubscription(targetId, { $set: { status: 'expired' } });
    expect(await named()).toEqual([[8, targetId]]);
  });

  it('[OPS-5] a gap in the versions of a policy', async () => {
    const change = { tenantId: TENANT, changes: [], changedBy: ADMIN, at: new Date() };
    for (const version of [1, 3]) {
      await database.collections.policyChanges.insertOne({ _id: newId('pol'), ...change, version });
      await plantAudit('policy.set', { type: 'policy', id: TENANT }, { version });
    }
    await database.collections.policies.insertOne({
      _id: TENANT,
      version: 2,
      defaultValue: 'Enabled',
      values: {},
      updatedAt: new Date(),
    });
    expect(await named()).toEqual([[8, TENANT]]);
  });
});

describe('9 mails [OPS-5, MSG-3]', () => {
  it('[OPS-5] a recipient without a mail, a mail without a recipient, a mail of no event', async () => {
    const { notifications, events } = database.collections;
    const event = (await events.findOne({}))!;
    await notifications.deleteOne({ template: 'receipt' });
    expect(await named()).toEqual([[9, event._id]]);
    await saved.restore();
    await events.updateOne({ _id: event._id }, { $set: { 'data.recipients.purchaseAlert': [] } });
    expect(await named()).toEqual([[9, event._id]]);
    await saved.restore();
    const alert = (await notifications.findOne({ template: 'purchaseAlert' }))!;
    await notifications.insertOne({ ...alert, _id: 'ntf_2', key: 'again' });
    expect(await named()).toEqual([[9, event._id]]);
    await saved.restore();
    await notifications.insertOne({ ...alert, _id: 'ntf_2', key: 'another', eventId: 'evt_gone' });
    expect(await named()).toEqual([[9, 'ntf_2']]);
  });

  it('[OPS-5] an event that names nobody though its kind must', async () => {
    const { events } = database.collections;
    const event = { tenantId: TENANT, operationId: null, at: new Date(), data: { recipients: {} } };
    await events.insertMany([
      { ...event, _id: 'evt_1', type: 'subscription.canceled', subjectId: sourceId },
      { ...event, _id: 'evt_2', type: 'purchase.declined', subjectId: 'ord_1' },
      { ...event, _id: 'evt_3', type: 'license.assigned', subjectId: sourceId },
    ]);
    expect(await named()).toEqual([
      [9, 'evt_1'],
      [9, 'evt_2'],
    ]);
  });
});

describe('10 due operations [OPS-5, OPS-4]', () => {
  const waiting = (nextRunAt: Date, fields: Partial<OperationDocument> = {}) =>
    plantOperation({
      fields: {
        status: 'accepted',
        history: [{ status: 'accepted', at: new Date() }],
        version: 1,
        nextRunAt,
        ...fields,
      },
    });
  const longAgo = (): Date => new Date(Date.now() - 60_000);

  it('[OPS-4] one that no job will wake', async () => {
    const operationId = await waiting(longAgo());
    expect(await named()).toEqual([[10, operationId]]);
    const payload = { v: 1 as const, operationId, tenantId: TENANT };
    await producer.enqueue({ name: 'license-move.run', payload, jobId: wakeUpId(operationId, 0) });
    expect(await named()).toEqual([]);
  });

  it('[OPS-4] not one that is leased, backing off or just due', async () => {
    await waiting(longAgo(), { lease: { until: new Date(Date.now() + 10_000), worker: 'w' } });
    expect(await named()).toEqual([]);
    await saved.restore();
    await waiting(new Date(Date.now() + 10_000));
    expect(await named()).toEqual([]);
    await saved.restore();
    await waiting(new Date());
    expect(await named()).toEqual([]);
  });

  it('[OPS-4] one whose lease has run out', async () => {
    const operationId = await waiting(longAgo(), { lease: { until: longAgo(), worker: 'w' } });
    expect(await named()).toEqual([[10, operationId]]);
  });
});

describe('11 tenancy [OPS-5]', () => {
  it('[OPS-5] references of each kind that leave their tenant', async () => {
    const license = await theLicense();
    await database.collections.licenses.updateOne({ _id: license._id }, { $set: { userId: STRANGER } });
    expect(await named()).toEqual([[11, license._id]]);
    await saved.restore();
    await changeSubscription(sourceId, { $set: { purchaserId: STRANGER } });
    expect(await named()).toEqual([[11, sourceId]]);
    await saved.restore();
    const mail = (await database.collections.notifications.findOne({ template: 'receipt' }))!;
    await database.collections.notifications.updateOne(
      { _id: mail._id },
      { $set: { tenantId: OTHER_TENANT } },
    );
    expect(new Set((await named()).map(([invariant, id]) => `${invariant} ${id}`))).toEqual(
      new Set([`11 ${mail._id}`]),
    );
    await saved.restore();
    const payment = await thePayment();
    await database.collections.payments.updateOne({ _id: payment._id }, { $set: { tenantId: OTHER_TENANT } });
    expect(new Set((await named()).map(([invariant, id]) => `${invariant} ${id}`))).toEqual(
      new Set([`11 ${payment._id}`]),
    );
  });
});

describe('12 idempotency [OPS-5, EXT-1]', () => {
  const remember = (fields: object) =>
    database.collections.idempotency.insertOne({
      _id: 'key_1',
      tenantId: TENANT,
      fingerprint: 'x'.repeat(43),
      subjectId: targetId,
      status: 201,
      body: { id: targetId },
      location: null,
      createdAt: new Date(),
      ...fields,
    });

  it('[EXT-1] a record of nothing, of another tenant, without a fingerprint, of an answer that is not its own', async () => {
    await remember({});
    expect(await named()).toEqual([]);
    const faults = [
      { subjectId: 'op_gone' },
      { tenantId: OTHER_TENANT },
      { fingerprint: '' },
      { status: 409 },
      { status: 202, body: { id: 'op_another' } },
    ];
    for (const fault of faults) {
      await saved.restore();
      await remember(fault);
      expect(await named()).toEqual([[12, 'key_1']]);
    }
  });

  it('[EXT-1] two records of one thing', async () => {
    await remember({});
    await remember({ _id: 'key_2' });
    expect((await named()).map(([invariant]) => invariant)).toEqual([12]);
  });
});

describe('13 audit trail [OPS-5, ADM-9]', () => {
  it('[ADM-9] an operation, a central order, a policy change and a deleted user without an entry', async () => {
    const operationId = await plantOperation({ audited: false });
    expect(await named()).toEqual([[13, operationId]]);
    await saved.restore();
    await database.collections.audit.deleteMany({ 'subject.id': targetId });
    expect(await named()).toEqual([[13, targetId]]);
    await saved.restore();
    await database.collections.users.updateOne({ _id: STRANGER }, { $set: { state: 'deleted' } });
    expect(await named()).toEqual([[13, STRANGER]]);
    await saved.restore();
    const change = {
      _id: newId('pol'),
      tenantId: TENANT,
      version: 1,
      changes: [],
      changedBy: ADMIN,
      at: new Date(),
    };
    await database.collections.policyChanges.insertOne(change);
    const policy = {
      _id: TENANT,
      version: 1,
      defaultValue: 'Enabled' as const,
      values: {},
      updatedAt: new Date(),
    };
    await database.collections.policies.insertOne(policy);
    expect(await named()).toEqual([[13, `${TENANT} version 1`]]);
  });
});

describe('14 Redis [OPS-5]', () => {
  it('[OPS-5] a job that holds more than ids, waiting or ended', async () => {
    const queue = producer.allQueues().find(({ name }) => name === 'notifications')!;
    const sound = { v: 1, notificationId: 'ntf_1', tenantId: TENANT };
    await queue.add('notification.send', sound, { jobId: 'sound-0' });
    expect(await named()).toEqual([]);
    await queue.add('notification.send', { ...sound, to: 'alex@contoso.example' }, { jobId: 'leak-0' });
    await queue.add(
      'notification.send',
      { ...sound, tenantId: 'alex@contoso.example' },
      { jobId: 'leak-1', delay: 60_000 },
    );
    const { violations } = await audit();
    expect(violations.map(({ invariant, subject }) => [invariant, subject])).toEqual([
      [14, 'notifications leak-0'],
      [14, 'notifications leak-1'],
    ]);
    expect(JSON.stringify(violations)).not.toContain('alex');
  });
});

describe('the command [RUN-5]', () => {
  it('[RUN-5] exits 0 with `0 violations`, or 1 with each on a line; --json has the shape of the contract', async () => {
    const sound = await runStackCommand('audit', [], environment());
    expect(sound).toMatchObject({ exitCode: 0, stderr: '' });
    expect(sound.stdout).toMatch(/\n0 violations\n$/);
    await changeSubscription(sourceId, { $inc: { 'seats.assigned': -1 } });
    const faulty = await runStackCommand('audit', [], environment());
    expect(faulty.exitCode).toBe(1);
    expect(faulty.stdout).toMatch(new RegExp(`\n1 ${sourceId} .*\n1 violations\n$`));
    const json = await runStackCommand('audit', ['--json'], environment());
    expect(json.exitCode).toBe(1);
    const subject = sourceId;
    expect(JSON.parse(json.stdout)).toMatchObject({
      violations: [{ invariant: 1, subject, detail: expect.any(String) as unknown }],
      notChecked: [],
      checked: { subscriptions: 2 },
    });
  });

  it('[RUN-5] says in a sentence that there is nothing to look at', async () => {
    const none = await runStackCommand('audit', ['--run-dir', '/tmp/commissary-nothing-here']);
    expect(none).toMatchObject({ exitCode: 1, stdout: '' });
    expect(none.stderr).toMatch(/^No stack is running in .*\n$/);
    const uri = new URL(services.mongodbUri);
    uri.pathname = `${uri.pathname}_empty`;
    const empty = await runStackCommand('audit', [], {
      MONGODB_URI: uri.href,
      REDIS_URL: '',
      PAYMENTS_URL: '',
    });
    expect(empty).toMatchObject({ exitCode: 1, stdout: '' });
    expect(empty.stderr).toMatch(/^There is nothing to look at: .*\n$/);
  });
});

/** Last, for the journal forgets nothing. */
describe('3 charges [OPS-5, BUY-6]', () => {
  it('[BUY-6] a paid order that was not charged, or not in full', async () => {
    const [order, payment] = [await theOrder(), await thePayment()];
    await database.collections.payments.updateOne({ _id: payment._id }, { $set: { status: 'declined' } });
    expect(new Set((await named()).map(([i, s]) => `${i} ${s}`))).toEqual(new Set([`3 ${order._id}`]));
    await saved.restore();
    await database.collections.payments.updateOne(
      { _id: payment._id },
      { $inc: { 'amount.amountMinor': -1 } },
    );
    expect(new Set((await named()).map(([i, s]) => `${i} ${s}`))).toEqual(new Set([`3 ${order._id}`]));
  });

  it('[BUY-6] a failed order whose charge was not given back', async () => {
    const order = await theOrder();
    await database.collections.orders.updateOne({ _id: order._id }, { $set: { status: 'failed' } });
    await database.collections.ledger.deleteMany({});
    await database.collections.invoices.deleteMany({});
    expect(new Set((await named()).map(([i, s]) => `${i} ${s}`))).toEqual(new Set([`3 ${order._id}`]));
  });

  it('[BUY-6] a refund that was recorded and not given, or promised by nobody', async () => {
    const [order, payment] = [await theOrder(), await thePayment()];
    const refund = {
      id: newId('ref'),
      operationId: payment.operationId,
      idempotencyKey: 'ref_1',
      amount: { amountMinor: 100, currency: 'USD' },
      status: 'pending' as const,
      createdAt: new Date(),
      settledAt: null,
    };
    await database.collections.payments.updateOne({ _id: payment._id }, { $push: { refunds: refund } });
    expect(await named()).toEqual([[3, order._id]]);
    await database.collections.payments.updateOne(
      { _id: payment._id },
      { $set: { 'refunds.0.status': 'succeeded' } },
    );
    const entries = [
      { account: 'revenue' as const, side: 'debit' as const, amount: refund.amount },
      { account: 'cash' as const, side: 'credit' as const, amount: refund.amount },
    ];
    await database.collections.ledger.insertOne({
      _id: newId('led'),
      tenantId: TENANT,
      kind: 'refund',
      orderId: order._id,
      entries,
      at: new Date(),
    });
    expect(await named()).toEqual([[3, order._id]]);
  });

  it("[BUY-6] charges that the provider's journal does not have, or that only it has", async () => {
    const [order, payment] = [await theOrder(), await thePayment()];
    await database.collections.payments.updateOne({ _id: payment._id }, { $set: { chargeId: 'ch_other' } });
    expect(await named()).toEqual([[3, order._id]]);
    await saved.restore();
    await database.collections.payments.updateOne(
      { _id: payment._id },
      { $set: { idempotencyKey: 'key_other' } },
    );
    expect((await named()).every(([i, s]) => i === 3 && s === order._id)).toBe(true);
    expect(await named()).not.toEqual([]);
    await saved.restore();
    const method = (await database.collections.paymentMethods.findOne({}))!;
    const { amountMinor, currency } = payment.amount;
    const again = await fetch(`${payments.file().paymentsUrl}/charges`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': 'a-fresh-key' },
      body: JSON.stringify({
        paymentMethodId: method.providerMethodId,
        orderId: order._id,
        amountMinor,
        currency,
      }),
    });
    expect(again.status).toBe(200);
    const { violations } = await audit();
    expect(violations.map(({ invariant, subject }) => [invariant, subject])).toContainEqual([3, order._id]);
    expect(violations.map(({ detail }) => detail)).toContain('was charged 2 times');
  });
});

it('[OPS-5] the audit changes nothing', async () => {
  const before = await subscription(sourceId);
  await audit();
  expect(await subscription(sourceId)).toEqual(before);
});
