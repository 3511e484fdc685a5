import { Injectable } from '@nestjs/common';
import { freeSeats, isRise, nextTryAt, renewedTerm, type UnpaidRenewal } from '@commissary/domain';
import type { ChargeDeclined } from '@commissary/payments';
import { Failpoints } from '@commissary/platform';
import {
  Database,
  DatabaseClock,
  type NewAudit,
  type NewEvent,
  OperationRuns,
  type OrderDocument,
  OrdersRepository,
  type PaymentDocument,
  type RenewalResult,
  type Session,
  type SubscriptionDocument,
  recordChange,
} from '@commissary/store';
import { DECLINED } from '../charging/declined.js';
import { attemptOf } from '../charging/payment-attempt.js';
import { MailWakeUp } from '../notifications/mail-wake-up.js';
import { HeldSubscriptions } from '../operations/held-subscriptions.js';
import type { Run, RunOutcome } from '../operations/run.js';
import { priceInForce } from './renewal-documents.js';
import type { RenewalFacts } from './renewal-facts.js';
import { renewalFailedEvent, renewedEvent, subscriptionAudit } from './renewal-events.js';

const ENDED: RunOutcome = { kind: 'ended' };

/** The transactions of a renewal; each begins with the fenced write of its run, and the last gives the lock back. [BUY-9] */
@Injectable()
export class RenewalSettlement {
  constructor(
    private readonly database: Database,
    private readonly runs: OperationRuns,
    private readonly orders: OrdersRepository,
    private readonly held: HeldSubscriptions,
    private readonly mails: MailWakeUp,
    private readonly clock: DatabaseClock,
    private readonly failpoints: Failpoints,
  ) {}

  /** Order and attempt are on record before the provider hears of them. */
  async beginCharging(
    run: Run<'renewal'>,
    facts: RenewalFacts,
    order: OrderDocument,
  ): Promise<PaymentDocument> {
    const payment = attemptOf(run.operation, order, this.clock.now());
    const change = { step: 'charging' as const };
    await this.database.transaction(async (session) => {
      await this.runs.advance(session, run.key, change);
      if (facts.order) await this.orders.takeOver(session, order, run.operation._id);
      else await this.orders.insertOrder(session, order);
      await this.orders.insertPayment(session, payment);
      await this.failpoints.hit('renewal.beginning');
    });
    run.committed(change);
    return payment;
  }

  /** It is not due any more. */
  async withdraw(run: Run<'renewal'>, { subscription }: RenewalFacts): Promise<RunOutcome> {
    await this.database.transaction(async (session) => {
      await this.runs.end(session, run.key, {
        status: 'rejected',
        error: { code: 'illegal_state', detail: 'It is not due any more.' },
        progress: { failed: 1 },
      });
      await this.held.release(session, subscription);
    });
    return ENDED;
  }

  /** The next term begins; whoever was late is let in again. */
  async renew(
    run: Run<'renewal'>,
    facts: RenewalFacts,
    order: OrderDocument,
    charge: { paymentId: string; chargeId: string },
  ): Promise<RunOutcome> {
    const { operation } = run;
    const { request } = operation;
    return this.conclude(run, async (session, now) => {
      const term = renewedTerm(facts.subscription, order.term ?? 'P1M', now);
      const result: RenewalResult = {
        orderId: order._id,
        subscriptionId: facts.subscription._id,
        invoiceId: request.invoiceId,
        charged: order.total,
        renewsAt: term.end.toISOString(),
      };
      await this.runs.end(session, run.key, { status: 'succeeded', result, progress: { done: 1 } });
      const invoice = { id: request.invoiceId, isOpen: facts.subscription.lifecycle.unpaid !== null };
      const period = { start: term.start, end: term.end };
      await this.orders.settle(session, { ...order, period }, charge, now, invoice);
      const renewed = await this.held.release(session, facts.subscription, {
        status: 'active',
        termStartedAt: term.start,
        expiresAt: term.end,
        unitPrice: order.unitPrice,
        purchasePrice: order.total,
        // Nobody who was given a seat since it was ordered loses it.
        purchased: Math.max(order.quantity, takenSeats(facts.subscription)),
        paymentMethodId: request.paymentMethodId,
        lifecycle: {
          anchorAt: term.anchorAt,
          terms: term.terms,
          seatsAtRenewal: null,
          rise: stillAhead(facts, order, now),
          unpaid: null,
        },
      });
      return {
        event: renewedEvent(operation, facts, order, renewed, result),
        audit: subscriptionAudit(operation, 'subscription.renewed', facts.subscription, renewed),
      };
    });
  }

  /** The card said no: the bill is open, and tried again or not; what nobody will pay by himself has expired. */
  async decline(
    run: Run<'renewal'>,
    facts: RenewalFacts,
    { order, payment }: { order: OrderDocument; payment: PaymentDocument },
    { code, soft }: ChargeDeclined,
  ): Promise<RunOutcome> {
    const { operation } = run;
    return this.conclude(run, async (session, now) => {
      await this.runs.end(session, run.key, {
        status: 'rejected',
        error: { code, detail: DECLINED[code] },
        progress: { failed: 1 },
      });
      await this.orders.recordDeclined(session, payment, code, now);
      const before = facts.subscription;
      if (!before.lifecycle.unpaid) {
        await this.orders.openInvoice(session, order, operation.request.invoiceId, now);
      }
      const unpaid = unpaidAfter(run, before, soft, now);
      const isOver = before.status === 'active' && unpaid.nextTryAt === null;
      const after = await this.held.release(session, before, {
        ...(isOver && { status: 'expired' as const }),
        lifecycle: { unpaid },
      });
      return {
        event: renewalFailedEvent(operation, facts, order, { code, tryAgainAt: unpaid.nextTryAt }),
        audit: subscriptionAudit(operation, 'renewal.failed', before, after),
      };
    });
  }

  /** The last transaction of an attempt, and the wake-up of its mails. */
  private async conclude(
    { operation }: Run<'renewal'>,
    write: (session: Session, now: Date) => Promise<{ event: NewEvent; audit: NewAudit }>,
  ): Promise<RunOutcome> {
    const recorded = await this.database.transaction(async (session) => {
      const now = this.clock.now();
      const { event, audit } = await write(session, now);
      await this.failpoints.hit('renewal.recording');
      return recordChange(this.database, session, now, { events: [event], audit: [audit] });
    });
    await this.failpoints.hit('renewal.completed');
    await this.mails.wake(operation.tenantId, recorded.notificationIds);
    return ENDED;
  }
}

const takenSeats = ({ seats }: SubscriptionDocument): number => seats.purchased - freeSeats(seats);

/** A rise that was announced too late for this order, and is in the price book still, is charged from a later term on. */
const stillAhead = (facts: RenewalFacts, order: OrderDocument, now: Date) => {
  const { rise } = facts.subscription.lifecycle;
  const inForce = priceInForce(facts, now);
  return rise && inForce && isRise(order.unitPrice, inForce) ? rise : null;
};

/** A purchaser who tries another card changes nothing of when the saved one is tried. */
const unpaidAfter = (
  { operation }: Run<'renewal'>,
  { status, lifecycle }: SubscriptionDocument,
  soft: boolean,
  now: Date,
): UnpaidRenewal => {
  const { orderId, invoiceId, cause } = operation.request;
  const before = lifecycle.unpaid;
  if (before && cause === 'paid') return before;
  const tried = { tries: (before?.tries ?? 0) + 1, firstTriedAt: before?.firstTriedAt ?? now };
  return {
    orderId,
    invoiceId,
    ...tried,
    nextTryAt: status === 'active' ? nextTryAt(tried, soft, now) : null,
  };
};
