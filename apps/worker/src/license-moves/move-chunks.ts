import { Injectable } from '@nestjs/common';
import { pendingOf, type ProgressCounts } from '@commissary/domain';
import { Failpoints } from '@commissary/platform';
import {
  Database,
  DatabaseClock,
  FIRST_TAIL_SEQ,
  type HeldLicense,
  lastUserOf,
  LicenseChunks,
  type MoveTailDocument,
  MoveTails,
  NO_TAIL,
  notTakenOver,
  OperationRuns,
  progressOf,
  type RunChange,
  seatsOf,
  type Session,
  type SubscriptionDocument,
  SubscriptionsRepository,
  type TailCounts,
} from '@commissary/store';
import { isConflict } from './conflict.js';
import type { Run } from '../operations/run.js';
import { type ChunkPlan, leaveBehind, leftBehind, outcomesOf, planChunk, userIdsOf } from './chunk-plan.js';
import { SeatBudget } from './seat-budget.js';

export interface Sides {
  source: SubscriptionDocument;
  target: SubscriptionDocument;
}

type MoveRun = Run<'move'>;
type Chunk = readonly HeldLicense[];

/**
 * The transactions of a move. Each one begins with a write that the run's fence must match, and moves a chunk's licenses,
 * its cursor, its counts and its users' outcomes together or not at all. [MOV-4]
 */
@Injectable()
export class MoveChunks {
  constructor(
    private readonly database: Database,
    private readonly runs: OperationRuns,
    private readonly tails: MoveTails,
    private readonly subscriptions: SubscriptionsRepository,
    private readonly chunks: LicenseChunks,
    private readonly clock: DatabaseClock,
    private readonly failpoints: Failpoints,
  ) {}

  /** A chunk that nothing else of the move goes on beside: every license gets its outcome, and the counters are exact. */
  async alone(run: MoveRun, sides: Sides, chunk: Chunk, giveUp: boolean): Promise<void> {
    const { operation } = run;
    const change = await this.database.transaction(async (session) => {
      const seats = await this.seatsFor(run, sides, session);
      const plan = giveUp
        ? leaveBehind(chunk)
        : planChunk(chunk, await this.holdersIn(session, run, sides, chunk), seats.reserved + seats.free);
      const progress = progressed(operation.progress, countsOf(plan), leftBehind(plan));
      const advanced = { ...progress, cursor: lastUserOf(chunk), chunkWritten: true };
      await this.runs.advance(session, run.key, advanced);
      await this.moveLicenses(session, sides, chunk, plan);
      const fromReservation = Math.min(plan.move.length, seats.reserved);
      const fromFree = plan.move.length - fromReservation;
      const left = leftOf(plan);
      await this.chunks.transferSeats(session, operation, { left, fromReservation, fromFree });
      await this.recordHead(session, run, plan);
      return advanced;
    });
    await this.headCommitted(run, change);
  }

  /**
   * Takes the tail over for this run, and what it has done for the counters; with it come the seats that the two halves may
   * still use. Any older run's writes miss from now on. Null where too few are left to be halved.
   */
  async open(run: MoveRun, sides: Sides): Promise<{ tail: MoveTailDocument; seats: SeatBudget } | null> {
    const middle = await this.middleOf(run, sides);
    if (middle === null) return null;
    const { opened, change } = await this.database.transaction(async (session) => {
      const { change, behind } = await this.takeOver(session, run);
      // What only the tail did is progress too; without any this run is one more start without.
      await (behind.chunks > 0
        ? this.runs.advance(session, run.key, change)
        : this.runs.hold(session, run.key));
      await this.chunks.transferSeats(session, run.operation, seatsOf(behind));
      const tail = await this.tails.open(session, run.key, middle);
      const { reserved } = await this.seatsFor(run, sides, session);
      return { opened: { tail, seats: new SeatBudget(reserved) }, change };
    });
    run.committed(change);
    await this.failpoints.hit('move.opened');
    return opened;
  }

  /** Where the halves meet: once chosen it stays. */
  private async middleOf({ operation }: MoveRun, { source }: Sides): Promise<string | null> {
    const tail = await this.tails.find(operation);
    if (tail) return tail.middle;
    const half = Math.floor(pendingOf(operation.progress) / 2);
    return this.chunks.userAt(
      { tenantId: source.tenantId, subscriptionId: source._id },
      operation.cursor,
      half,
    );
  }

  /**
   * A chunk of the first half, with what the tail has done since: this half alone writes the hot counters. Whoever has no
   * seat, or cannot be moved, is left where they are; both look again once the halves have met.
   */
  async head(run: MoveRun, sides: Sides, chunk: Chunk, seats: SeatBudget, giveUp: boolean): Promise<void> {
    const { operation } = run;
    const cursor = lastUserOf(chunk);
    const change = await this.spending(run, sides, giveUp ? [] : chunk, seats, async (session, plan) => {
      const { behind, change } = await this.takeOver(session, run);
      const counts = sum(countsOf(plan), behind);
      const progress = progressed(operation.progress, counts);
      const advanced = { ...change, ...progress, cursor, chunkWritten: true };
      await this.runs.advance(session, run.key, advanced);
      await this.moveLicenses(session, sides, chunk, plan);
      await this.chunks.transferSeats(session, operation, seatsOf(counts));
      await this.recordHead(session, run, placed(plan));
      return advanced;
    });
    await this.headCommitted(run, change);
  }

  /** A chunk of the second half: writes no document that the first one writes. Changes `tail` as it was committed. */
  async tail(
    run: MoveRun,
    sides: Sides,
    tail: MoveTailDocument,
    chunk: Chunk,
    seats: SeatBudget,
    giveUp: boolean,
  ): Promise<void> {
    const cursor = lastUserOf(chunk) ?? tail.cursor;
    const counts = await this.spending(run, sides, giveUp ? [] : chunk, seats, async (session, plan) => {
      const done = { ...countsOf(plan), chunks: 1 };
      await this.tails.advance(session, tail, cursor, done);
      await this.moveLicenses(session, sides, chunk, plan);
      await this.record(session, run, FIRST_TAIL_SEQ + tail.chunks, placed(plan));
      await this.failpoints.hit('move.tailMoving');
      return done;
    });
    Object.assign(tail, { cursor }, sum(tail, counts));
    await this.failpoints.hit('move.tailChunk');
  }

  /** Both halves are done (step `met`): the counters say all, the tail is gone, and a last look begins from the start. */
  async meet(run: MoveRun): Promise<void> {
    const change = await this.database.transaction(async (session) => {
      const { change, behind } = await this.takeOver(session, run);
      const met: RunChange<'move'> = { ...change, step: 'met', cursor: null };
      await this.runs.advance(session, run.key, met);
      await this.chunks.transferSeats(session, run.operation, seatsOf(behind));
      await this.tails.remove(session, run.operation);
      await this.failpoints.hit('move.meeting');
      return met;
    });
    run.committed(change);
    await this.failpoints.hit('move.met');
  }

  /** What the tail has done since the counters last took its progress over, as this session sees it. */
  private async takeOver(
    session: Session,
    { operation }: MoveRun,
  ): Promise<{ behind: TailCounts; change: RunChange<'move'> }> {
    const tail = await this.tails.find(operation, session);
    if (!tail) return { behind: NO_TAIL, change: {} };
    const behind = notTakenOver(tail, operation.tail);
    return { behind, change: { ...progressed(operation.progress, behind), tail: bare(tail) } };
  }

  /** A transaction about those of the chunk that can be dealt with, and the seats they need. */
  private async spending<T>(
    run: MoveRun,
    sides: Sides,
    chunk: Chunk,
    seats: SeatBudget,
    work: (session: Session, plan: ChunkPlan) => Promise<T>,
  ): Promise<T> {
    const share = seats.share();
    try {
      return await this.database.transaction(async (session) => {
        const holders = await this.holdersIn(session, run, sides, chunk);
        const plan = planChunk(chunk, holders, share.available());
        share.take(plan.move.length);
        return work(session, plan);
      });
    } catch (error) {
      // Of a transaction that failed otherwise nobody knows whether it was committed; the run ends, and its budget with it.
      if (isConflict(error)) share.giveBack();
      throw error;
    }
  }

  private async seatsFor(run: MoveRun, { target }: Sides, session: Session) {
    const current = await this.subscriptions.get(run.operation.tenantId, target._id, session);
    return SubscriptionsRepository.seatsAvailableTo(current, run.operation._id);
  }

  /** Only another product needs a look: of the same one nobody holds two. */
  private async holdersIn(
    session: Session,
    run: MoveRun,
    { source, target }: Sides,
    chunk: Chunk,
  ): Promise<ReadonlyMap<string, { usable: boolean }>> {
    if (source.productId === target.productId || chunk.length === 0) return new Map();
    return this.chunks.holders(session, run.operation.tenantId, target.productId, userIdsOf(chunk));
  }

  private async moveLicenses(
    session: Session,
    { source, target }: Sides,
    chunk: Chunk,
    plan: ChunkPlan,
  ): Promise<void> {
    const to = { subscriptionId: target._id, productId: target.productId };
    const from = { tenantId: source.tenantId, subscriptionId: source._id };
    const between = plan.move.length + plan.deleted.length === chunk.length;
    await this.chunks.move(session, from, to, { userIds: userIdsOf(plan.move), between });
    await this.chunks.remove(session, from, [...plan.alreadyLicensed, ...plan.deleted]);
  }

  private async recordHead(session: Session, run: MoveRun, plan: ChunkPlan): Promise<void> {
    await this.record(session, run, run.operation.chunks, plan);
    await this.failpoints.hit('move.moving');
  }

  private async headCommitted(run: MoveRun, change: RunChange<'move'>): Promise<void> {
    run.committed(change);
    await this.failpoints.hit('move.chunk');
  }

  private record(session: Session, { operation }: MoveRun, seq: number, plan: ChunkPlan): Promise<void> {
    return this.chunks.recordOutcomes(session, operation, seq, outcomesOf(plan), this.clock.now());
  }
}

const countsOf = (plan: ChunkPlan): TailCounts => ({
  moved: plan.move.length,
  alreadyLicensed: plan.alreadyLicensed.length,
  skipped: plan.deleted.length,
  chunks: 0,
});

const sum = (a: TailCounts, b: TailCounts): TailCounts => ({
  moved: a.moved + b.moved,
  alreadyLicensed: a.alreadyLicensed + b.alreadyLicensed,
  skipped: a.skipped + b.skipped,
  chunks: a.chunks + b.chunks,
});

const bare = (tail: MoveTailDocument): TailCounts => sum(tail, NO_TAIL);

/** Without those who stay for now. */
const placed = (plan: ChunkPlan): ChunkPlan => ({ ...plan, unusable: [], noSeat: [], stuck: [] });

const leftOf = ({ move, alreadyLicensed, deleted }: ChunkPlan): number =>
  move.length + alreadyLicensed.length + deleted.length;

/** The counters as they are to be: never a total of less than was dealt with, should more turn up than were counted. */
const progressed = (before: ProgressCounts, counts: TailCounts, failed = 0) => ({
  total: Math.max(before.total, before.total - pendingOf(before) + seatsOf(counts).left + failed),
  progress: { ...progressOf(counts), failed },
});
