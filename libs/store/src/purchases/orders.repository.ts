import type { DeclineCode, ErrorCode, Money } from '@commissary/domain';
import { chargeEntries, invoiceEntries, refundEntries } from '@commissary/domain';
import { newId } from '@commissary/platform';
import { BatchedTenantReads } from '../batched-reads.js';
import type { Database, Session } from '../database.js';
import type {
  InvoiceDocument,
  LedgerDocument,
  OrderDocument,
  PaymentDocument,
  QuoteDocument,
  RefundRecord,
} from '../documents/index.js';

export interface PendingRefund {
  payment: PaymentDocument;
  refund: RefundRecord;
}

/** Orders, their payments, invoices and ledger rows: everything about money that a run writes. */
export class OrdersRepository {
  private readonly quotes: BatchedTenantReads<QuoteDocument>;

  constructor(private readonly database: Database) {
    this.quotes = new BatchedTenantReads((ids, tenantIds) =>
      this.collections.quotes.find({ _id: { $in: ids }, tenantId: { $in: tenantIds } }).toArray(),
    );
  }

  private get collections() {
    return this.database.collections;
  }

  /** The quote, if it is used by this operation. */
  async quoteHeldBy(tenantId: string, quoteId: string, operationId: string): Promise<QuoteDocument | null> {
    const quote = await this.quotes.get(tenantId, quoteId);
    return quote?.operationId === operationId ? quote : null;
  }

  /** A decline or a rejection lets the quote be used again. [BUY-2] */
  async releaseQuote(
    session: Session,
    tenantId: string,
    quoteId: string,
    operationId: string,
  ): Promise<void> {
    await this.collections.quotes.updateOne(
      { _id: quoteId, tenantId, operationId },
      { $set: { operationId: null } },
      { session },
    );
  }

  async insertOrder(session: Session, order: OrderDocument): Promise<void> {
    await this.collections.orders.insertOne(order, { session });
  }

  async insertPayment(session: Session, payment: PaymentDocument): Promise<void> {
    await this.collections.payments.insertOne(payment, { session });
  }

  async payment(tenantId: string, paymentId: string): Promise<PaymentDocument | null> {
    return this.collections.payments.findOne({ _id: paymentId, tenantId });
  }

  /** Before the provider is called: a crash after this leaves a payment that is asked about, never a forgotten charge. */
  async recordAttempt(tenantId: string, paymentId: string): Promise<void> {
    await this.collections.payments.updateOne({ _id: paymentId, tenantId }, { $inc: { attempts: 1 } });
  }

  async recordUnknown(tenantId: string, paymentId: string, nextCheckAt: Date): Promise<void> {
    await this.collections.payments.updateOne(
      { _id: paymentId, tenantId, status: { $in: ['pending', 'unknown'] } },
      { $set: { status: 'unknown', nextCheckAt } },
    );
  }

  async recordDeclined(
    session: Session,
    payment: PaymentDocument,
    code: DeclineCode,
    now: Date,
  ): Promise<void> {
    await this.collections.payments.updateOne(
      { _id: payment._id, tenantId: payment.tenantId, status: { $in: ['pending', 'unknown'] } },
      { $set: { status: 'declined', declineCode: code, nextCheckAt: null, settledAt: now } },
      { session },
    );
  }

  async failOrder(
    session: Session,
    tenantId: string,
    orderId: string,
    failure: ErrorCode,
    now: Date,
  ): Promise<void> {
    await this.collections.orders.updateOne(
      { _id: orderId, tenantId, status: 'pending' },
      { $set: { status: 'failed', failure, settledAt: now } },
      { session },
    );
  }

  /** The charge is known to have succeeded: payment, order, invoice and ledger together. Returns the invoice's id. */
  async settle(
    session: Session,
    order: OrderDocument,
    charge: { paymentId: string; chargeId: string },
    now: Date,
  ): Promise<string> {
    const { tenantId } = order;
    await this.collections.payments.updateOne(
      { _id: charge.paymentId, tenantId, status: { $in: ['pending', 'unknown'] } },
      { $set: { status: 'succeeded', chargeId: charge.chargeId, nextCheckAt: null, settledAt: now } },
      { session },
    );
    await this.collections.orders.updateOne(
      { _id: order._id, tenantId, status: 'pending' },
      { $set: { status: 'paid', settledAt: now } },
      { session },
    );
    const invoice = invoiceOf(order, now);
    await this.collections.invoices.insertOne(invoice, { session });
    await this.collections.ledger.insertMany(
      [
        ledgerRow(order, 'invoice', invoiceEntries(order.total), now),
        ledgerRow(order, 'charge', chargeEntries(order.total), now),
      ],
      { session },
    );
    return invoice._id;
  }

  /** Charges that paid for a subscription's current term. */
  async succeededPayments(
    tenantId: string,
    subscriptionId: string,
    session?: Session,
  ): Promise<PaymentDocument[]> {
    const orders = await this.collections.orders
      .find({ tenantId, subscriptionId, status: 'paid' }, { projection: { _id: 1 }, session })
      .toArray();
    return this.collections.payments
      .find({ tenantId, orderId: { $in: orders.map((o) => o._id) }, status: 'succeeded' }, { session })
      .toArray();
  }

  /** Promises a refund under a key made of the operation and the payment, so that it is given once. */
  async planRefund(
    session: Session,
    payment: PaymentDocument,
    operationId: string,
    amount: Money,
    now: Date,
  ): Promise<void> {
    const refund: RefundRecord = {
      id: newId('ref'),
      operationId,
      idempotencyKey: `${operationId}-${payment._id}`,
      amount,
      status: 'pending',
      createdAt: now,
      settledAt: null,
    };
    await this.collections.payments.updateOne(
      { _id: payment._id, tenantId: payment.tenantId, 'refunds.operationId': { $ne: operationId } },
      { $push: { refunds: refund } },
      { session },
    );
  }

  /** Refunds an operation has planned, over all payments of the subscription. */
  async refundsOf(tenantId: string, subscriptionId: string, operationId: string): Promise<PendingRefund[]> {
    const payments = await this.succeededPayments(tenantId, subscriptionId);
    return payments.flatMap((payment) =>
      payment.refunds.filter((r) => r.operationId === operationId).map((refund) => ({ payment, refund })),
    );
  }

  /** The provider has given it back: the record and its ledger row together; a second run changes nothing. */
  async recordRefunded(session: Session, { payment, refund }: PendingRefund, now: Date): Promise<void> {
    const { modifiedCount } = await this.collections.payments.updateOne(
      {
        _id: payment._id,
        tenantId: payment.tenantId,
        refunds: { $elemMatch: { id: refund.id, status: 'pending' } },
      },
      { $set: { 'refunds.$.status': 'succeeded', 'refunds.$.settledAt': now } },
      { session },
    );
    if (modifiedCount === 0) return;
    const order = { _id: payment.orderId, tenantId: payment.tenantId };
    await this.collections.ledger.insertOne(ledgerRow(order, 'refund', refundEntries(refund.amount), now), {
      session,
    });
  }
}

const invoiceOf = (order: OrderDocument, now: Date): InvoiceDocument => ({
  _id: newId('inv'),
  tenantId: order.tenantId,
  userId: order.userId,
  orderId: order._id,
  subscriptionId: order.subscriptionId,
  lines: [
    {
      description: order.productName,
      quantity: order.quantity,
      unitPrice: order.unitPrice,
      amount: order.total,
    },
  ],
  total: order.total,
  status: 'paid',
  issuedAt: now,
  paidAt: now,
});

const ledgerRow = (
  order: Pick<OrderDocument, '_id' | 'tenantId'>,
  kind: LedgerDocument['kind'],
  entries: LedgerDocument['entries'],
  now: Date,
): LedgerDocument => ({
  _id: newId('led'),
  tenantId: order.tenantId,
  kind,
  orderId: order._id,
  entries,
  at: now,
});
