import { Inject, Injectable } from '@nestjs/common';
import { type Money, money } from '@commissary/domain';
import type { PaymentProvider } from '@commissary/payments';
import { Failpoints } from '@commissary/platform';
import { refundDue } from '@commissary/policies';
import {
  Database,
  DatabaseClock,
  type OperationDocument,
  OperationRuns,
  OrdersRepository,
  type Session,
  type SubscriptionDocument,
} from '@commissary/store';
import type { Run } from '../operations/run.js';
import { PAYMENT_PROVIDER } from '../tokens.js';

type Closing = 'move' | 'cancellation';

/** What a take-over gives back: planned in the transaction that ends the subscription, then asked of the provider. [OWN-5, CAN-2] */
@Injectable()
export class Refunds {
  constructor(
    private readonly database: Database,
    private readonly runs: OperationRuns,
    private readonly orders: OrdersRepository,
    @Inject(PAYMENT_PROVIDER) private readonly provider: PaymentProvider,
    private readonly clock: DatabaseClock,
    private readonly failpoints: Failpoints,
  ) {}

  /** Writes down what each charge of the running term gives back. Null where nothing is due. */
  async plan(
    session: Session,
    subscription: SubscriptionDocument,
    operation: OperationDocument,
  ): Promise<Money | null> {
    const now = this.clock.now();
    const period = { periodStart: subscription.termStartedAt, periodEnd: subscription.expiresAt };
    let total: Money | null = null;
    for (const payment of await this.orders.succeededPayments(
      operation.tenantId,
      subscription._id,
      session,
    )) {
      const due = refundDue({ paid: payment.amount, ...period }, now);
      if (due.amountMinor === 0) continue;
      await this.orders.planRefund(session, payment, operation._id, due, now);
      total = money((total?.amountMinor ?? 0) + due.amountMinor, due.currency);
    }
    return total;
  }

  /** Asks the provider for each planned refund, once each by its key. `unknown`: not all were answered; ask again later. */
  async settle(
    run: Run<Closing>,
    subscriptionId: string,
  ): Promise<{ kind: 'settled'; total: Money | null } | { kind: 'unknown' }> {
    const { tenantId, _id } = run.operation;
    const refunds = await this.orders.refundsOf(tenantId, subscriptionId, _id);
    for (const pending of refunds) {
      if (pending.refund.status === 'succeeded') continue;
      const { idempotencyKey, amount } = pending.refund;
      if (pending.payment.chargeId === null) throw new Error(`payment ${pending.payment._id} has no charge`);
      await this.failpoints.hit('refund.asking');
      const answer = await this.provider.refund({
        idempotencyKey,
        chargeId: pending.payment.chargeId,
        amount,
      });
      if (answer.kind === 'unknown') return { kind: 'unknown' };
      await this.failpoints.hit('refund.given');
      await this.database.transaction(async (session) => {
        await this.runs.advance(session, run.key, {});
        await this.orders.recordRefunded(session, pending, this.clock.now());
      });
      await this.failpoints.hit('refund.recorded');
    }
    const first = refunds[0]?.refund.amount;
    if (!first) return { kind: 'settled', total: null };
    const sum = refunds.reduce((amount, { refund }) => amount + refund.amount.amountMinor, 0);
    return { kind: 'settled', total: money(sum, first.currency) };
  }
}
