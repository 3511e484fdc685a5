import { Injectable } from '@nestjs/common';
import { DomainError } from '@commissary/domain';
import {
  checkSeatChange,
  evaluateEligibility,
  REFUSAL_MESSAGE,
  type SeatChangeVerdict,
} from '@commissary/policies';
import { DatabaseClock } from '@commissary/store';
import { Charging } from '../charging/charging.js';
import { type OperationHandler, Run, type RunOutcome } from '../operations/run.js';
import { Refunds } from '../refunds/refunds.js';
import { seatOrderOf } from './seat-change-documents.js';
import { type SeatChangeFacts, SeatChangeFactsReader } from './seat-change-facts.js';
import { SeatChangeSettlement } from './seat-change-settlement.js';

/**
 * More seats of a subscription, a purchase like any other, or fewer: now with a refund, or from the renewal on. [OWN-2]
 * The rules are asked once more before the first call of the provider (step `charging`) or the first seat taken (`taken`), and
 * never after it.
 */
@Injectable()
export class SeatChangeHandler implements OperationHandler<'seatChange'> {
  readonly type = 'seatChange';

  constructor(
    private readonly facts: SeatChangeFactsReader,
    private readonly settlement: SeatChangeSettlement,
    private readonly charging: Charging,
    private readonly refunds: Refunds,
    private readonly clock: DatabaseClock,
  ) {}

  async run(run: Run<'seatChange'>): Promise<RunOutcome> {
    const facts = await this.facts.read(run.operation);
    if (run.operation.step === 'taken') return this.giveBack(run, facts);
    if (run.operation.step === 'charging') return this.buy(run, facts);
    const verdict = this.verdictOn(run, facts);
    if (verdict instanceof DomainError) return this.settlement.reject(run, facts, verdict);
    switch (verdict.kind) {
      case 'atRenewal':
        return this.settlement.plan(run, facts);
      case 'fewer':
        await this.settlement.take(run, facts, verdict.removed);
        return this.giveBack(run, facts);
      case 'more':
        return this.buy(run, facts);
    }
  }

  /** The same policies as at the gateway, on the state under the operation's own lock; what they throw is an answer here. */
  private verdictOn(
    run: Run<'seatChange'>,
    { subscription, quote, buyer }: SeatChangeFacts,
  ): SeatChangeVerdict | DomainError {
    const { seats: total, effective } = run.operation.request;
    const now = this.clock.now();
    if (quote) {
      const verdict = buyer && evaluateEligibility(buyer, { offer: 'purchase' }, now);
      const reasons = verdict ? verdict.reasons : ['account_inactive'];
      if (reasons.length > 0) return new DomainError('not_eligible', REFUSAL_MESSAGE, { reasons });
    }
    try {
      return checkSeatChange(subscription, { total, effective }, now);
    } catch (error) {
      if (error instanceof DomainError) return error;
      throw error;
    }
  }

  /** A contract is not charged, nor is what comes to nothing in the last seconds of a term. */
  private async buy(run: Run<'seatChange'>, facts: SeatChangeFacts): Promise<RunOutcome> {
    const order = seatOrderOf(run.operation, facts, this.clock.now());
    const isCharged = facts.quote !== null && order.total.amountMinor > 0;
    if (!isCharged) return this.settlement.add(run, facts, order, null);
    const payment = facts.payment ?? (await this.settlement.beginCharging(run, order));
    const outcome = await this.charging.charge(run, payment, facts.method, facts.payment !== null);
    switch (outcome.kind) {
      case 'succeeded':
        return this.settlement.add(run, facts, order, { paymentId: payment._id, chargeId: outcome.chargeId });
      case 'declined':
        return this.settlement.decline(run, facts, payment, outcome.code);
      case 'unknown':
        return this.charging.unanswered(run, payment);
    }
  }

  private async giveBack(run: Run<'seatChange'>, facts: SeatChangeFacts): Promise<RunOutcome> {
    const refunds = await this.refunds.settle(run);
    if (refunds.kind === 'unknown') return { kind: 'provider' };
    return this.settlement.completeTaking(run, facts, refunds.total);
  }
}
