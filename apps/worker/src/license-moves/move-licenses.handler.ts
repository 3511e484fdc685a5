import { Injectable } from '@nestjs/common';
import { pendingOf, type ProgressCounts } from '@commissary/domain';
import { Failpoints } from '@commissary/platform';
import {
  ChunkChangedError,
  Database,
  DatabaseClock,
  type HeldLicense,
  isDuplicateKey,
  LicenseChunks,
  OperationRuns,
  type RunChange,
  type Session,
  type SubscriptionDocument,
  SubscriptionsRepository,
} from '@commissary/store';
import { type OperationHandler, Run, type RunOutcome } from '../operations/run.js';
import { type ChunkPlan, leaveBehind, planChunk } from './chunk-plan.js';
import { ChunkReader } from './chunk-reader.js';
import { MoveEnding } from './move-ending.js';

const FULL_CHUNK = 1_000;
/** The first chunks are small, so that progress shows at once at any size. */
const FIRST_CHUNK = 100;

const TRIES_ALONE = 3;

interface Sides {
  source: SubscriptionDocument;
  target: SubscriptionDocument;
}

/**
 * Moves the users of a self-service subscription to another one, a chunk a transaction: licenses, both seat counters, the
 * reservation, the users' outcomes, the cursor and the progress change together or not at all. [MOV-2..5]
 */
@Injectable()
export class MoveLicensesHandler implements OperationHandler<'move'> {
  readonly type = 'move';

  constructor(
    private readonly database: Database,
    private readonly runs: OperationRuns,
    private readonly subscriptions: SubscriptionsRepository,
    private readonly chunks: LicenseChunks,
    private readonly ending: MoveEnding,
    private readonly clock: DatabaseClock,
    private readonly failpoints: Failpoints,
  ) {}

  async run(run: Run<'move'>): Promise<RunOutcome> {
    const sides = await this.sidesOf(run);
    if (run.operation.step === null) {
      const moved = await this.moveAll(run, sides);
      if (!moved) return { kind: 'yield' };
    }
    return this.ending.end(run, sides);
  }

  private async sidesOf(run: Run<'move'>): Promise<Sides> {
    const { tenantId, subscriptionId, request } = run.operation;
    if (subscriptionId === null) throw new Error(`${run.operation._id} names no source`);
    const [source, target] = await Promise.all([
      this.subscriptions.get(tenantId, subscriptionId),
      this.subscriptions.get(tenantId, request.targetSubscriptionId),
    ]);
    return { source, target };
  }

  /** Chunk after chunk to the end of the source; false when it is another's turn. */
  private async moveAll(run: Run<'move'>, sides: Sides): Promise<boolean> {
    const reader = new ChunkReader(this.chunks, run.operation.tenantId, sides.source._id);
    let size = run.operation.chunks === 0 ? FIRST_CHUNK : FULL_CHUNK;
    for (;;) {
      const chunk = await this.nextChunk(run, reader, size);
      if (chunk.length === 0) return true;
      size = Math.min(FULL_CHUNK, size * 2);
      reader.readAhead(lastUserOf(chunk), size);
      await this.moveChunk(run, sides, reader, chunk);
      await this.failpoints.hit('move.chunk');
      if (run.shouldYield()) return false;
    }
  }

  /** Behind the last one nothing should be left; a second look from the start makes sure, unless some had to stay. */
  private async nextChunk(run: Run<'move'>, reader: ChunkReader, size: number): Promise<HeldLicense[]> {
    const { cursor, progress } = run.operation;
    const chunk = await reader.next(cursor, size);
    if (chunk.length > 0 || cursor === null || progress.failed > 0) return chunk;
    return reader.next(null, size);
  }

  /**
   * Commits the chunk, or the part of it that can be: what changed since it was read is read again, and halved until the one
   * license that is in the way is alone; that one stays and is reported.
   */
  private async moveChunk(
    run: Run<'move'>,
    sides: Sides,
    reader: ChunkReader,
    read: HeldLicense[],
  ): Promise<void> {
    let chunk = read;
    for (let triesAlone = 0; chunk.length > 0;) {
      try {
        await this.commitChunk(run, sides, chunk, triesAlone >= TRIES_ALONE);
        return;
      } catch (error) {
        if (!(error instanceof ChunkChangedError) && !isDuplicateKey(error)) throw error;
        if (chunk.length === 1) triesAlone += 1;
        chunk = await reader.next(run.operation.cursor, Math.ceil(chunk.length / 2));
      }
    }
  }

  private async commitChunk(
    run: Run<'move'>,
    sides: Sides,
    chunk: HeldLicense[],
    giveUp: boolean,
  ): Promise<void> {
    const change = await this.database.transaction(async (session) => {
      const target = await this.subscriptions.get(run.operation.tenantId, sides.target._id, session);
      const available = SubscriptionsRepository.seatsAvailableTo(target, run.operation._id);
      const plan = giveUp
        ? leaveBehind(chunk)
        : planChunk(
            chunk,
            await this.holdersIn(session, run, sides, chunk),
            available.reserved + available.free,
          );
      const advanced = changeOf(run.operation.progress, chunk, plan);
      await this.runs.advance(session, run.key, advanced);
      await this.applyPlan(session, run, sides, plan, available.reserved);
      return advanced;
    });
    run.committed(change);
  }

  /** Only another product needs a look: of the same one nobody holds two. */
  private async holdersIn(
    session: Session,
    run: Run<'move'>,
    { source, target }: Sides,
    chunk: HeldLicense[],
  ): Promise<ReadonlySet<string>> {
    if (source.productId === target.productId) return new Set();
    const userIds = chunk.map((license) => license.userId);
    return this.chunks.holders(session, run.operation.tenantId, target.productId, userIds);
  }

  private async applyPlan(
    session: Session,
    run: Run<'move'>,
    { source, target }: Sides,
    plan: ChunkPlan,
    reserved: number,
  ): Promise<void> {
    const { tenantId, _id } = run.operation;
    const leaving = [...plan.alreadyLicensed, ...plan.deleted];
    const moved = plan.move.length;
    const fromReservation = Math.min(moved, reserved);
    await this.chunks.move(
      session,
      tenantId,
      { subscriptionId: source._id },
      { subscriptionId: target._id, productId: target.productId },
      plan.move.map((license) => license._id),
    );
    await this.chunks.remove(
      session,
      tenantId,
      source._id,
      leaving.map((license) => license._id),
    );
    await this.chunks.countAssigned(session, tenantId, source._id, -(moved + leaving.length));
    await this.chunks.takeSeats(session, tenantId, target._id, _id, {
      fromReservation,
      fromFree: moved - fromReservation,
    });
    await this.chunks.recordOutcomes(session, run.operation, outcomesOf(plan), this.clock.now());
    await this.failpoints.hit('move.moving');
  }
}

const changeOf = (before: ProgressCounts, chunk: readonly HeldLicense[], plan: ChunkPlan): RunChange => ({
  cursor: lastUserOf(chunk),
  chunkWritten: true,
  // Never less than what was dealt with, should more licenses turn up than were counted at the start.
  total: Math.max(before.total, before.total - pendingOf(before) + chunk.length),
  progress: {
    done: plan.move.length + plan.alreadyLicensed.length,
    alreadyLicensed: plan.alreadyLicensed.length,
    skipped: plan.deleted.length,
    failed: plan.noSeat.length + plan.stuck.length,
  },
});

const lastUserOf = (chunk: readonly HeldLicense[]): string | null => chunk.at(-1)?.userId ?? null;

const userIdsOf = (licenses: readonly HeldLicense[]): string[] => licenses.map((license) => license.userId);

const outcomesOf = (plan: ChunkPlan) => [
  { outcome: 'moved' as const, reason: null, userIds: userIdsOf(plan.move) },
  { outcome: 'alreadyLicensed' as const, reason: null, userIds: userIdsOf(plan.alreadyLicensed) },
  { outcome: 'skipped' as const, reason: 'user_deleted' as const, userIds: userIdsOf(plan.deleted) },
  { outcome: 'failed' as const, reason: 'no_free_seat' as const, userIds: userIdsOf(plan.noSeat) },
  { outcome: 'failed' as const, reason: 'conflict' as const, userIds: userIdsOf(plan.stuck) },
];
