import { Injectable } from '@nestjs/common';
import type { Money } from '@commissary/domain';
import { Failpoints } from '@commissary/platform';
import {
  Database,
  DatabaseClock,
  DirectoryChanges,
  mail,
  type MoveResult,
  OperationRuns,
  type Session,
  SubscriptionsRepository,
  recordChange,
} from '@commissary/store';
import type { Run, RunOutcome } from '../operations/run.js';
import { Refunds } from '../refunds/refunds.js';
import { canceledAudit, canceledEvent } from '../takeover/takeover-events.js';
import type { Sides } from './move-chunks.js';

/**
 * What follows the last chunk: the empty source is canceled (step `closed`), what is due is refunded, and the admin gets a mail.
 * Where some users had to stay, the source keeps its status and them, and the operation fails. [MOV-4, MOV-5]
 */
@Injectable()
export class MoveEnding {
  constructor(
    private readonly database: Database,
    private readonly runs: OperationRuns,
    private readonly subscriptions: SubscriptionsRepository,
    private readonly refunds: Refunds,
    private readonly directory: DirectoryChanges,
    private readonly clock: DatabaseClock,
    private readonly failpoints: Failpoints,
  ) {}

  async end(run: Run<'move'>, sides: Sides): Promise<RunOutcome> {
    if (run.operation.step !== 'closed') {
      if (run.operation.progress.failed > 0) return this.endIncomplete(run, sides);
      await this.close(run, sides);
      await this.failpoints.hit('move.closed');
    }
    const refunds = await this.refunds.settle(run);
    if (refunds.kind === 'unknown') return { kind: 'provider' };
    await this.database.transaction((session) => this.complete(session, run, sides, refunds.total));
    await this.failpoints.hit('move.completed');
    return { kind: 'ended' };
  }

  private async close(run: Run<'move'>, { source, target }: Sides): Promise<void> {
    const { operation } = run;
    const change = { step: 'closed' as const };
    await this.database.transaction(async (session) => {
      await this.runs.advance(session, run.key, change);
      const now = this.clock.now();
      const deleted = await this.subscriptions.markDeleted(session, source, operation._id, {
        now,
        requireEmpty: true,
        unlock: false,
      });
      if (!deleted) throw new Error(`${source._id} still has licenses`);
      await this.subscriptions.releaseReservation(session, operation.tenantId, target._id, operation._id);
      const refunded = await this.refunds.closeAccounts(session, source, operation);
      await recordChange(this.database, session, now, {
        events: [canceledEvent(source, operation, 'moved', refunded)],
        audit: [canceledAudit(source, operation)],
      });
      await this.failpoints.hit('move.closing');
    });
    run.committed(change);
  }

  private async complete(
    session: Session,
    run: Run<'move'>,
    { source, target }: Sides,
    refunded: Money | null,
  ): Promise<void> {
    const { operation } = run;
    const result = resultOf(run, 'deleted', refunded);
    await this.runs.end(session, run.key, { status: 'succeeded', result });
    await this.subscriptions.unlock(session, operation.tenantId, source._id, operation._id);
    const { moved, alreadyLicensed, skipped, failed } = result;
    const { userId: recipient, tenantId: recipientTenantId } = operation.requestedBy;
    const completed = mail('moveCompleted', recipient, {
      operationId: operation._id,
      productName: source.productName,
      targetProductName: target.productName,
      moved,
      alreadyLicensed,
      skipped,
      failed,
      refunded,
    });
    await recordChange(this.database, session, this.clock.now(), {
      events: [
        {
          tenantId: operation.tenantId,
          type: 'move.completed',
          subjectId: source._id,
          operationId: operation._id,
          data: { moved, alreadyLicensed, skipped, failed, recipients: { moveCompleted: [recipient] } },
          mails: [{ ...completed, recipientTenantId }],
        },
      ],
    });
    await this.failpoints.hit('move.completing');
  }

  private async endIncomplete(run: Run<'move'>, { source, target }: Sides): Promise<RunOutcome> {
    const { operation } = run;
    const { failed } = operation.progress;
    await this.database.transaction(async (session) => {
      await this.runs.end(session, run.key, {
        status: 'failed',
        result: resultOf(run, source.status, null),
        error: {
          code: 'move_incomplete',
          detail: `${failed} users could not be moved and stay where they were.`,
        },
      });
      await this.subscriptions.releaseReservation(session, operation.tenantId, target._id, operation._id);
      // Of those who had to stay, some may have been deleted since.
      await this.directory.removeLeftLicenses(session, operation.tenantId, source._id);
      await this.subscriptions.unlock(session, operation.tenantId, source._id, operation._id);
      await recordChange(this.database, session, this.clock.now(), {
        events: [
          {
            tenantId: operation.tenantId,
            type: 'move.failed',
            subjectId: source._id,
            operationId: operation._id,
            data: { failed },
          },
        ],
      });
    });
    return { kind: 'ended' };
  }
}

const resultOf = (
  run: Run<'move'>,
  sourceStatus: MoveResult['sourceStatus'],
  refunded: Money | null,
): MoveResult => {
  const { done, alreadyLicensed, skipped, failed } = run.operation.progress;
  return { moved: done - alreadyLicensed, alreadyLicensed, skipped, failed, sourceStatus, refunded };
};
