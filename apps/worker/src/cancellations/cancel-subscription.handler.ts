import { Injectable } from '@nestjs/common';
import { type Money } from '@commissary/domain';
import { Failpoints } from '@commissary/platform';
import { checkCancellation } from '@commissary/policies';
import {
  Database,
  DatabaseClock,
  OperationRuns,
  type RunChange,
  type SubscriptionDocument,
  SubscriptionsRepository,
  recordChange,
} from '@commissary/store';
import { Authority } from '../operations/authority.js';
import { HeldSubscriptions } from '../operations/held-subscriptions.js';
import { type OperationHandler, Run, type RunOutcome } from '../operations/run.js';
import { Refunds } from '../refunds/refunds.js';
import { canceledAudit, canceledEvent, renewalTurnedOffAudit } from '../takeover/takeover-events.js';
import { LicenseSweep } from './license-sweep.js';

/**
 * Cancels a subscription: one status change ends every user's access at once (step `cut`), then the licenses are swept by the
 * chunk, what is due is refunded, and the lock is given back. [CAN-1, CAN-2, OWN-5]
 */
@Injectable()
export class CancelSubscriptionHandler implements OperationHandler<'cancellation'> {
  readonly type = 'cancellation';

  constructor(
    private readonly database: Database,
    private readonly runs: OperationRuns,
    private readonly subscriptions: SubscriptionsRepository,
    private readonly sweep: LicenseSweep,
    private readonly refunds: Refunds,
    private readonly held: HeldSubscriptions,
    private readonly authority: Authority,
    private readonly clock: DatabaseClock,
    private readonly failpoints: Failpoints,
  ) {}

  async run(run: Run<'cancellation'>): Promise<RunOutcome> {
    const { tenantId, subscriptionId } = run.operation;
    if (subscriptionId === null) throw new Error(`${run.operation._id} names no subscription`);
    const subscription = await this.subscriptions.get(tenantId, subscriptionId);
    if (run.operation.step === null) {
      await this.authority.require(run.operation);
      if (this.verdictOn(run, subscription) === 'turnOffRenewal')
        return this.turnOffRenewal(run, subscription);
      await this.cut(run, subscription);
      await this.failpoints.hit('cancellation.cut');
    }
    if (!(await this.sweep.sweep(run, subscription))) return { kind: 'yield' };
    const refunds = await this.refunds.settle(run);
    if (refunds.kind === 'unknown') return { kind: 'provider' };
    await this.complete(run, subscription, refunds.total);
    await this.failpoints.hit('cancellation.completed');
    return { kind: 'ended' };
  }

  /** The same policy as at the gateway, on the state under the operation's own lock. */
  private verdictOn(run: Run<'cancellation'>, subscription: SubscriptionDocument) {
    const { by, reason } = run.operation.request;
    const facts = { ...subscription, operationId: null };
    // Who asked on support's behalf was checked when the operation was accepted.
    return checkCancellation(facts, { by, reason, onBehalfOf: ['globalAdmin'] }, this.clock.now());
  }

  private async turnOffRenewal(
    run: Run<'cancellation'>,
    subscription: SubscriptionDocument,
  ): Promise<RunOutcome> {
    const { operation } = run;
    await this.database.transaction(async (session) => {
      await this.runs.end(session, run.key, {
        status: 'succeeded',
        result: { usersCut: 0, refunded: null },
        total: 0,
      });
      await this.held.release(session, subscription, { autoRenew: false });
      await recordChange(this.database, session, this.clock.now(), {
        events: [
          {
            tenantId: operation.tenantId,
            type: 'subscription.renewalTurnedOff',
            subjectId: subscription._id,
            operationId: operation._id,
            data: {},
          },
        ],
        audit: [renewalTurnedOffAudit(subscription, operation)],
      });
    });
    return { kind: 'ended' };
  }

  private async cut(run: Run<'cancellation'>, subscription: SubscriptionDocument): Promise<void> {
    const { operation } = run;
    const change: RunChange<'cancellation'> = { step: 'cut', total: subscription.seats.assigned };
    await this.database.transaction(async (session) => {
      await this.runs.advance(session, run.key, change);
      const now = this.clock.now();
      const cut = await this.subscriptions.markDeleted(session, subscription, operation._id, {
        now,
        requireEmpty: false,
        unlock: false,
      });
      if (!cut) throw new Error(`${subscription._id} is not held by ${operation._id}`);
      const refunded = await this.refunds.closeAccounts(session, subscription, operation);
      await recordChange(this.database, session, now, {
        events: [canceledEvent(subscription, operation, CAUSES[operation.request.by], refunded)],
        audit: [canceledAudit(subscription, operation)],
      });
      await this.failpoints.hit('cancellation.cutting');
    });
    run.committed(change);
  }

  private async complete(
    run: Run<'cancellation'>,
    subscription: SubscriptionDocument,
    refunded: Money | null,
  ): Promise<void> {
    const { operation } = run;
    await this.database.transaction(async (session) => {
      await this.runs.end(session, run.key, {
        status: 'succeeded',
        result: { usersCut: operation.progress.done, refunded },
      });
      await this.subscriptions.unlock(session, operation.tenantId, subscription._id, operation._id);
      await this.failpoints.hit('cancellation.completing');
    });
  }
}

const CAUSES = {
  admin: 'canceledByAdmin',
  purchaser: 'canceledByPurchaser',
  support: 'canceledBySupport',
  lifecycle: 'unpaid',
} as const;
