import { Injectable } from '@nestjs/common';
import { DomainError, type OperationStatus } from '@commissary/domain';
import { requirePermission } from '@commissary/policies';
import {
  Database,
  DatabaseClock,
  type OperationDocument,
  OperationsRepository,
  type Session,
  tell,
} from '@commissary/store';
import { actorOf, type RequestContext } from '../http/request-context.js';
import { EnqueueService } from './enqueue.service.js';
import { OperationUndoing } from './operation-undoing.js';
import { VisibleOperations } from './visible-operations.js';

type Change = (session: Session, operation: OperationDocument, now: Date) => Promise<OperationDocument>;

const STOPPABLE = ['accepted', 'running', 'paused', 'parked'] as const satisfies OperationStatus[];

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
    return this.change(ctx, id, 'operation.paused', async (session, operation) => {
      if (operation.type !== 'move' && operation.type !== 'cancellation') {
        throw illegal(operation, 'Only moves and cancellations can be paused.');
      }
      return this.operations.pause(session, operation);
    });
  }

  /** What an admin paused an admin resumes; what is parked an operator does. */
  async resume(ctx: RequestContext, id: string): Promise<OperationDocument> {
    const resumed = await this.change(ctx, id, 'operation.resumed', async (session, operation) => {
      const isParked = operation.status === 'parked';
      requirePermission(ctx.permissions, isParked ? 'operations.operate' : 'operations.control');
      // An operator brings work back to life, and does not answer for it in the tenant's place.
      const { userId, tenantId } = isParked ? operation.authorizedBy : actorOf(ctx);
      return this.operations.resume(session, operation, { userId, tenantId });
    });
    await this.jobs.enqueue(resumed);
    return resumed;
  }

  /** Ends a move where it is: each user on exactly one side, the source as it was. [MOV-6] */
  stop(ctx: RequestContext, id: string): Promise<OperationDocument> {
    return this.change(ctx, id, 'operation.stopped', async (session, operation) => {
      if (operation.type !== 'move') throw illegal(operation, 'Only moves can be stopped.');
      const result = await this.undoing.releaseMove(session, operation);
      return this.operations.endFromOutside(session, operation, STOPPABLE, 'stopped', {
        result,
        error: null,
      });
    });
  }

  /** Gives a parked operation up, where nothing that it did stays half done. [OPS-1] */
  discard(ctx: RequestContext, id: string): Promise<OperationDocument> {
    return this.change(ctx, id, 'operation.discarded', async (session, operation, now) => {
      if (operation.status !== 'parked') throw illegal(operation, 'Only parked operations can be discarded.');
      const result = await this.undoing.release(session, operation, now);
      const error = { code: 'discarded' as const, detail: 'Given up by an operator.' };
      return this.operations.endFromOutside(session, operation, ['parked'], 'failed', { result, error });
    });
  }

  private async change(
    ctx: RequestContext,
    id: string,
    action: string,
    change: Change,
  ): Promise<OperationDocument> {
    const { tenantId } = await this.visible.get(ctx, id);
    return this.database.transaction(async (session) => {
      const now = this.clock.now();
      const operation = await this.operations.get(tenantId, id, session);
      const changed = await change(session, operation, now);
      await tell(this.database, session, now, {
        audit: [
          {
            tenantId,
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
