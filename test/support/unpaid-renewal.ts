import {
  addDays,
  creditNoteEntries,
  invoiceEntries,
  type LedgerEntry,
  nextDueAt,
  SYSTEM,
} from '@commissary/domain';
import { newId } from '@commissary/platform';
import {
  type InvoiceDocument,
  type LedgerDocument,
  OperationsRepository,
  type OrderDocument,
  type PaymentDocument,
} from '@commissary/store';
import { type AuditedDatabase, endedAs, TENANT } from './audited-database.js';
import { collectionsOf } from './driver.js';

export const SCHEDULER = { ...SYSTEM, tenantId: TENANT };
const SCHEDULED = { ip: '', requestId: 'scheduler' };

export interface UnpaidRenewal {
  order: OrderDocument;
  invoice: InvoiceDocument;
  /** Of the last try. */
  operationId: string;
}

/** The source's renewal, tried twice and declined softly both times: its bill is open, and nothing is under way. [BUY-9] */
export const plantUnpaidRenewal = async (audited: AuditedDatabase): Promise<UnpaidRenewal> => {
  const collections = collectionsOf(audited.database);
  const bought = await audited.theOrder();
  const now = new Date();
  const orderId = newId('ord');
  const invoiceId = newId('inv');
  const tries = [await plantTry(audited, orderId, invoiceId), await plantTry(audited, orderId, invoiceId)];
  const operationId = tries[1]!;
  const order: OrderDocument = {
    ...bought,
    _id: orderId,
    kind: 'renewal',
    operationId,
    quoteId: null,
    period: null,
    status: 'pending',
    settledAt: null,
  };
  const bill = (await collections.invoices.findOne({ orderId: bought._id }))!;
  const invoice: InvoiceDocument = { ...bill, _id: invoiceId, orderId, status: 'open', paidAt: null };
  await collections.orders.insertOne(order);
  await collections.payments.insertMany(
    await Promise.all(tries.map((id) => declinedTry(audited, order, id))),
  );
  await collections.invoices.insertOne(invoice);
  await book(audited, orderId, 'invoice', invoiceEntries(order.total));
  const unpaid = { orderId, invoiceId, tries: 2, firstTriedAt: now, nextTryAt: addDays(now, 2) };
  await audited.changeSubscription(audited.sourceId, { $set: { 'lifecycle.unpaid': unpaid } });
  await nowDue(audited);
  return { order, invoice, operationId };
};

/** The bill is given up with the subscription that owed it. [SUB-3] */
export const giveUp = async (audited: AuditedDatabase, { order, invoice }: UnpaidRenewal): Promise<void> => {
  const collections = collectionsOf(audited.database);
  await collections.invoices.updateOne({ _id: invoice._id }, { $set: { status: 'void' } });
  await collections.orders.updateOne(
    { _id: order._id },
    { $set: { status: 'failed', failure: 'card_declined', settledAt: new Date() } },
  );
  await book(audited, order._id, 'creditNote', creditNoteEntries(order.total));
};

/** When the source is due, worked out again from what it says now. */
export const nowDue = async (audited: AuditedDatabase): Promise<void> => {
  const dueAt = nextDueAt(await audited.subscription(audited.sourceId));
  await audited.changeSubscription(audited.sourceId, { $set: { 'lifecycle.dueAt': dueAt } });
};

export const book = async (
  audited: AuditedDatabase,
  orderId: string,
  kind: LedgerDocument['kind'],
  entries: LedgerEntry[],
): Promise<void> => {
  const row = { _id: newId('led'), tenantId: TENANT, kind, orderId, entries, at: new Date() };
  await collectionsOf(audited.database).ledger.insertOne(row);
};

/** A try of the scheduler's that the card declined, as its end leaves it. */
const plantTry = async (audited: AuditedDatabase, orderId: string, invoiceId: string): Promise<string> => {
  const method = (await collectionsOf(audited.database).paymentMethods.findOne({}))!;
  const operation = OperationsRepository.newDocument(
    {
      id: newId('op'),
      tenantId: TENANT,
      type: 'renewal',
      subscriptionId: audited.sourceId,
      request: { cause: 'due', orderId, invoiceId, paymentId: newId('pay'), paymentMethodId: method._id },
      requestedBy: SCHEDULER,
      origin: SCHEDULED,
      total: 1,
    },
    new Date(),
  );
  const rejected = {
    ...operation,
    ...endedAs('rejected'),
    error: { code: 'insufficient_funds' as const, detail: 'declined' },
    progress: { ...operation.progress, failed: 1 },
  };
  await collectionsOf(audited.database).operations.insertOne(rejected);
  const entry = { actor: SCHEDULER, operationId: operation._id };
  await audited.plantAudit('operation.accepted', { type: 'operation', id: operation._id }, {}, entry);
  return operation._id;
};

const declinedTry = async (
  audited: AuditedDatabase,
  order: OrderDocument,
  operationId: string,
): Promise<PaymentDocument> => {
  const _id = newId('pay');
  return {
    ...(await audited.thePayment()),
    _id,
    orderId: order._id,
    operationId,
    idempotencyKey: _id,
    status: 'declined',
    chargeId: null,
    declineCode: 'insufficient_funds',
  };
};
