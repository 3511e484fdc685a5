import type { mongo } from 'mongoose';
import {
  CLAIMABLE_STATUSES,
  type EndedStatus,
  type ErrorCode,
  type OperationStep,
  type OperationType,
  type ProgressCounts,
} from '@commissary/domain';
import type { QueueName } from '@commissary/contracts';
import { leastIdAt } from '@commissary/platform';
import type { Database, Session } from '../database.js';
import { recordChange } from '../record-change.js';
import { LeaseLostError, type RunChange, type RunKey } from './run.js';
import {
  CLAIM_WITHIN_MS,
  claimable,
  claimFields,
  type ClaimOutcome,
  leaseEnd,
  leaseIsFree,
  MAX_STARTS,
  nullIfOverdue,
  TRUSTED_STARTS,
  whyNotClaimed,
} from './claiming.js';
import { advanceAll, claimAll, type RunEnding, succeedAll } from './runs-together.js';
import { statusFields } from './status-fields.js';
import type { NewAudit, OperationDocument, OperationParts } from '../collections/index.js';
import { acrossTenants } from '../schema/tenancy.js';

export { type ClaimOutcome, LEASE_MS, MAX_STARTS } from './claiming.js';

/** Claims, leases and fenced writes: how a worker holds an operation. Times are the server's own. */
export class OperationRuns {
  constructor(private readonly database: Database) {}

  private get operations() {
    return this.database.models.operations;
  }

  /** Compare-and-set on status, time and lease; the new fence makes every older run's writes miss. */
  async claim(
    tenantId: string,
    operationId: string,
    worker: string,
    mostStarts: number = MAX_STARTS,
  ): Promise<ClaimOutcome> {
    const wanted = { _id: operationId, tenantId, ...claimable(mostStarts) };
    const claimed = await this.operations
      .findOneAndUpdate(wanted, [{ $set: claimFields({ worker }) }], {
        updatePipeline: true,
        returnDocument: 'after',
        maxTimeMS: CLAIM_WITHIN_MS,
      })
      .lean()
      .catch(nullIfOverdue);
    if (claimed) return { kind: 'claimed', operation: claimed };
    return whyNotClaimed(this.operations, { tenantId, operationId }, mostStarts);
  }

  /**
   * As `claim`, for different operations in a constant number of round trips, suspects left out. Who was not claimed among them is
   * asked for alone.
   */
  async claimAll(
    asked: readonly { tenantId: string; operationId: string }[],
    worker: string,
  ): Promise<Promise<ClaimOutcome>[]> {
    const claimed = asked.length > 1 ? await claimAll(this.operations, asked, worker) : [];
    const byId = new Map(claimed.map((operation) => [operation._id, operation]));
    return asked.map(async ({ tenantId, operationId }): Promise<ClaimOutcome> => {
      const operation = byId.get(operationId);
      if (operation?.tenantId === tenantId) return { kind: 'claimed', operation };
      return this.claim(tenantId, operationId, worker, TRUSTED_STARTS);
    });
  }

  /** Extends the lease; false when it is lost. One that was handed back meanwhile is not made again. */
  async renew(run: RunKey): Promise<boolean> {
    const { matchedCount } = await this.operations.updateOne(
      { ...heldBy(run), lease: { $ne: null } },
      [{ $set: { 'lease.until': leaseEnd } }],
      { updatePipeline: true },
    );
    return matchedCount === 1;
  }

  /**
   * The first write of every transaction of a run: it must match the run's fence and cursor, or the run is over.
   * A step or a chunk clears the count of starts, for the operation has come further.
   */
  async advance<T extends OperationType>(
    session: Session,
    run: RunKey & { type?: T },
    change: RunChange<T>,
  ): Promise<void> {
    const { progress = {}, total, cursor, step, chunkWritten, tail } = change;
    const counters = Object.entries(progress).map(([name, by]) => [`progress.${name}`, by] as const);
    const { matchedCount } = await this.operations.updateOne(
      fenced(run),
      {
        $set: {
          starts: 0,
          providerFailures: 0,
          providerFailingSince: null,
          ...(cursor !== undefined && { cursor }),
          ...(step !== undefined && { step }),
          ...(total !== undefined && { 'progress.total': total }),
          ...(tail !== undefined && { tail }),
        },
        $inc: { version: 1, ...(chunkWritten && { chunks: 1 }), ...Object.fromEntries(counters) },
        $currentDate: { 'progress.at': true },
      },
      { session },
    );
    if (matchedCount !== 1) throw new LeaseLostError(run._id);
  }

  /** As `advance`, for runs that make the same step: all of them must match. */
  async advanceAll(session: Session, runs: readonly RunKey[], step: OperationStep): Promise<void> {
    await advanceAll(this.operations, session, runs, step);
  }

  /** As `end`, for runs of one unit of work each that came out well: all of them must match. */
  async succeedAll(session: Session, endings: readonly RunEnding[]): Promise<void> {
    await succeedAll(this.operations, session, endings);
  }

  /** A run came further by something that is not a step: its starts so far are no longer held against it. */
  async credit(run: RunKey): Promise<void> {
    const { matchedCount } = await this.operations.updateOne(fenced(run), { $set: { starts: 0 } });
    if (matchedCount !== 1) throw new LeaseLostError(run._id);
  }

  /** The first write of a transaction of a run that takes it no further: must match like that of `advance`. */
  async hold(session: Session, run: RunKey): Promise<void> {
    const { matchedCount } = await this.operations.updateOne(
      fenced(run),
      [{ $set: { 'lease.until': leaseEnd } }],
      { updatePipeline: true, session },
    );
    if (matchedCount !== 1) throw new LeaseLostError(run._id);
  }

  /** Ends the operation in the transaction that did its last change. */
  async end<T extends keyof OperationParts>(
    session: Session,
    run: RunKey & { type: T },
    ending: {
      status: Exclude<EndedStatus, 'stopped'>;
      result?: OperationParts[T]['result'];
      error?: { code: ErrorCode; detail: string; reasons?: string[] };
      progress?: Partial<ProgressCounts>;
      /** Set, where less was to do than was thought. */
      total?: number;
      /** What it made, where that was not there before. */
      subscriptionId?: string;
    },
  ): Promise<void> {
    const counters: [string, mongo.Document][] = Object.entries(ending.progress ?? {}).map(([name, by]) => [
      `progress.${name}`,
      { $add: [`$progress.${name}`, by] },
    ]);
    const { matchedCount } = await this.operations.updateOne(
      fenced(run),
      [
        {
          $set: statusFields(ending.status, {
            ...Object.fromEntries(counters),
            ...(ending.total !== undefined && { 'progress.total': ending.total }),
            ...(ending.subscriptionId !== undefined && { subscriptionId: ending.subscriptionId }),
            lease: null,
            endedAt: '$$NOW',
            result: { $literal: ending.result ?? null },
            error: { $literal: ending.error ?? null },
            starts: 0,
          }),
        },
      ],
      { updatePipeline: true, session },
    );
    if (matchedCount !== 1) throw new LeaseLostError(run._id);
  }

  /**
   * Hands the operation back to the queue, to be run again in `delayMs`. A yield clears the count of starts, and so does a
   * provider's failure; a run that MongoDB failed counts as none.
   */
  async release(
    run: RunKey,
    delayMs: number,
    why: 'yield' | 'provider' | 'database' | 'error',
  ): Promise<OperationDocument | null> {
    const provider = {
      providerFailures: { $add: ['$providerFailures', 1] },
      providerFailingSince: { $ifNull: ['$providerFailingSince', '$$NOW'] },
    };
    return this.operations
      .findOneAndUpdate(
        heldBy(run),
        [
          {
            $set: {
              lease: null,
              nextRunAt: { $add: ['$$NOW', delayMs] },
              ...((why === 'yield' || why === 'provider') && { starts: 0 }),
              ...(why === 'database' && { starts: { $max: [0, { $subtract: ['$starts', 1] }] } }),
              ...(why === 'provider' && provider),
            },
          },
        ],
        { updatePipeline: true, returnDocument: 'after' },
      )
      .lean();
  }

  /** The run may not go on: it waits as it is for an admin to resume it. Nothing, if it is another run's by now. */
  async pause(
    operation: Pick<OperationDocument, '_id' | 'tenantId' | 'fence' | 'origin' | 'requestedBy'>,
    error: { code: ErrorCode; detail: string },
    now: Date,
  ): Promise<void> {
    const { _id, tenantId, origin, requestedBy } = operation;
    await this.database.transaction(async (session) => {
      const { matchedCount } = await this.operations.updateOne(
        heldBy(operation),
        [{ $set: statusFields('paused', { lease: null, error: { $literal: error } }) }],
        { updatePipeline: true, session },
      );
      if (matchedCount !== 1) return;
      const entry: NewAudit = {
        tenantId,
        actor: requestedBy,
        action: 'operation.paused',
        subject: { type: 'operation', id: _id },
        before: { status: 'running' },
        after: { status: 'paused', why: error.code },
        ...origin,
        operationId: _id,
      };
      await recordChange(this.database, session, now, { audit: [entry] });
    });
  }

  /** Retries are used up: it waits for an operator, with its locks and reservations kept. [OPS-1] */
  async park(run: RunKey, error: { code: ErrorCode; detail: string }): Promise<void> {
    await this.operations.updateOne(
      heldBy(run),
      [{ $set: statusFields('parked', { lease: null, error: { $literal: error } }) }],
      { updatePipeline: true },
    );
  }

  /** A queue's operations that are due and that no live lease holds, oldest first: what the dispatcher enqueues. [OPS-4] */
  async due(queue: QueueName, limit: number): Promise<DueOperation[]> {
    return this.operations
      .find(
        {
          queue,
          status: { $in: [...CLAIMABLE_STATUSES] },
          $expr: { $and: [{ $lte: ['$nextRunAt', '$$NOW'] }, leaseIsFree] },
        },
        { _id: 1, tenantId: 1, type: 1, fence: 1 },
        { sort: { nextRunAt: 1 }, limit, ...acrossTenants('dispatcher: whatever is due') },
      )
      .lean();
  }

  /** Whether anybody waits for an operation of the queue: one that is due or at work, not one that backs off. */
  async hasOpen(queue: QueueName): Promise<boolean> {
    const isDue = { $expr: { $lte: ['$nextRunAt', '$$NOW'] } };
    const open = { queue, status: { $in: [...CLAIMABLE_STATUSES] }, ...isDue };
    return (
      (await this.operations.findOne(open, { _id: 1 }, { hint: 'due', ...INTERACTIVE_WORK }).lean()) !== null
    );
  }

  /** Whether anything was accepted for the queue since then, by the gateways' clocks. */
  async hasAcceptedSince(queue: QueueName, since: Date): Promise<boolean> {
    const late = { _id: { $gte: leastIdAt('op', since) }, queue };
    return (
      (await this.operations.findOne(late, { _id: 1 }, { hint: '_id_', ...INTERACTIVE_WORK }).lean()) !== null
    );
  }
}

export type DueOperation = Pick<OperationDocument, '_id' | 'tenantId' | 'type' | 'fence'>;

const INTERACTIVE_WORK = acrossTenants('bulk work: whether anybody waits for interactive work');

/** The operation, if it is still this run's. */
const heldBy = ({ _id, tenantId, fence }: Pick<RunKey, '_id' | 'tenantId' | 'fence'>) => ({
  _id,
  tenantId,
  fence,
  status: 'running' as const,
});

/** The operation, if it is still this run's and where this run left it. */
const fenced = (run: RunKey) => ({ ...heldBy(run), cursor: run.cursor });
