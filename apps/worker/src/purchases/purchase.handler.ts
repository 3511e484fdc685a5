import { Inject, Injectable } from '@nestjs/common';
import { Failpoints } from '@commissary/platform';
import type { ChargeOutcome, PaymentProvider } from '@commissary/payments';
import { evaluateEligibility } from '@commissary/policies';
import { backoffMs, PROVIDER_BACKOFF } from '@commissary/queue';
import { DatabaseClock, OrdersRepository, type PaymentDocument } from '@commissary/store';
import { type OperationHandler, Run, type RunOutcome } from '../operations/run.js';
import { PAYMENT_PROVIDER } from '../tokens.js';
import { type PurchaseFacts, PurchaseFactsReader } from './purchase-facts.js';
import { PurchaseSettlement } from './purchase-settlement.js';

/**
 * A purchase from acceptance to its end. [BUY-4, BUY-6]
 * The rules are asked once more before the first call of the provider (step `charging`) and never after it: from then on the
 * charge is made under its one key, or found to be declined.
 */
@Injectable()
export class PurchaseHandler implements OperationHandler<'purchase'> {
  readonly type = 'purchase';

  constructor(
    private readonly facts: PurchaseFactsReader,
    private readonly orders: OrdersRepository,
    private readonly settlement: PurchaseSettlement,
    @Inject(PAYMENT_PROVIDER) private readonly provider: PaymentProvider,
    private readonly clock: DatabaseClock,
    private readonly failpoints: Failpoints,
  ) {}

  async run(run: Run<'purchase'>): Promise<RunOutcome> {
    const facts = await this.facts.read(run.operation);
    if (run.operation.step === null) {
      const verdict = evaluateEligibility(facts.buyer, { offer: facts.quote.offer }, this.clock.now());
      if (!verdict.eligible) return this.settlement.reject(run, facts, verdict.reasons);
      if (facts.quote.total.amountMinor === 0) return this.settlement.complete(run, facts, null);
    }
    const payment = facts.payment ?? (await this.beginCharging(run, facts));
    const outcome = await this.charge(facts, payment);
    await this.failpoints.hit('purchase.charged');
    return this.conclude(run, facts, payment, outcome);
  }

  private async beginCharging(run: Run<'purchase'>, facts: PurchaseFacts): Promise<PaymentDocument> {
    const payment = await this.settlement.beginCharging(run, facts);
    await this.failpoints.hit('purchase.begun');
    return payment;
  }

  /** Asked before, and no answer was recorded: look it up first, then charge again under the same key. */
  private async charge(facts: PurchaseFacts, payment: PaymentDocument): Promise<ChargeOutcome> {
    const { method } = facts;
    if (!method) throw new Error(`${payment._id} has no payment method`);
    if (facts.payment) {
      const found = await this.provider.findByKey(payment.idempotencyKey);
      if (found.kind !== 'none') return found;
      await this.orders.recordAttempt(payment.tenantId, payment._id);
    }
    await this.failpoints.hit('purchase.asking');
    return this.provider.charge({
      idempotencyKey: payment.idempotencyKey,
      providerMethodId: method.providerMethodId,
      orderId: payment.orderId,
      amount: payment.amount,
    });
  }

  private async conclude(
    run: Run<'purchase'>,
    facts: PurchaseFacts,
    payment: PaymentDocument,
    outcome: ChargeOutcome,
  ): Promise<RunOutcome> {
    if (outcome.kind === 'succeeded') {
      return this.settlement.complete(run, facts, { payment, chargeId: outcome.chargeId });
    }
    if (outcome.kind === 'declined') return this.settlement.decline(run, facts, payment, outcome.code);
    const waitMs = backoffMs(PROVIDER_BACKOFF, run.operation.providerFailures, 1);
    await this.orders.recordUnknown(
      payment.tenantId,
      payment._id,
      new Date(this.clock.now().getTime() + waitMs),
    );
    return { kind: 'provider' };
  }
}
