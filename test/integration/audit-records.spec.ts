import { fetch } from '@commissary/stack/http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { AuditDocument } from '@commissary/store';
import { newId } from '@commissary/platform';
import { AuditedDatabase, ADMIN, OTHER_TENANT, STRANGER, TENANT } from '../support/audited-database.js';
import { testServices } from '../support/database.js';
import { collectionsOf } from '../support/driver.js';

/**
 * A sound database (what `npm run seed` loads, bought at the real payment simulator) in which each test plants one fault; the
 * audit names it, under its number and its subject, and nothing else.
 */
const services = testServices();
let audited: AuditedDatabase;

beforeAll(async () => {
  audited = await AuditedDatabase.start(services);
});

beforeEach(() => audited.restore());

afterAll(async () => {
  await audited.stop();
  await services.remove();
});

describe('4 ledger [OPS-5]', () => {
  it('[OPS-5] debits that are not credits', async () => {
    const row = (await collectionsOf(audited.database).ledger.findOne({ kind: 'invoice' }))!;
    await collectionsOf(audited.database).ledger.updateOne(
      { _id: row._id },
      { $inc: { 'entries.1.amount.amountMinor': 1 } },
    );
    expect(await audited.named()).toEqual([[4, row._id]]);
  });

  it('[OPS-5] a paid order without its charge, or with a refund nobody gave', async () => {
    const order = await audited.theOrder();
    await collectionsOf(audited.database).ledger.deleteOne({ kind: 'charge' });
    const named = [
      [4, order._id],
      [4, TENANT],
      [4, TENANT],
    ];
    // Neither cash nor what is owed is what it says.
    expect(await audited.named()).toEqual(named);
    await audited.restore();
    const amount = { amountMinor: 5, currency: 'USD' };
    await collectionsOf(audited.database).ledger.insertOne({
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
    expect(await audited.named()).toEqual(named.slice(0, 2));
  });

  it('[OPS-5] a paid order without an invoice', async () => {
    await collectionsOf(audited.database).invoices.deleteMany({});
    expect(await audited.named()).toEqual([[4, (await audited.theOrder())._id]]);
  });
});

describe('5 unknown payments [OPS-5, BUY-6]', () => {
  const unknown = { status: 'unknown' as const, chargeId: null };

  it('[OPS-5] one without a next check, one that is too old', async () => {
    // An order that was never charged, so that the journal has nothing to say of it.
    const operationId = await audited.plantOperation({
      lock: false,
      fields: { type: 'purchase', subscriptionId: null } as never,
    });
    const [order, payment] = [await audited.theOrder(), await audited.thePayment()];
    const orderId = newId('ord');
    const planted = {
      ...payment,
      ...unknown,
      _id: newId('pay'),
      orderId,
      operationId,
      idempotencyKey: 'key_2',
    };
    await collectionsOf(audited.database).orders.insertOne({
      ...order,
      _id: orderId,
      operationId,
      status: 'pending',
    });
    await collectionsOf(audited.database).payments.insertOne({ ...planted, nextCheckAt: null });
    expect(await audited.named()).toEqual([[5, planted._id]]);
    const old = { nextCheckAt: new Date(), createdAt: new Date(Date.now() - 26 * 3_600_000) };
    await collectionsOf(audited.database).payments.updateOne({ _id: planted._id }, { $set: old });
    expect(await audited.named()).toEqual([[5, planted._id]]);
    await collectionsOf(audited.database).payments.updateOne(
      { _id: planted._id },
      { $set: { createdAt: new Date() } },
    );
    expect(await audited.named()).toEqual([]);
  });
});

describe('12 idempotency [OPS-5, EXT-1]', () => {
  const remember = (fields: object) =>
    collectionsOf(audited.database).idempotency.insertOne({
      _id: 'key_1',
      tenantId: TENANT,
      fingerprint: 'x'.repeat(43),
      subjectId: audited.targetId,
      status: 201,
      body: { id: audited.targetId },
      location: null,
      createdAt: new Date(),
      ...fields,
    });

  it('[EXT-1] a record of nothing, of another tenant, without a fingerprint, of an answer that is not its own', async () => {
    await remember({});
    expect(await audited.named()).toEqual([]);
    const faults = [
      { subjectId: 'op_gone' },
      { tenantId: OTHER_TENANT },
      { fingerprint: '' },
      { status: 409 },
      { status: 202, body: { id: 'op_another' } },
    ];
    for (const fault of faults) {
      await audited.restore();
      await remember(fault);
      expect(await audited.named()).toEqual([[12, 'key_1']]);
    }
  });

  it('[EXT-1] two records of one operation', async () => {
    await remember({});
    await remember({ _id: 'key_2' });
    expect(await audited.named()).toEqual([]);
    const operationId = await audited.plantOperation();
    const started = { subjectId: operationId, status: 202, body: { id: operationId } };
    await remember({ _id: 'key_3', ...started });
    expect(await audited.named()).toEqual([]);
    await remember({ _id: 'key_4', ...started });
    expect((await audited.named()).map(([invariant]) => invariant)).toEqual([12]);
  });
});

describe('13 audit trail [OPS-5, ADM-9]', () => {
  it('[ADM-9] an operation, a central order, a policy change, a deleted user and a setting without an entry', async () => {
    const operationId = await audited.plantOperation({ audited: false });
    expect(await audited.named()).toEqual([[13, operationId]]);
    await audited.restore();
    await collectionsOf(audited.database).audit.deleteMany({ 'subject.id': audited.targetId });
    expect(await audited.named()).toEqual([[13, audited.targetId]]);
    await audited.restore();
    await collectionsOf(audited.database).users.updateOne({ _id: STRANGER }, { $set: { state: 'deleted' } });
    expect(await audited.named()).toEqual([[13, STRANGER]]);
    await audited.restore();
    const change = {
      _id: newId('pol'),
      tenantId: TENANT,
      version: 1,
      changes: [],
      changedBy: ADMIN,
      at: new Date(),
    };
    await collectionsOf(audited.database).policyChanges.insertOne(change);
    const policy = {
      _id: TENANT,
      version: 1,
      defaultValue: 'Enabled' as const,
      values: {},
      updatedAt: new Date(),
    };
    await collectionsOf(audited.database).policies.insertOne(policy);
    expect(await audited.named()).toEqual([[13, `${TENANT} version 1`]]);
    await audited.restore();
    const notifications = { version: 4, purchaseAlerts: 'digest' } as const;
    await collectionsOf(audited.database).tenants.updateOne({ _id: TENANT }, { $set: { notifications } });
    expect(await audited.named()).toEqual([[13, `${TENANT} version 4`]]);
  });

  it("[ADM-9] an entry of one setting does not stand for another setting's, though their versions are equal", async () => {
    const { tenants, audit } = collectionsOf(audited.database);
    const notifications = { version: 1, purchaseAlerts: 'digest' } as const;
    await tenants.updateOne({ _id: TENANT }, { $set: { notifications } });
    const entryOf = (setting: string | undefined): AuditDocument => ({
      _id: newId('aud'),
      tenantId: TENANT,
      actor: { userId: ADMIN, displayName: 'Admin', tenantId: TENANT },
      action: 'settings.set',
      subject: { type: 'tenant', id: TENANT },
      before: null,
      after: { version: 1, ...(setting !== undefined && { setting }) },
      ip: '127.0.0.1',
      requestId: 'req_test',
      operationId: null,
      at: new Date(),
    });
    await audit.insertOne(entryOf('requests'));
    expect(await audited.named()).toEqual([[13, `${TENANT} version 1`]]);
    // An entry of a time when there was one setting names none.
    const unnamed = entryOf(undefined);
    await audit.insertOne(unnamed);
    expect(await audited.named()).toEqual([]);
    await audit.deleteOne({ _id: unnamed._id });
    await audit.insertOne(entryOf('notifications'));
    expect(await audited.named()).toEqual([]);
  });
});

describe('14 Redis [OPS-5]', () => {
  it('[OPS-5] a job that holds more than ids, waiting or ended', async () => {
    const queue = audited.producer.allQueues().find(({ name }) => name === 'notifications')!;
    const sound = { v: 1, notificationId: 'ntf_1', tenantId: TENANT };
    await queue.add('notification.send', sound, { jobId: 'sound-0' });
    expect(await audited.named()).toEqual([]);
    await queue.add('notification.send', { ...sound, to: 'alex@contoso.example' }, { jobId: 'leak-0' });
    await queue.add(
      'notification.send',
      { ...sound, tenantId: 'alex@contoso.example' },
      { jobId: 'leak-1', delay: 60_000 },
    );
    const { violations } = await audited.audit();
    expect(violations.map(({ invariant, subject }) => [invariant, subject])).toEqual([
      [14, 'notifications leak-0'],
      [14, 'notifications leak-1'],
    ]);
    expect(JSON.stringify(violations)).not.toContain('alex');
  });
});

/** Last, for the journal forgets nothing. */
describe('3 charges [OPS-5, BUY-6]', () => {
  it('[BUY-6] a paid order that was not charged, or not in full', async () => {
    const [order, payment] = [await audited.theOrder(), await audited.thePayment()];
    await collectionsOf(audited.database).payments.updateOne(
      { _id: payment._id },
      { $set: { status: 'declined' } },
    );
    expect(await audited.kinds()).toEqual([`3 ${order._id}`, `4 ${TENANT}`]);
    await audited.restore();
    await collectionsOf(audited.database).payments.updateOne(
      { _id: payment._id },
      { $inc: { 'amount.amountMinor': -1 } },
    );
    expect(await audited.kinds()).toEqual([`3 ${order._id}`, `4 ${TENANT}`]);
  });

  it('[BUY-6] a failed order whose charge was not given back', async () => {
    const order = await audited.theOrder();
    await collectionsOf(audited.database).orders.updateOne(
      { _id: order._id },
      { $set: { status: 'failed' } },
    );
    await collectionsOf(audited.database).ledger.deleteMany({});
    await collectionsOf(audited.database).invoices.deleteMany({});
    expect(await audited.kinds()).toEqual([`3 ${order._id}`, `4 ${TENANT}`]);
  });

  it('[BUY-6] a refund that was recorded and not given, or promised by nobody', async () => {
    const [order, payment] = [await audited.theOrder(), await audited.thePayment()];
    const refund = {
      id: newId('ref'),
      operationId: payment.operationId,
      idempotencyKey: 'ref_1',
      amount: { amountMinor: 100, currency: 'USD' },
      seats: 1,
      status: 'pending' as const,
      createdAt: new Date(),
      settledAt: null,
    };
    await collectionsOf(audited.database).payments.updateOne(
      { _id: payment._id },
      { $push: { refunds: refund } },
    );
    expect(await audited.named()).toEqual([[3, order._id]]);
    await collectionsOf(audited.database).payments.updateOne(
      { _id: payment._id },
      { $set: { 'refunds.0.status': 'succeeded' } },
    );
    const entries = [
      { account: 'revenue' as const, side: 'debit' as const, amount: refund.amount },
      { account: 'cash' as const, side: 'credit' as const, amount: refund.amount },
    ];
    await collectionsOf(audited.database).ledger.insertOne({
      _id: newId('led'),
      tenantId: TENANT,
      kind: 'refund',
      orderId: order._id,
      entries,
      at: new Date(),
    });
    expect(await audited.named()).toEqual([[3, order._id]]);
  });

  it("[BUY-6] charges that the provider's journal does not have, or that only it has", async () => {
    const [order, payment] = [await audited.theOrder(), await audited.thePayment()];
    await collectionsOf(audited.database).payments.updateOne(
      { _id: payment._id },
      { $set: { chargeId: 'ch_other' } },
    );
    expect(await audited.named()).toEqual([[3, order._id]]);
    await audited.restore();
    await collectionsOf(audited.database).payments.updateOne(
      { _id: payment._id },
      { $set: { idempotencyKey: 'key_other' } },
    );
    expect((await audited.named()).every(([i, s]) => i === 3 && s === order._id)).toBe(true);
    expect(await audited.named()).not.toEqual([]);
    await audited.restore();
    const method = (await collectionsOf(audited.database).paymentMethods.findOne({}))!;
    const { amountMinor, currency } = payment.amount;
    const again = await fetch(`${audited.payments.url}/charges`, {
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
    const { violations } = await audited.audit();
    expect(violations.map(({ invariant, subject }) => [invariant, subject])).toContainEqual([3, order._id]);
    expect(violations.map(({ detail }) => detail)).toContain('was charged 2 times');
  });
});
