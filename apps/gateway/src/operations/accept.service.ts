import { Injectable } from '@nestjs/common';
import type { OperationView } from '@commissary/contracts';
import { DomainError } from '@commissary/domain';
import { Failpoints } from '@commissary/platform';
import {
  Database,
  DatabaseClock,
  fingerprintOf,
  IdempotencyRepository,
  type IdempotencyScope,
  isDuplicateKey,
  type OperationDocument,
  OperationsRepository,
  type Remembered,
  type Session,
  type NewAudit,
  recordChange,
  KeyedMutex,
} from '@commissary/store';
import type { FastifyRequest } from 'fastify';
import { Answer } from '../http/answer.js';
import { actorOf, type RequestContext } from '../http/request-context.js';
import { EnqueueService } from './enqueue.service.js';
import { idempotencyScopeOf } from './idempotency-key.js';
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
 * How every keyed request is taken: one transaction does the work, writes the audit entry and remembers the answer; a key
 * that was answered before gets that answer again. Of equal requests at once exactly one commits, the others answer as it did.
 * Refusals (4xx) are not remembered. [EXT-1]
 *
 * ```ts
 * @Post(':id/move')
 * @Requires('takeover')
 * @Answers(202, operationSchema, 404, 409, 413, 415, 422)
 * move(@Caller() ctx: RequestContext, @Req() request: FastifyRequest, @Param('id', { schema: idText }) id: string,
 *      @Body({ schema: moveBody }) body: MoveBody): Promise<Answer<OperationView>> {
 *   return this.accepts.accept(ctx, request, body, async (session, now, seatsNeeded) => {
 *     const operation = OperationsRepository.newDocument({ id: newId('op'), type: 'move', ... }, now);
 *     await this.subscriptions.lock(session, ctx.tenantId, id, operation._id);   // locks, reservations, checks
 *     return operation;                                                          // inserted, audited and enqueued here
 *   }, async () => this.moves.seatsNeeded(...));
 * }
 * ```
 */
@Injectable()
export class AcceptService {
  private readonly mutex = new KeyedMutex();

  constructor(
    private readonly database: Database,
    private readonly clock: DatabaseClock,
    private readonly idempotency: IdempotencyRepository,
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
    request: FastifyRequest,
    body: unknown,
    build: (session: Session, now: Date, facts: Facts) => Promise<OperationDocument>,
    early?: Early<Facts>,
  ): Promise<Answer<OperationView>> {
    const built: OperationDocument[] = [];
    // Most keys are new: a known one is found where its operation, or what it took, stands in the way.
    const answer = await this.once(ctx, request, body, { early }, async (session, now, facts: Facts) => {
      const operation = await build(session, now, facts);
      await this.operations.insert(session, operation);
      await this.audit(ctx, session, now, operation);
      built.push(operation);
      const location = `/v1/operations/${operation._id}`;
      return { answer: new Answer(202, operationView(operation), location), subjectId: operation._id };
    });
    // Of several attempts at the transaction the last one counts, unless a twin's answer was given.
    const accepted = built.at(-1);
    if (accepted && answer.location?.endsWith(accepted._id)) await this.jobs.enqueue(accepted);
    await this.failpoints.hit('accept.enqueued');
    return answer as Answer<OperationView>;
  }

  /** 201 (or what `build` says) with the thing itself. `build` makes it, and records it (audit, events), in its session. */
  async create<View, Facts = undefined>(
    ctx: RequestContext,
    request: FastifyRequest,
    body: unknown,
    build: (session: Session, now: Date, facts: Facts) => Promise<Created<View>>,
    early?: Early<Facts>,
  ): Promise<Answer<View>> {
    // What makes a thing may ask somebody else before, which the same key must not do again.
    const before = { early, recallFirst: true };
    const answer = await this.once(ctx, request, body, before, async (session, now, facts: Facts) => {
      const created = await build(session, now, facts);
      const { id, status = 201, body: made, location = null } = created;
      return { answer: new Answer(status, made, location), subjectId: id };
    });
    return answer as Answer<View>;
  }

  private async once<Facts>(
    ctx: RequestContext,
    request: FastifyRequest,
    body: unknown,
    before: Before<Facts>,
    work: (session: Session, now: Date, facts: Facts) => Promise<Committed>,
  ): Promise<Answer> {
    const scope = idempotencyScopeOf(ctx, request);
    const fingerprint = fingerprintOf(body ?? null);
    // Equal requests at once in this process wait for the first one rather than for each other's aborted transactions.
    return this.mutex.runExclusive(JSON.stringify(scope), () =>
      this.attempt(scope, fingerprint, before, work),
    );
  }

  private async attempt<Facts>(
    scope: IdempotencyScope,
    fingerprint: string,
    { early, recallFirst = false }: Before<Facts>,
    work: (session: Session, now: Date, facts: Facts) => Promise<Committed>,
  ): Promise<Answer> {
    const known = recallFirst && (await this.idempotency.recall(scope, fingerprint));
    if (known) return replay(known);
    try {
      // Without `early` its type is `undefined`.
      const facts = (await early?.(this.clock.now())) as Facts;
      await this.failpoints.hit('accept.checked');
      const answer = await this.commit(scope, fingerprint, (session, now) => work(session, now, facts));
      await this.failpoints.hit('accept.committed');
      return answer;
    } catch (error) {
      if (!(error instanceof DomainError) && !isDuplicateKey(error)) throw error;
      // A twin on another node may have committed meanwhile: its record, or what it took, is what stood in the way.
      const twin = await this.idempotency.recall(scope, fingerprint);
      if (twin) return replay(twin);
      throw error;
    }
  }

  private async commit(
    scope: IdempotencyScope,
    fingerprint: string,
    work: (session: Session, now: Date) => Promise<Committed>,
  ): Promise<Answer> {
    return this.database.transaction(async (session) => {
      const now = this.clock.now();
      const { answer, subjectId } = await work(session, now);
      const { status, body, location } = answer;
      await this.idempotency.remember(session, scope, {
        fingerprint,
        subjectId,
        status,
        body,
        location,
        createdAt: now,
      });
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

const replay = ({ status, body, location }: Remembered): Answer => new Answer(status, body, location);
