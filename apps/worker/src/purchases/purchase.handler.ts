import { Injectable } from '@nestjs/common';
import { Failpoints } from '@commissary/platform';
import type { ChargeOutcome } from '@commissary/payments';
import { evaluateEligibility } from '@commissary/policies';
import { DatabaseClock, type PaymentDocument } from '@commissary/store';
import { Charging } from '../charging/charging.js';
import { type OperationHandler, Run, type RunOutcome } from '../operations/run.js';
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
    private readonly settlement: PurchaseSettlement,
    private readonly charging: Charging,
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
    const outcome = await this.charging.charge(run, payment, facts.method, facts.payment !== null);
    return this.conclude(run, facts, payment, outcome);
  }

  private async beginCharging(run: Run<'purchase'>, facts: PurchaseFacts): Promise<PaymentDocument> {
    const payment = await this.settlement.beginCharging(run, facts);
    await this.failpoints.hit('purchase.begun');
    return payment;
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
    return this.charging.unanswered(run, payment);
  }
}
