import type { DeclineCode, ErrorCode, Money, Period } from '@commissary/domain';
import { chargeEntries, creditNoteEntries, invoiceEntries, refundEntries } from '@commissary/domain';
import { newId } from '@commissary/platform';
import { BATCHED_READ, BatchedTenantReads } from '../batched-reads.js';
import type { Database, Session } from '../database.js';
import type { OrderDocument, PaymentDocument, QuoteDocument, RefundRecord } from '../collections/index.js';
import { invoiceOf, ledgerRow } from './money-rows.js';
import { insertAll } from '../insert-all.js';

export interface PendingRefund {
  payment: PaymentDocument;
  refund: RefundRecord;
}

/** What was paid for a subscription's running term, in one charge. */
export interface TermCharge {
  /** The payment's. */
  id: string;
  payment: PaymentDocument;
  paid: Money;
  /** Seats that it paid for. */
  quantity: number;
  /** Of these, seats that refunds took back. */
  returned: number;
  period: Period;
}

/** Orders, their payments, invoices and ledger rows: everything about money that a run writes. */
export class OrdersRepository {
  private readonly quotes: BatchedTenantReads<QuoteDocument>;

  constructor(private readonly database: Database) {
    this.quotes = new BatchedTenantReads((ids, tenantIds) =>
      this.models.quotes.find({ _id: { $in: ids }, tenantId: { $in: tenantIds } }, null, BATCHED_READ).lean(),
    );
  }

  private get models() {
    return this.database.models;
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
    await this.models.quotes.updateOne(
      { _id: quoteId, tenantId, operationId },
      { $set: { operationId: null } },
      { session },
    );
  }

  async find(tenantId: string, orderId: string): Promise<OrderDocument | null> {
    return this.models.orders.findOne({ _id: orderId, tenantId }).lean();
  }

  async insertOrder(session: Session, order: OrderDocument): Promise<void> {
    await insertAll(this.models.orders, [order], session);
  }

  /** A further attempt to charge an order that is there already. */
  async takeOver(session: Session, order: OrderDocument, operationId: string): Promise<void> {
    await this.models.orders.updateOne(
      { _id: order._id, tenantId: order.tenantId, status: 'pending' },
      { $set: { operationId } },
      { session },
    );
  }

  async insertPayment(session: Session, payment: PaymentDocument): Promise<void> {
    await insertAll(this.models.payments, [payment], session);
  }

  async payment(tenantId: string, paymentId: string): Promise<PaymentDocument | null> {
    return this.models.payments.findOne({ _id: paymentId, tenantId }).lean();
  }

  /** Before the provider is called: a crash after this leaves a payment that is asked about, never a forgotten charge. */
  async recordAttempt(tenantId: string, paymentId: string): Promise<void> {
    await this.models.payments.updateOne({ _id: paymentId, tenantId }, { $inc: { attempts: 1 } });
  }

  async recordUnknown(tenantId: string, paymentId: string, nextCheckAt: Date): Promise<void> {
    await this.models.payments.updateOne(
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
    await this.models.payments.updateOne(
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
    await this.models.orders.updateOne(
      { _id: orderId, tenantId, status: 'pending' },
      { $set: { status: 'failed', failure, settledAt: now } },
      { session },
    );
  }

  /**
   * The charge is known to have succeeded: payment, order, invoice and ledger together. An invoice that is open already is paid now.
   * Returns the invoice's id.
   */
  async settle(
    session: Session,
    order: OrderDocument,
    charge: { paymentId: string; chargeId: string },
    now: Date,
    invoice: { id: string; isOpen: boolean } = { id: newId('inv'), isOpen: false },
  ): Promise<string> {
    const { tenantId, period } = order;
    const { invoices, ledger, orders, payments } = this.models;
    await payments.updateOne(
      { _id: charge.paymentId, tenantId, status: { $in: ['pending', 'unknown'] } },
      { $set: { status: 'succeeded', chargeId: charge.chargeId, nextCheckAt: null, settledAt: now } },
      { session },
    );
    await orders.updateOne(
      { _id: order._id, tenantId, status: 'pending' },
      { $set: { status: 'paid', period, settledAt: now } },
      { session },
    );
    const charged = ledgerRow(order, 'charge', chargeEntries(order.total), now);
    if (invoice.isOpen) {
      await invoices.updateOne(
        { _id: invoice.id, tenantId, status: 'open' },
        { $set: { status: 'paid', paidAt: now } },
        { session },
      );
      await insertAll(ledger, [charged], session);
    } else {
      await insertAll(invoices, [invoiceOf(order, invoice.id, 'paid', now)], session);
      await insertAll(
        ledger,
        [ledgerRow(order, 'invoice', invoiceEntries(order.total), now), charged],
        session,
      );
    }
    return invoice.id;
  }

  /** A bill that could not be charged and waits to be paid. [BUY-9, OWN-4] */
  async openInvoice(session: Session, order: OrderDocument, invoiceId: string, now: Date): Promise<void> {
    await insertAll(this.models.invoices, [invoiceOf(order, invoiceId, 'open', now)], session);
    await insertAll(
      this.models.ledger,
      [ledgerRow(order, 'invoice', invoiceEntries(order.total), now)],
      session,
    );
  }

  /** Nobody will pay it any more: the bill is void, what it booked is taken back, its order has failed. */
  async voidInvoice(session: Session, tenantId: string, invoiceId: string, now: Date): Promise<void> {
    const invoice = await this.models.invoices
      .findOneAndUpdate(
        { _id: invoiceId, tenantId, status: 'open' },
        { $set: { status: 'void' } },
        { session },
      )
      .lean();
    if (!invoice) return;
    const { orderId, total } = invoice;
    await insertAll(
      this.models.ledger,
      [ledgerRow({ _id: orderId, tenantId }, 'creditNote', creditNoteEntries(total), now)],
      session,
    );
    await this.failOrder(session, tenantId, orderId, 'card_declined', now);
  }

  /** What was charged for the term that runs at `now`. */
  async chargesOfTerm(
    tenantId: string,
    subscriptionId: string,
    now: Date,
    session?: Session,
  ): Promise<TermCharge[]> {
    const orders = await this.models.orders
      .find({ tenantId, subscriptionId, status: 'paid', 'period.end': { $gt: now } }, null, { session })
      .lean();
    const payments = await this.models.payments
      .find({ tenantId, orderId: { $in: orders.map((o) => o._id) }, status: 'succeeded' }, null, { session })
      .lean();
    const orderOf = new Map(orders.map((order) => [order._id, order]));
    return payments.flatMap((payment) => {
      const order = orderOf.get(payment.orderId);
      if (!order?.period) return [];
      const returned = payment.refunds.reduce((sum, refund) => sum + refund.seats, 0);
      const { quantity, period } = order;
      return [{ id: payment._id, payment, paid: payment.amount, quantity, returned, period }];
    });
  }

  /** Promises a refund under a key made of the operation and the payment, so that it is given once. */
  async planRefund(
    session: Session,
    payment: PaymentDocument,
    operationId: string,
    given: { amount: Money; seats: number },
    now: Date,
  ): Promise<void> {
    const refund: RefundRecord = {
      id: newId('ref'),
      operationId,
      idempotencyKey: `${operationId}-${payment._id}`,
      ...given,
      status: 'pending',
      createdAt: now,
      settledAt: null,
    };
    await this.models.payments.updateOne(
      { _id: payment._id, tenantId: payment.tenantId, 'refunds.operationId': { $ne: operationId } },
      { $push: { refunds: refund } },
      { session },
    );
  }

  /** Refunds an operation has planned. */
  async refundsOf(tenantId: string, operationId: string): Promise<PendingRefund[]> {
    const payments = await this.models.payments.find({ tenantId, 'refunds.operationId': operationId }).lean();
    return payments.flatMap((payment) =>
      payment.refunds.filter((r) => r.operationId === operationId).map((refund) => ({ payment, refund })),
    );
  }

  /** The provider has given it back: the record and its ledger row together; a second run changes nothing. */
  async recordRefunded(session: Session, { payment, refund }: PendingRefund, now: Date): Promise<void> {
    const { modifiedCount } = await this.models.payments.updateOne(
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
    await insertAll(
      this.models.ledger,
      [ledgerRow(order, 'refund', refundEntries(refund.amount), now)],
      session,
    );
  }
}
