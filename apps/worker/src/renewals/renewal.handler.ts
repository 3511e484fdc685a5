import { Injectable } from '@nestjs/common';
import { stepDue } from '@commissary/domain';
import { Failpoints } from '@commissary/platform';
import { DatabaseClock, type PaymentDocument } from '@commissary/store';
import { Charging } from '../charging/charging.js';
import { type OperationHandler, Run, type RunOutcome } from '../operations/run.js';
import { renewalOrderOf } from './renewal-documents.js';
import { type RenewalFacts, RenewalFactsReader } from './renewal-facts.js';
import { RenewalSettlement } from './renewal-settlement.js';

/**
 * One attempt to pay for a subscription's next term: by its card when it is due, or by the purchaser who pays an open bill. No
 * policy is asked. A declined attempt ends; the scheduler, or the purchaser, begins the next one. [BUY-9, OWN-4, POL-4]
 */
@Injectable()
export class RenewalHandler implements OperationHandler<'renewal'> {
  readonly type = 'renewal';

  constructor(
    private readonly facts: RenewalFactsReader,
    private readonly settlement: RenewalSettlement,
    private readonly charging: Charging,
    private readonly clock: DatabaseClock,
    private readonly failpoints: Failpoints,
  ) {}

  async run(run: Run<'renewal'>): Promise<RunOutcome> {
    const facts = await this.facts.read(run.operation);
    if (run.operation.step === null && !this.isWanted(run, facts))
      return this.settlement.withdraw(run, facts);
    const order = renewalOrderOf(run.operation, facts, this.clock.now());
    const payment = facts.payment ?? (await this.beginCharging(run, facts, order));
    const outcome = await this.charging.charge(run, payment, facts.method, facts.payment !== null);
    switch (outcome.kind) {
      case 'succeeded':
        return this.settlement.renew(run, facts, order, {
          paymentId: payment._id,
          chargeId: outcome.chargeId,
        });
      case 'declined':
        return this.settlement.decline(run, facts, { order, payment }, outcome);
      case 'unknown':
        return this.charging.unanswered(run, payment);
    }
  }

  private isWanted({ operation }: Run<'renewal'>, { subscription }: RenewalFacts): boolean {
    if (operation.request.cause === 'paid') return subscription.lifecycle.unpaid !== null;
    return stepDue(subscription, this.clock.now()) === 'renew';
  }

  private async beginCharging(
    run: Run<'renewal'>,
    facts: RenewalFacts,
    order: ReturnType<typeof renewalOrderOf>,
  ): Promise<PaymentDocument> {
    const payment = await this.settlement.beginCharging(run, facts, order);
    await this.failpoints.hit('renewal.begun');
    return payment;
  }
}
