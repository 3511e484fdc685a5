import { Inject, Injectable } from '@nestjs/common';
import type { ChargeOutcome, PaymentProvider } from '@commissary/payments';
import { Failpoints } from '@commissary/platform';
import { backoffMs, PROVIDER_BACKOFF } from '@commissary/queue';
import {
  DatabaseClock,
  type OperationDocument,
  OperationRuns,
  OrdersRepository,
  type PaymentDocument,
  type PaymentMethodDocument,
} from '@commissary/store';
import type { Run, RunOutcome } from '../operations/run.js';
import { PAYMENT_PROVIDER } from '../tokens.js';

/** After so many calls without an answer, starts are counted again. */
const CREDITED_ATTEMPTS = 20;

/** Asking the provider for money, under one key for good: whatever is bought. [BUY-6] */
@Injectable()
export class Charging {
  constructor(
    private readonly runs: OperationRuns,
    private readonly orders: OrdersRepository,
    @Inject(PAYMENT_PROVIDER) private readonly provider: PaymentProvider,
    private readonly clock: DatabaseClock,
    private readonly failpoints: Failpoints,
  ) {}

  /** The outcome under the payment's key. Asked by an earlier run that recorded no answer, it is looked up before it is asked again. */
  async charge(
    run: Run<OperationDocument['type']>,
    payment: PaymentDocument,
    method: PaymentMethodDocument | null,
    askedBefore: boolean,
  ): Promise<ChargeOutcome> {
    if (!method) throw new Error(`${payment._id} has no payment method`);
    const outcome =
      (askedBefore && (await this.find(run, payment, method))) || (await this.ask(payment, method));
    await this.failpoints.hit('purchase.charged');
    return outcome;
  }

  /** Asking again is progress, for a while: whoever is killed while a provider is silent has not killed anybody. */
  private async find(
    run: Run<OperationDocument['type']>,
    payment: PaymentDocument,
    method: PaymentMethodDocument,
  ): Promise<ChargeOutcome | null> {
    const place = { providerMethodId: method.providerMethodId, since: payment.createdAt };
    const found = await this.provider.findByKey(payment.idempotencyKey, place);
    if (found.kind !== 'none') return found;
    await this.orders.recordAttempt(payment.tenantId, payment._id);
    if (payment.attempts < CREDITED_ATTEMPTS) {
      await this.runs.credit(run.key);
      run.onProgress();
    }
    return null;
  }

  private async ask(payment: PaymentDocument, method: PaymentMethodDocument): Promise<ChargeOutcome> {
    await this.failpoints.hit('purchase.asking');
    return this.provider.charge({
      idempotencyKey: payment.idempotencyKey,
      providerMethodId: method.providerMethodId,
      orderId: payment.orderId,
      amount: payment.amount,
    });
  }

  /** No answer came: it is on record that one is owed, and a later run asks for it. */
  async unanswered(run: Run<OperationDocument['type']>, payment: PaymentDocument): Promise<RunOutcome> {
    const waitMs = backoffMs(PROVIDER_BACKOFF, run.operation.providerFailures, 1);
    const nextCheckAt = new Date(this.clock.now().getTime() + waitMs);
    await this.orders.recordUnknown(payment.tenantId, payment._id, nextCheckAt);
    return { kind: 'provider' };
  }
}
