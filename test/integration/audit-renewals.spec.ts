import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { addDays, chargeEntries, money } from '@commissary/domain';
import { newId } from '@commissary/platform';
import { type LedgerDocument, type PaymentDocument, SubscriptionsRepository } from '@commissary/store';
import type { UpdateFilter } from 'mongodb';
import { AuditedDatabase, deletedLife, STRANGER, OTHER_TENANT, TENANT } from '../support/audited-database.js';
import { testServices } from '../support/database.js';
import { giveUp, nowDue, plantUnpaidRenewal } from '../support/unpaid-renewal.js';
import { collectionsOf, migrateAgain } from '../support/driver.js';

/**
 * A sound database (what `npm run seed` loads, bought at the real payment simulator) in which each test plants one fault in the money of
 * a subscription that goes on; the audit names it, under its number and its subject, and nothing else.
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

const addPayment = async (fields: Partial<PaymentDocument>): Promise<void> => {
  const _id = newId('pay');
  const payment = { ...(await audited.thePayment()), _id, idempotencyKey: _id, chargeId: null, ...fields };
  await collectionsOf(audited.database).payments.insertOne(payment);
};

/** No longer what the subscription owes. */
const forgive = async (): Promise<void> => {
  await audited.changeSubscription(audited.sourceId, { $set: { 'lifecycle.unpaid': null } });
  await nowDue(audited);
};

describe('3 renewals and their tries [OPS-5, BUY-9]', () => {
  it('[BUY-9] one that was declined twice and waits to be paid is explained by its subscription', async () => {
    await plantUnpaidRenewal(audited);
    expect(await audited.named()).toEqual([]);
  });

  it('[BUY-9] so is one that was declined twice and then paid', async () => {
    const order = await audited.theOrder();
    await addPayment({ status: 'declined', orderId: order._id });
    await addPayment({ status: 'declined', orderId: order._id });
    expect(await audited.named()).toEqual([]);
  });

  it('[BUY-9] one that no subscription owes is forgotten, and so is its bill', async () => {
    const { order } = await plantUnpaidRenewal(audited);
    await forgive();
    expect(await audited.kinds()).toEqual([`3 ${order._id}`, `4 ${order._id}`]);
  });

  describe('whose index is gone', () => {
    beforeEach(async () => {
      await collectionsOf(audited.database).payments.dropIndex('oneCharge');
    });

    afterEach(async () => {
      await audited.restore();
      await migrateAgain(audited.database);
    });

    it('[BUY-9] two tries under way, or one after the charge', async () => {
      const { order, operationId } = await plantUnpaidRenewal(audited);
      await addPayment({ status: 'pending', orderId: order._id, operationId });
      await addPayment({ status: 'pending', orderId: order._id, operationId });
      expect(await audited.kinds()).toEqual([`3 ${order._id}`]);
      expect((await audited.audit()).violations.map(({ detail }) => detail)).toContain(
        'has 2 charges under way',
      );
      await audited.restore();
      const paid = await audited.theOrder();
      await addPayment({ status: 'pending', orderId: paid._id });
      expect(await audited.named()).toEqual([[3, paid._id]]);
    });

    it('[BUY-9] two charges that succeeded, though one was given back', async () => {
      const order = await audited.theOrder();
      const refund = {
        id: 'ref_1',
        operationId: 'op_1',
        idempotencyKey: 'ref_1',
        seats: 0,
        createdAt: new Date(),
      };
      await addPayment({
        status: 'succeeded',
        chargeId: 'ch_2',
        orderId: order._id,
        refunds: [{ ...refund, amount: order.total, status: 'succeeded', settledAt: new Date() }],
      });
      expect((await audited.audit()).violations).toContainEqual({
        invariant: 3,
        subject: order._id,
        detail: 'has 2 successful charges',
      });
    });
  });
});

describe('4 bills [OPS-5, OWN-4]', () => {
  const changeRow = (kind: LedgerDocument['kind'], update: UpdateFilter<LedgerDocument>) =>
    collectionsOf(audited.database).ledger.updateOne({ kind }, update);

  it('[SUB-3] a bill that was given up is credited, and its order has failed', async () => {
    const renewal = await plantUnpaidRenewal(audited);
    await giveUp(audited, renewal);
    await forgive();
    expect(await audited.named()).toEqual([]);
    await collectionsOf(audited.database).ledger.deleteOne({ kind: 'creditNote' });
    expect(await audited.named()).toEqual([
      [4, renewal.order._id],
      [4, TENANT],
    ]);
  });

  it('[SUB-3] what was owed at the end may stay on record, if its bill is void', async () => {
    const renewal = await plantUnpaidRenewal(audited);
    await giveUp(audited, renewal);
    await collectionsOf(audited.database).licenses.deleteMany({});
    await audited.changeSubscription(audited.sourceId, { $set: { 'seats.assigned': 0 } });
    await audited.changeSubscription(audited.sourceId, deletedLife());
    expect(await audited.named()).toEqual([]);
  });

  it('[OWN-4] an open bill that was not booked, or is of another amount', async () => {
    const { order, invoice } = await plantUnpaidRenewal(audited);
    await collectionsOf(audited.database).ledger.deleteOne({ orderId: order._id });
    expect(await audited.named()).toEqual([
      [4, order._id],
      [4, TENANT],
    ]);
    await audited.restore();
    await collectionsOf(audited.database).orders.insertOne(order);
    await collectionsOf(audited.database).invoices.insertOne({ ...invoice, total: money(1, 'USD') });
    expect(await audited.kinds()).toContain(`4 ${order._id}`);
  });

  it('[OWN-4] a bill whose status is not its order’s', async () => {
    const order = await audited.theOrder();
    const { invoices } = collectionsOf(audited.database);
    await invoices.updateOne({ orderId: order._id }, { $set: { status: 'open', paidAt: null } });
    expect(await audited.named()).toEqual([
      [4, order._id],
      [4, TENANT],
    ]);
    await invoices.updateOne({ orderId: order._id }, { $set: { status: 'void' } });
    expect(await audited.named()).toEqual([[4, order._id]]);
    await invoices.updateOne({ orderId: order._id }, { $set: { status: 'paid' } });
    expect(await audited.named()).toEqual([[4, order._id]]);
    expect((await audited.audit()).violations[0]?.detail).toContain('paid at null');
    await audited.restore();
    const { order: renewal, invoice } = await plantUnpaidRenewal(audited);
    await invoices.updateOne({ _id: invoice._id }, { $set: { paidAt: new Date() } });
    expect(await audited.named()).toEqual([[4, renewal._id]]);
    await invoices.updateOne({ _id: invoice._id }, { $set: { status: 'paid' } });
    expect(await audited.kinds()).toEqual([
      `3 ${renewal._id}`,
      `4 ${renewal._id}`,
      `4 ${audited.sourceId}`,
      `4 ${TENANT}`,
    ]);
  });

  it('[OWN-2] more seats given back than were paid for', async () => {
    const [order, payment] = [await audited.theOrder(), await audited.thePayment()];
    const operationId = await audited.plantOperation({ type: 'cancellation' });
    const refund = { operationId, amount: money(1, 'USD'), status: 'pending' as const, settledAt: null };
    const planned = (seats: number) => ({
      ...refund,
      id: newId('ref'),
      idempotencyKey: newId('ref'),
      seats,
      createdAt: new Date(),
    });
    const { payments } = collectionsOf(audited.database);
    await payments.updateOne({ _id: payment._id }, { $push: { refunds: planned(order.quantity) } });
    expect(await audited.named()).toEqual([]);
    await payments.updateOne({ _id: payment._id }, { $push: { refunds: planned(1) } });
    expect(await audited.named()).toEqual([[4, order._id]]);
  });

  it('[OPS-5] rows that balance on the wrong account: cash and what is owed are not what they say', async () => {
    await changeRow('charge', { $set: { 'entries.1.account': 'revenue' } });
    expect(await audited.named()).toEqual([[4, TENANT]]);
    expect((await audited.audit()).violations[0]?.detail).toMatch(
      /^its receivable is 9990 USD, and open bills are 0$/,
    );
    await audited.restore();
    const { total } = await audited.theOrder();
    await changeRow('charge', {
      $set: { entries: [...chargeEntries(total), ...chargeEntries(money(5, 'EUR'))] },
    });
    expect(await audited.named()).toEqual([
      [4, (await audited.theOrder())._id],
      [4, TENANT],
      [4, TENANT],
    ]);
  });

  it('[BUY-9] a subscription that owes what is not there, or is another’s', async () => {
    const { order, invoice } = await plantUnpaidRenewal(audited);
    const bought = await audited.theOrder();
    const owes = async (fields: object): Promise<string[]> => {
      const { lifecycle } = await audited.subscription(audited.sourceId);
      const unpaid = { ...lifecycle.unpaid!, orderId: order._id, invoiceId: invoice._id, ...fields };
      await audited.changeSubscription(audited.sourceId, { $set: { 'lifecycle.unpaid': unpaid } });
      const { violations } = await audited.audit();
      return violations.filter(({ subject }) => subject === audited.sourceId).map(({ detail }) => detail);
    };
    expect(await owes({})).toEqual([]);
    expect(await owes({ orderId: 'ord_gone' })).toEqual(['owes for ord_gone, which does not exist']);
    expect(await owes({ invoiceId: 'inv_gone' })).toEqual(['owes the bill inv_gone, which does not exist']);
    expect(await owes({ orderId: bought._id })).toEqual([
      `owes for ${bought._id}, which is no renewal of it`,
      `owes the bill ${invoice._id}, which is of another order`,
    ]);
  });
});

describe('8 what is due [OPS-5, BUY-9, SUB-3]', () => {
  const change = (update: object) => audited.changeSubscription(audited.sourceId, { $set: update });
  const details = async (): Promise<string[]> =>
    (await audited.audit()).violations.map(({ invariant, subject, detail }) => {
      expect([invariant, subject]).toEqual([8, audited.sourceId]);
      return detail;
    });

  it('[SUB-3] paid after it had expired, it is active again', async () => {
    const { startedAt } = await audited.subscription(audited.sourceId);
    const history = (['active', 'expired', 'active'] as const).map((status, days) => ({
      status,
      at: addDays(startedAt, days),
    }));
    await change({ history, version: 3 });
    expect(await details()).toEqual([]);
    await change({
      history: [history[0], history[2], history[1]],
      status: 'expired',
      autoRenew: false,
      renewsAt: null,
    });
    await nowDue(audited);
    expect(await details()).toEqual([
      'went from active to active',
      expect.stringMatching(/^became expired at .*, before it was active$/) as unknown as string,
    ]);
  });

  it('[BUY-9] a time at which nothing is due, or none where something is', async () => {
    await change({ 'lifecycle.dueAt': addDays(new Date(), 3) });
    expect(await details()).toEqual([expect.stringMatching(/^is looked at next .*, and due /)]);
    await change({ 'lifecycle.dueAt': null });
    expect(await details()).toEqual([expect.stringMatching(/^is looked at next never, and due /)]);
    await audited.restore();
    await audited.plantOperation({ type: 'cancellation' });
    await audited.changeSubscription(audited.sourceId, deletedLife());
    expect(await details()).toEqual([]);
    await change({ 'lifecycle.dueAt': new Date() });
    expect(await details()).toEqual([expect.stringMatching(/and due never$/)]);
  });

  it('[BUY-9] a renewal that is told and will not be, or seats kept for one', async () => {
    await change({ autoRenew: false });
    await nowDue(audited);
    expect(await details()).toEqual([expect.stringMatching(/^says that it renews .*, and does never$/)]);
    await change({ renewsAt: null, 'lifecycle.seatsAtRenewal': 5 });
    expect(await details()).toEqual(['keeps 5 seats at a renewal that will not be']);
    await change({ autoRenew: true });
    await nowDue(audited);
    expect(await details()).toEqual([expect.stringMatching(/^says that it renews never, and does /)]);
  });
});

it('[OWN-2] whatever turns renewal off, no seats are kept for it', async () => {
  const { database } = audited;
  await audited.changeSubscription(audited.sourceId, { $set: { 'lifecycle.seatsAtRenewal': 5 } });
  await database.transaction(async (session) => {
    const repository = new SubscriptionsRepository(database);
    const read = await repository.get(TENANT, audited.sourceId, session);
    await repository.change(session, read, { autoRenew: false }, new Date());
  });
  expect((await audited.subscription(audited.sourceId)).lifecycle.seatsAtRenewal).toBeNull();
  expect(await audited.named()).toEqual([]);
});

describe('11 and 13 the scheduler [OPS-5, ADM-9]', () => {
  it('[ADM-9] an operation that the scheduler accepted has an entry, and it is the scheduler’s', async () => {
    const { operationId } = await plantUnpaidRenewal(audited);
    const { audit } = collectionsOf(audited.database);
    const of = { action: 'operation.accepted' as const, 'subject.id': operationId };
    await audit.updateOne(of, { $set: { 'actor.userId': STRANGER, 'actor.tenantId': OTHER_TENANT } });
    expect(await audited.named()).toEqual([[13, operationId]]);
    await audit.deleteOne(of);
    expect(await audited.named()).toEqual([[13, operationId]]);
  });

  it('[OPS-5] what a subscription owes is of its tenant', async () => {
    const { order, invoice } = await plantUnpaidRenewal(audited);
    await collectionsOf(audited.database).invoices.updateOne(
      { _id: invoice._id },
      { $set: { tenantId: OTHER_TENANT } },
    );
    const kinds = await audited.kinds();
    expect(kinds).toContain(`11 ${audited.sourceId}`);
    await audited.restore();
    await plantUnpaidRenewal(audited);
    await collectionsOf(audited.database).orders.updateMany(
      { kind: 'renewal' },
      { $set: { tenantId: OTHER_TENANT } },
    );
    expect(await audited.kinds()).toContain(`11 ${audited.sourceId}`);
    expect(order.tenantId).toBe(TENANT);
  });
});
