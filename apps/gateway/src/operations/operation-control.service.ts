import { Injectable } from '@nestjs/common';
import {
  type AuditActionAbout,
  DomainError,
  OPERATION_RULES,
  type OperationStatus,
} from '@commissary/domain';
import { requirePermission } from '@commissary/policies';
import {
  Database,
  DatabaseClock,
  illegalNow,
  type OperationDocument,
  type OperationOf,
  OperationsRepository,
  type Session,
  recordChange,
} from '@commissary/store';
import { actorOf, type RequestContext } from '../http/request-context.js';
import { EnqueueService } from './enqueue.service.js';
import { OperationUndoing, requireNothingFinal } from './operation-undoing.js';
import { VisibleOperations } from './visible-operations.js';

interface Steering {
  /** Of the audit trail. */
  action: AuditActionAbout<'operation'>;
  /** Throws where a run at work may not be disturbed for it; others are overtaken first. Absent: it is about none at work. */
  requireAtWork?: (operation: OperationDocument) => void;
  change: (session: Session, operation: OperationDocument, now: Date) => Promise<OperationDocument>;
}

const STOPPABLE: readonly OperationStatus[] = ['accepted', 'running', 'paused', 'parked'];

/** Pause, resume, stop and discard: a person's hand on a running operation. Each throws `illegal_state` where it cannot be. */
@Injectable()
export class OperationControl {
  constructor(
    private readonly database: Database,
    private readonly clock: DatabaseClock,
    private readonly operations: OperationsRepository,
    private readonly visible: VisibleOperations,
    private readonly undoing: OperationUndoing,
    private readonly jobs: EnqueueService,
  ) {}

  /** Moves and sweeps wait from their next chunk on, with their locks and reservations. */
  pause(ctx: RequestContext, id: string): Promise<OperationDocument> {
    return this.change(ctx, id, {
      action: 'operation.paused',
      requireAtWork: requirePausable,
      change: (session, operation) => {
        requirePausable(operation);
        return this.operations.pause(session, operation);
      },
    });
  }

  /** What an admin paused an admin resumes; what is parked an operator does. */
  async resume(ctx: RequestContext, id: string): Promise<OperationDocument> {
    const resumed = await this.change(ctx, id, {
      action: 'operation.resumed',
      change: (session, operation) => {
        const isParked = operation.status === 'parked';
        requirePermission(ctx.permissions, isParked ? 'operations.operate' : 'operations.control');
        // An operator brings work back to life, and does not answer for it in the tenant's place.
        const { userId, tenantId } = isParked ? operation.authorizedBy : actorOf(ctx);
        return this.operations.resume(session, operation, { userId, tenantId });
      },
    });
    await this.jobs.enqueue(resumed);
    return resumed;
  }

  /** Ends a move where it is: each user on exactly one side, the source as it was. [MOV-6] */
  stop(ctx: RequestContext, id: string): Promise<OperationDocument> {
    return this.change(ctx, id, {
      action: 'operation.stopped',
      requireAtWork: requireStoppable,
      change: async (session, operation) => {
        requireStoppable(operation);
        const result = await this.undoing.releaseMove(session, operation);
        const ending = { result, error: null };
        return this.operations.endFromOutside(session, operation, STOPPABLE, 'stopped', ending);
      },
    });
  }

  /** Gives a parked operation up, where nothing that it did stays half done. [OPS-1] */
  discard(ctx: RequestContext, id: string): Promise<OperationDocument> {
    return this.change(ctx, id, {
      action: 'operation.discarded',
      change: async (session, operation, now) => {
        if (operation.status !== 'parked')
          throw illegal(operation, 'Only parked operations can be discarded.');
        const result = await this.undoing.release(session, operation, now);
        const error = { code: 'discarded' as const, detail: 'Given up by an operator.' };
        return this.operations.endFromOutside(session, operation, ['parked'], 'failed', { result, error });
      },
    });
  }

  private async change(
    ctx: RequestContext,
    id: string,
    { action, requireAtWork, change }: Steering,
  ): Promise<OperationDocument> {
    const seen = await this.visible.get(ctx, id);
    if (requireAtWork && seen.status === 'running') {
      requireAtWork(seen);
      await this.operations.overtake(seen);
    }
    return this.database.transaction(async (session) => {
      const now = this.clock.now();
      const operation = await this.operations.get(seen.tenantId, id, session);
      const changed = await change(session, operation, now);
      await recordChange(this.database, session, now, {
        audit: [
          {
            tenantId: seen.tenantId,
            actor: actorOf(ctx),
            action,
            subject: { type: 'operation', id },
            before: { status: operation.status },
            after: { status: changed.status },
            ip: ctx.ip,
            requestId: ctx.requestId,
            operationId: id,
          },
        ],
      });
      return changed;
    });
  }
}

const illegal = (operation: OperationDocument, detail: string): DomainError =>
  new DomainError('illegal_state', detail, { state: operation.status });

const requirePausable = (operation: OperationDocument): void => {
  if (OPERATION_RULES[operation.type].pausable) return;
  throw illegal(operation, 'Only moves and cancellations can be paused.');
};

const requireStoppable: (operation: OperationDocument) => asserts operation is OperationOf<'move'> = (
  operation,
) => {
  if (!OPERATION_RULES[operation.type].stoppable) throw illegal(operation, 'Only moves can be stopped.');
  if (!STOPPABLE.includes(operation.status)) throw illegalNow(operation);
  requireNothingFinal(operation);
};
