import { Injectable } from '@nestjs/common';
import type { DeclineCode } from '@commissary/domain';
import { Failpoints } from '@commissary/platform';
import { REFUSAL_MESSAGE } from '@commissary/policies';
import {
  Database,
  DatabaseClock,
  OperationRuns,
  OrdersRepository,
  type PaymentDocument,
  recordChange,
} from '@commissary/store';
import { declinedEvent, endDeclined } from '../charging/declined.js';
import { attemptOf } from '../charging/payment-attempt.js';
import type { Run, RunOutcome } from '../operations/run.js';
import { MailWakeUp } from '../notifications/mail-wake-up.js';
import { PurchaseCommits } from './purchase-commits.js';
import { orderOf } from './purchase-documents.js';
import type { PurchaseFacts } from './purchase-facts.js';
import { purchaseAudit } from './purchase-events.js';

interface Charge {
  payment: PaymentDocument;
  chargeId: string;
}

const ENDED: RunOutcome = { kind: 'ended' };

/** The transactions of a purchase; each begins with the fenced write of its run. [BUY-4, BUY-6] */
@Injectable()
export class PurchaseSettlement {
  private readonly commits: PurchaseCommits;

  constructor(
    private readonly database: Database,
    private readonly runs: OperationRuns,
    private readonly orders: OrdersRepository,
    private readonly mails: MailWakeUp,
    private readonly clock: DatabaseClock,
    private readonly failpoints: Failpoints,
  ) {
    this.commits = new PurchaseCommits(database, runs, clock, failpoints);
  }

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
    const order = orderOf(run.operation, facts, now);
    const payment = attemptOf(run.operation, order, now);
    await this.commits.begin({ run, order, payment });
    run.committed({ step: 'charging' });
    return payment;
  }

  async decline(
    run: Run<'purchase'>,
    { quote }: PurchaseFacts,
    payment: PaymentDocument,
    code: DeclineCode,
  ): Promise<RunOutcome> {
    const { operation } = run;
    const recorded = await this.database.transaction(async (session) => {
      const now = this.clock.now();
      await endDeclined(
        session,
        { runs: this.runs, orders: this.orders },
        run,
        { quote, payment, code },
        now,
      );
      return recordChange(this.database, session, now, {
        events: [declinedEvent(operation, quote, code)],
        audit: [purchaseAudit(operation, 'purchase.declined', { status: 'failed', failure: code })],
      });
    });
    await this.mails.wake(operation.tenantId, recorded.notificationIds);
    return ENDED;
  }

  /** Paid, or nothing to pay: the subscription and all that belongs to it come to be at once. */
  async complete(run: Run<'purchase'>, facts: PurchaseFacts, charge: Charge | null): Promise<RunOutcome> {
    const notificationIds = await this.commits.complete({ run, facts, charge });
    await this.failpoints.hit('purchase.completed');
    await this.mails.wake(run.operation.tenantId, notificationIds);
    await this.failpoints.hit('purchase.mailsWoken');
    return ENDED;
  }
}
