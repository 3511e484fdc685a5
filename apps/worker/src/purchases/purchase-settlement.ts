import { Injectable } from '@nestjs/common';
import type { DeclineCode } from '@commissary/domain';
import { Failpoints } from '@commissary/platform';
import { REFUSAL_MESSAGE } from '@commissary/policies';
import {
  Database,
  DatabaseClock,
  type LicenseDocument,
  type OperationOf,
  OperationRuns,
  type OrderDocument,
  OrdersRepository,
  type PaymentDocument,
  type PurchaseResult,
  type Session,
  tell,
} from '@commissary/store';
import { DECLINED } from '../charging/declined.js';
import type { Run, RunOutcome } from '../operations/run.js';
import { MailWakeUp } from '../notifications/mail-wake-up.js';
import { licenseOf, orderOf, paymentOf, subscriptionOf } from './purchase-documents.js';
import type { PurchaseFacts } from './purchase-facts.js';
import { completedEvent, declinedEvent, purchaseAudit } from './purchase-told.js';

interface Charge {
  payment: PaymentDocument;
  chargeId: string;
}

const ENDED: RunOutcome = { kind: 'ended' };

/** The transactions of a purchase; each begins with the fenced write of its run. [BUY-4, BUY-6] */
@Injectable()
export class PurchaseSettlement {
  constructor(
    private readonly database: Database,
    private readonly runs: OperationRuns,
    private readonly orders: OrdersRepository,
    private readonly mails: MailWakeUp,
    private readonly clock: DatabaseClock,
    private readonly failpoints: Failpoints,
  ) {}

  /** A rule said no: nothing is made, and the quote may be used again. */
  async reject(run: Run<'purchase'>, { quote }: PurchaseFacts, reasons: string[]): Promise<RunOutcome> {
    await this.database.transaction(async (session) => {
      await this.runs.end(session, run.key, {
        status: 'rejected',
        error: { code: 'not_eligible', detail: REFUSAL_MESSAGE, reasons },
        progress: { failed: 1 },
      });
      await this.orders.releaseQuote(session, run.operation.tenantId, quote._id, run.operation._id);
    });
    return ENDED;
  }

  /** The order and its payment are on record before the provider hears of them. */
  async beginCharging(run: Run<'purchase'>, facts: PurchaseFacts): Promise<PaymentDocument> {
    const now = this.clock.now();
    const payment = paymentOf(run.operation, facts.quote.total, now);
    const change = { step: 'charging' };
    await this.database.transaction(async (session) => {
      await this.runs.advance(session, run.key, change);
      await this.orders.insertOrder(session, orderOf(run.operation, facts, now));
      await this.orders.insertPayment(session, payment);
      await this.failpoints.hit('purchase.beginning');
    });
    run.committed(change);
    return payment;
  }

  async decline(
    run: Run<'purchase'>,
    { quote }: PurchaseFacts,
    payment: PaymentDocument,
    code: DeclineCode,
  ): Promise<RunOutcome> {
    const { operation } = run;
    const told = await this.database.transaction(async (session) => {
      const now = this.clock.now();
      await this.runs.end(session, run.key, {
        status: 'rejected',
        error: { code, detail: DECLINED[code] },
        progress: { failed: 1 },
      });
      await this.orders.recordDeclined(session, payment, code, now);
      await this.orders.failOrder(session, operation.tenantId, payment.orderId, code, now);
      await this.orders.releaseQuote(session, operation.tenantId, quote._id, operation._id);
      return tell(this.database, session, now, {
        events: [declinedEvent(operation, quote, code)],
        audit: [purchaseAudit(operation, 'purchase.declined', { status: 'failed', failure: code })],
      });
    });
    await this.mails.wake(operation.tenantId, told.notificationIds);
    return ENDED;
  }

  /** Paid, or nothing to pay: the subscription and all that belongs to it come to be at once. */
  async complete(run: Run<'purchase'>, facts: PurchaseFacts, charge: Charge | null): Promise<RunOutcome> {
    const told = await this.database.transaction((session) => this.create(session, run, facts, charge));
    await this.failpoints.hit('purchase.completed');
    await this.mails.wake(run.operation.tenantId, told.notificationIds);
    await this.failpoints.hit('purchase.told');
    return ENDED;
  }

  private async create(
    session: Session,
    run: Run<'purchase'>,
    facts: PurchaseFacts,
    charge: Charge | null,
  ): Promise<{ notificationIds: string[] }> {
    const { operation } = run;
    const now = this.clock.now();
    const license = await this.takeLicense(session, licenseOf(operation, facts, now));
    const subscription = subscriptionOf(operation, facts, license ? 1 : 0, now);
    const order = orderOf(operation, facts, now);
    const invoiceId = await this.settleOrder(session, order, { charge, until: subscription.expiresAt }, now);
    const result: PurchaseResult = {
      orderId: operation.request.orderId,
      subscriptionId: subscription._id,
      licenseId: license?._id ?? null,
      invoiceId,
      charged: facts.quote.total,
    };
    await this.runs.end(session, run.key, {
      status: 'succeeded',
      result,
      progress: { done: 1 },
      subscriptionId: subscription._id,
    });
    await this.database.collections.subscriptions.insertOne(subscription, { session });
    await this.failpoints.hit('purchase.recording');
    return tell(this.database, session, now, {
      events: [completedEvent(operation, facts, subscription, result)],
      audit: [
        purchaseAudit(operation, 'subscription.created', {
          subscriptionId: subscription._id,
          productId: subscription.productId,
          seats: subscription.seats.purchased,
          orderId: result.orderId,
        }),
      ],
    });
  }

  private async settleOrder(
    session: Session,
    order: OrderDocument,
    { charge, until }: { charge: Charge | null; until: Date },
    now: Date,
  ): Promise<string | null> {
    if (charge) {
      return this.orders.settle(
        session,
        { ...order, period: { start: now, end: until } },
        { paymentId: charge.payment._id, chargeId: charge.chargeId },
        now,
      );
    }
    await this.orders.insertOrder(session, { ...order, status: 'free', settledAt: now });
    return null;
  }

  /**
   * One license per user and product; who has left meanwhile gets none. The write to the user makes this and the deletion
   * of the user conflict, so that one of them sees the other. Null if none was taken. [BUY-4, BUY-10]
   */
  private async takeLicense(session: Session, license: LicenseDocument): Promise<LicenseDocument | null> {
    const { tenantId, userId, productId, ...rest } = license;
    const { users, licenses } = this.database.collections;
    const { matchedCount } = await users.updateOne(
      { _id: userId, tenantId, state: { $ne: 'deleted' } },
      { $set: { licensedAt: license.assignedAt } },
      { session },
    );
    if (matchedCount === 0) return null;
    const { upsertedCount } = await licenses.updateOne(
      { tenantId, userId, productId },
      { $setOnInsert: rest },
      { session, upsert: true },
    );
    return upsertedCount === 1 ? license : null;
  }
}
