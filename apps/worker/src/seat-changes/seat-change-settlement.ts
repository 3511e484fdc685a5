import { Injectable } from '@nestjs/common';
import { type DeclineCode, DomainError, freeSeats, type Money, money } from '@commissary/domain';
import { Failpoints } from '@commissary/platform';
import {
  Database,
  DatabaseClock,
  OperationRuns,
  type OrderDocument,
  OrdersRepository,
  type PaymentDocument,
  type SeatChangeResult,
  type Session,
  type SubscriptionChange,
  SubscriptionsRepository,
  recordChange,
} from '@commissary/store';
import { declinedEvent, endDeclined } from '../charging/declined.js';
import { attemptOf } from '../charging/payment-attempt.js';
import { MailWakeUp } from '../notifications/mail-wake-up.js';
import { HeldSubscriptions } from '../operations/held-subscriptions.js';
import type { Run, RunOutcome } from '../operations/run.js';
import { Refunds } from '../refunds/refunds.js';
import { subscriptionAudit } from '../renewals/renewal-events.js';
import type { SeatChangeFacts } from './seat-change-facts.js';
import { seatsChangedEvent } from './seat-change-events.js';

type ChangeRun = Run<'seatChange'>;

interface Charge {
  paymentId: string;
  chargeId: string;
}

const ENDED: RunOutcome = { kind: 'ended' };

/** The transactions of a seat change; each begins with the fenced write of its run, and the last gives the lock back. [OWN-2] */
@Injectable()
export class SeatChangeSettlement {
  constructor(
    private readonly database: Database,
    private readonly runs: OperationRuns,
    private readonly orders: OrdersRepository,
    private readonly subscriptions: SubscriptionsRepository,
    private readonly refunds: Refunds,
    private readonly held: HeldSubscriptions,
    private readonly mails: MailWakeUp,
    private readonly clock: DatabaseClock,
    private readonly failpoints: Failpoints,
  ) {}

  /** A rule said no: nothing has changed, and the quote may be used again. */
  async reject(run: ChangeRun, facts: SeatChangeFacts, error: DomainError): Promise<RunOutcome> {
    const { code, message: detail, extras } = error;
    const reasons = extras.reasons && [...extras.reasons];
    await this.database.transaction(async (session) => {
      await this.runs.end(session, run.key, {
        status: 'rejected',
        error: { code, detail, ...(reasons && { reasons }) },
        progress: { failed: 1 },
      });
      await this.releaseQuote(session, run, facts);
      await this.held.release(session, facts.subscription);
    });
    return ENDED;
  }

  /** Order and payment are on record before the provider hears of them. */
  async beginCharging(run: ChangeRun, order: OrderDocument): Promise<PaymentDocument> {
    const payment = attemptOf(run.operation, order, this.clock.now());
    const change = { step: 'charging' as const };
    await this.database.transaction(async (session) => {
      await this.runs.advance(session, run.key, change);
      await this.orders.insertOrder(session, order);
      await this.orders.insertPayment(session, payment);
      await this.failpoints.hit('seatChange.beginning');
    });
    run.committed(change);
    await this.failpoints.hit('seatChange.begun');
    return payment;
  }

  async decline(
    run: ChangeRun,
    facts: SeatChangeFacts,
    payment: PaymentDocument,
    code: DeclineCode,
  ): Promise<RunOutcome> {
    const { operation } = run;
    const { quote } = facts;
    if (!quote) throw new Error(`${operation._id} was charged without a quote`);
    const recorded = await this.database.transaction(async (session) => {
      const now = this.clock.now();
      await endDeclined(
        session,
        { runs: this.runs, orders: this.orders },
        run,
        { quote, payment, code },
        now,
      );
      const after = await this.held.release(session, facts.subscription);
      return recordChange(this.database, session, now, {
        events: [declinedEvent(operation, quote, code)],
        audit: [subscriptionAudit(operation, 'seats.declined', facts.subscription, after)],
      });
    });
    await this.mails.wake(operation.tenantId, recorded.notificationIds);
    return ENDED;
  }

  /** Paid, or recorded as a contract has it: the seats are there. What was to be taken at the renewal stays no more. */
  async add(
    run: ChangeRun,
    facts: SeatChangeFacts,
    order: OrderDocument,
    charge: Charge | null,
  ): Promise<RunOutcome> {
    const { seats } = run.operation.request;
    const { purchasePrice } = facts.subscription;
    const change = {
      purchased: seats,
      purchasePrice: plus(purchasePrice, order.total),
      lifecycle: { seatsAtRenewal: null },
    };
    return this.finish(run, facts, change, async (session, now) => {
      const invoiceId = await this.settleOrder(session, order, facts, charge, now);
      return { orderId: order._id, invoiceId, charged: charge && order.total, refunded: null };
    });
  }

  private async settleOrder(
    session: Session,
    order: OrderDocument,
    { subscription, quote }: SeatChangeFacts,
    charge: Charge | null,
    now: Date,
  ): Promise<string | null> {
    if (charge) {
      const period = { start: now, end: subscription.expiresAt };
      return this.orders.settle(session, { ...order, period }, charge, now);
    }
    const status = quote ? 'free' : 'recorded';
    await this.orders.insertOrder(session, { ...order, status, settledAt: now });
    return null;
  }

  /** From the next renewal on. */
  async plan(run: ChangeRun, facts: SeatChangeFacts): Promise<RunOutcome> {
    const { seats } = run.operation.request;
    const seatsAtRenewal = seats === facts.subscription.seats.purchased ? null : seats;
    return this.finish(run, facts, { lifecycle: { seatsAtRenewal } }, async () => NO_MONEY);
  }

  /** The seats are gone, and what they give back is promised (step `taken`); who asks the provider comes after. */
  async take(run: ChangeRun, { subscription }: SeatChangeFacts, removed: number): Promise<void> {
    const { operation } = run;
    const change = { step: 'taken' as const };
    await this.database.transaction(async (session) => {
      await this.runs.advance(session, run.key, change);
      const now = this.clock.now();
      const read = await this.subscriptions.get(operation.tenantId, subscription._id, session);
      const left = read.seats.purchased - removed;
      if (freeSeats({ ...read.seats, purchased: left }) < 0)
        throw new Error(`${read._id} has too few seats left`);
      await this.subscriptions.change(session, read, { purchased: left }, now);
      await this.refunds.plan(session, read, operation, removed);
      await this.failpoints.hit('seatChange.taking');
    });
    run.committed(change);
    await this.failpoints.hit('seatChange.taken');
  }

  /** What was taken is given back. */
  async completeTaking(run: ChangeRun, facts: SeatChangeFacts, refunded: Money | null): Promise<RunOutcome> {
    return this.finish(run, facts, {}, async () => ({ ...NO_MONEY, refunded }));
  }

  private async finish(
    run: ChangeRun,
    facts: SeatChangeFacts,
    change: SubscriptionChange,
    settle: (session: Session, now: Date) => Promise<MoneySide>,
  ): Promise<RunOutcome> {
    const { operation } = run;
    const { seats, effective } = operation.request;
    const recorded = await this.database.transaction(async (session) => {
      const now = this.clock.now();
      await this.runs.hold(session, run.key);
      const side = await settle(session, now);
      const result: SeatChangeResult = { subscriptionId: facts.subscription._id, seats, effective, ...side };
      await this.runs.end(session, run.key, { status: 'succeeded', result, progress: { done: 1 } });
      const after = await this.held.release(session, facts.subscription, change);
      await this.failpoints.hit('seatChange.completing');
      return recordChange(this.database, session, now, {
        events: [seatsChangedEvent(operation, facts, after, result)],
        audit: [subscriptionAudit(operation, 'seats.changed', facts.subscription, after)],
      });
    });
    await this.failpoints.hit('seatChange.completed');
    await this.mails.wake(operation.tenantId, recorded.notificationIds);
    return ENDED;
  }

  private async releaseQuote(session: Session, run: ChangeRun, { quote }: SeatChangeFacts): Promise<void> {
    const { _id, tenantId } = run.operation;
    if (quote) await this.orders.releaseQuote(session, tenantId, quote._id, _id);
  }
}

type MoneySide = Pick<SeatChangeResult, 'orderId' | 'invoiceId' | 'charged' | 'refunded'>;

const NO_MONEY: MoneySide = { orderId: null, invoiceId: null, charged: null, refunded: null };

/** A price in another currency than before says nothing in sum: then it is what was paid last. */
const plus = (before: Money, added: Money): Money =>
  before.currency === added.currency ? money(before.amountMinor + added.amountMinor, before.currency) : added;
