import { Injectable } from '@nestjs/common';
import type { OperationView } from '@commissary/contracts';
import { Failpoints } from '@commissary/platform';
import {
  Database,
  DatabaseClock,
  type OperationDocument,
  OperationsRepository,
  type NewAudit,
  recordChange,
  type Session,
} from '@commissary/store';
import { Answer } from '../http/answer.js';
import { actorOf, type RequestContext } from '../http/request-context.js';
import type { IdempotentRequest } from '../idempotency/idempotent-request.js';
import { EnqueueService } from './enqueue.service.js';
import { operationView } from './operation.view.js';

/** A thing made at once: its id, what the client is shown of it, and where it lives. */
export interface Created<View> {
  id: string;
  body: View;
  location?: string;
  /** 201 unless given. */
  status?: 200;
}

/** What is worked out before the transaction: early refusals, and facts that take long to gather. Its result goes to `build`. */
export type Early<Facts> = (now: Date) => Promise<Facts>;

interface Before<Facts> {
  early?: Early<Facts> | undefined;
  recallFirst?: boolean;
}

type Committed = { answer: Answer; subjectId: string };

/**
 * How every keyed request is taken: one transaction does the work, writes the audit entry and remembers the answer. A key that was
 * answered before gets that answer again: here where making a thing asks somebody else first, otherwise in the interceptor, where the
 * earlier operation, or what it took, stood in the way. Of equal requests at once exactly one commits. Refusals (4xx) are not
 * remembered. [EXT-1]
 *
 * ```ts
 * @Post(':id/move')
 * @Requires('takeover')
 * @Idempotent()
 * @Answers(202, operationSchema, 404, 409, 413, 415, 422)
 * move(@Caller() ctx: RequestContext, @Keyed() keyed: IdempotentRequest, @Param('id', { schema: idText }) id: string,
 *      @Body({ schema: moveSchema }) body: MoveBody): Promise<Answer<OperationView>> {
 *   return this.accepts.accept(ctx, keyed, body, async (session, now, seatsNeeded: number) => {
 *     const operation = OperationsRepository.newDocument({ id: newId('op'), type: 'move', ... }, now);
 *     await this.subscriptions.lock(session, ctx.tenantId, id, operation._id);
 *     await this.subscriptions.reserve(session, ctx.tenantId, body.targetSubscriptionId, operation._id, seatsNeeded);
 *     return operation; // It is inserted, audited and enqueued by this service.
 *   }, () => this.countSeatsNeeded(ctx, id, body));
 * }
 * ```
 */
@Injectable()
export class AcceptService {
  constructor(
    private readonly database: Database,
    private readonly clock: DatabaseClock,
    private readonly operations: OperationsRepository,
    private readonly jobs: EnqueueService,
    private readonly failpoints: Failpoints,
  ) {}

  /**
   * 202, `Location` and the operation. `build` takes locks and reservations and gives the document; it may run several
   * times and must change nothing outside its session. The job is enqueued after the commit; Redis away is no error.
   */
  async accept<Facts = undefined>(
    ctx: RequestContext,
    keyed: IdempotentRequest,
    body: unknown,
    build: (session: Session, now: Date, facts: Facts) => Promise<OperationDocument>,
    early?: Early<Facts>,
  ): Promise<Answer<OperationView>> {
    const built: OperationDocument[] = [];
    // Most keys are new: a known one is found where its operation, or what it took, stands in the way.
    const answer = await this.once(keyed, body, { early }, async (session, now, facts: Facts) => {
      const operation = await build(session, now, facts);
      await this.operations.insert(session, operation);
      await this.audit(ctx, session, now, operation);
      built.push(operation);
      const location = `/v1/operations/${operation._id}`;
      return { answer: new Answer(202, operationView(operation), location), subjectId: operation._id };
    });
    // Of several attempts at the transaction the last one counts.
    const accepted = built.at(-1);
    if (accepted) await this.jobs.enqueue(accepted);
    await this.failpoints.hit('accept.enqueued');
    return answer as Answer<OperationView>;
  }

  /** 201 (or what `build` says) with the thing itself. `build` makes it, and records it (audit, events), in its session. */
  async create<View, Facts = undefined>(
    keyed: IdempotentRequest,
    body: unknown,
    build: (session: Session, now: Date, facts: Facts) => Promise<Created<View>>,
    early?: Early<Facts>,
  ): Promise<Answer<View>> {
    // What makes a thing may ask somebody else before, which the same key must not do again.
    const before = { early, recallFirst: true };
    const answer = await this.once(keyed, body, before, async (session, now, facts: Facts) => {
      const created = await build(session, now, facts);
      const { id, status = 201, body: made, location = null } = created;
      return { answer: new Answer(status, made, location), subjectId: id };
    });
    return answer as Answer<View>;
  }

  private async once<Facts>(
    keyed: IdempotentRequest,
    body: unknown,
    { early, recallFirst = false }: Before<Facts>,
    work: (session: Session, now: Date, facts: Facts) => Promise<Committed>,
  ): Promise<Answer> {
    keyed.begin(body);
    const known = recallFirst ? await keyed.recall() : null;
    if (known) return known;
    // Without `early` its type is `undefined`.
    const facts = (await early?.(this.clock.now())) as Facts;
    await this.failpoints.hit('accept.checked');
    const answer = await this.commit(keyed, (session, now) => work(session, now, facts));
    await this.failpoints.hit('accept.committed');
    return answer;
  }

  private async commit(
    keyed: IdempotentRequest,
    work: (session: Session, now: Date) => Promise<Committed>,
  ): Promise<Answer> {
    return this.database.transaction(async (session) => {
      const now = this.clock.now();
      const { answer, subjectId } = await work(session, now);
      await keyed.remember(session, { answer, subjectId, at: now });
      await this.failpoints.hit('accept.committing');
      return answer;
    });
  }

  private async audit(
    ctx: RequestContext,
    session: Session,
    now: Date,
    operation: OperationDocument,
  ): Promise<void> {
    const entry: NewAudit = {
      tenantId: ctx.tenantId,
      actor: actorOf(ctx),
      action: 'operation.accepted',
      subject: { type: 'operation', id: operation._id },
      before: null,
      after: {
        type: operation.type,
        subscriptionId: operation.subscriptionId,
        request: { ...operation.request },
      },
      ip: ctx.ip,
      requestId: ctx.requestId,
      operationId: operation._id,
    };
    await recordChange(this.database, session, now, { audit: [entry] });
  }
}
