import { Inject, Injectable } from '@nestjs/common';
import { type Money, money } from '@commissary/domain';
import type { PaymentProvider } from '@commissary/payments';
import { Failpoints } from '@commissary/platform';
import { refundsForAll, refundsForSeats } from '@commissary/policies';
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

type Refunding = 'move' | 'cancellation' | 'seatChange';

/** What is given back: planned in the transaction that takes the seats, then asked of the provider. [OWN-2, OWN-5, CAN-2] */
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

  /** A subscription ends: its open bill is void, and what is due is planned. */
  async closeAccounts(
    session: Session,
    subscription: SubscriptionDocument,
    operation: OperationDocument,
  ): Promise<Money | null> {
    const { unpaid } = subscription.lifecycle;
    if (unpaid) {
      await this.orders.voidInvoice(session, operation.tenantId, unpaid.invoiceId, this.clock.now());
    }
    return this.plan(session, subscription, operation);
  }

  /** Writes down what each charge of the running term gives back: for all seats, or for some. Null where nothing is due. */
  async plan(
    session: Session,
    subscription: SubscriptionDocument,
    operation: OperationDocument,
    seats: number | 'all' = 'all',
  ): Promise<Money | null> {
    const now = this.clock.now();
    const { tenantId, _id } = operation;
    const charges = await this.orders.chargesOfTerm(tenantId, subscription._id, now, session);
    const { termStartedAt } = subscription;
    const due =
      seats === 'all'
        ? refundsForAll(charges, termStartedAt, now)
        : refundsForSeats(charges, seats, termStartedAt, now);
    const byId = new Map(charges.map(({ id, payment }) => [id, payment]));
    for (const { id, ...given } of due) {
      const payment = byId.get(id);
      if (payment) await this.orders.planRefund(session, payment, _id, given, now);
    }
    return sumOf(due.map(({ amount }) => amount));
  }

  /** Asks the provider for each planned refund, once each by its key. `unknown`: not all were answered; ask again later. */
  async settle(run: Run<Refunding>): Promise<{ kind: 'settled'; total: Money | null } | { kind: 'unknown' }> {
    const { tenantId, _id } = run.operation;
    const refunds = await this.orders.refundsOf(tenantId, _id);
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
    return { kind: 'settled', total: sumOf(refunds.map(({ refund }) => refund.amount)) };
  }
}

/** Of amounts in one currency, as all charges of a term are; null of none. */
const sumOf = (amounts: readonly Money[]): Money | null => {
  const [first] = amounts;
  if (!first) return null;
  return money(
    amounts.reduce((sum, { amountMinor }) => sum + amountMinor, 0),
    first.currency,
  );
};
