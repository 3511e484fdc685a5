import type { Database, Session } from '../database.js';
import type { MoveTailDocument, OperationDocument, OperationOf, TailCounts } from '../collections/index.js';
import { LeaseLostError, type RunKey } from '../operations/run.js';
import { LicenseChunks } from './license-chunks.js';

export const NO_TAIL: TailCounts = { moved: 0, alreadyLicensed: 0, skipped: 0, chunks: 0 };

/** What a tail has done that the counters of its operation and of both subscriptions do not say yet. */
export const notTakenOver = (tail: TailCounts, takenOver: TailCounts | null): TailCounts => {
  const known = takenOver ?? NO_TAIL;
  return {
    moved: tail.moved - known.moved,
    alreadyLicensed: tail.alreadyLicensed - known.alreadyLicensed,
    skipped: tail.skipped - known.skipped,
    chunks: tail.chunks - known.chunks,
  };
};

/** What a tail's counts add to its operation's progress. */
export const progressOf = ({ moved, alreadyLicensed, skipped }: TailCounts) => ({
  done: moved + alreadyLicensed,
  alreadyLicensed,
  skipped,
});

/** What a tail's counts mean for the seats of the two sides. */
export const seatsOf = ({ moved, alreadyLicensed, skipped }: TailCounts) => ({
  left: moved + alreadyLicensed + skipped,
  fromReservation: moved,
  fromFree: 0,
});

/** The second half of a move in two halves. [MOV-3] */
export class MoveTails {
  private readonly chunks: LicenseChunks;

  constructor(private readonly database: Database) {
    this.chunks = new LicenseChunks(database);
  }

  private get tails() {
    return this.database.models.moveTails;
  }

  /** Takes the tail over for a run whose own fence was matched in this session; every older run's writes miss from now on. */
  async open(session: Session, run: RunKey, middle: string): Promise<MoveTailDocument> {
    return this.tails
      .findOneAndUpdate(
        { _id: run._id, tenantId: run.tenantId },
        { $set: { fence: run.fence }, $setOnInsert: { middle, cursor: middle, ...NO_TAIL } },
        { session, upsert: true, returnDocument: 'after' },
      )
      .lean();
  }

  /** The first write of each of the tail's transactions: throws `LeaseLostError` unless fence and cursor match. */
  async advance(
    session: Session,
    tail: Pick<MoveTailDocument, '_id' | 'tenantId' | 'fence' | 'cursor'>,
    cursor: string,
    counts: TailCounts,
  ): Promise<void> {
    const { _id, tenantId, fence, cursor: from } = tail;
    const { matchedCount } = await this.tails.updateOne(
      { _id, tenantId, fence, cursor: from },
      { $set: { cursor }, $inc: { ...counts } },
      { session },
    );
    if (matchedCount !== 1) throw new LeaseLostError(_id);
  }

  /** As committed, at the session's moment if one is given; null where there is none. */
  async find(
    { _id, tenantId }: Pick<OperationDocument, '_id' | 'tenantId'>,
    session?: Session,
  ): Promise<MoveTailDocument | null> {
    return this.tails.findOne({ _id, tenantId }, null, { session }).lean();
  }

  async remove(
    session: Session,
    { _id, tenantId }: Pick<OperationDocument, '_id' | 'tenantId'>,
  ): Promise<void> {
    await this.tails.deleteOne({ _id, tenantId }, { session });
  }

  /** For a move that ends outside its run: all counters take over what they do not say yet, and the tail is gone. */
  async settle(session: Session, operation: OperationOf<'move'>): Promise<TailCounts> {
    const tail = await this.find(operation, session);
    if (!tail) return NO_TAIL;
    const rest = notTakenOver(tail, operation.tail);
    const { moved, alreadyLicensed, skipped, chunks } = tail;
    const counters = Object.entries(progressOf(rest)).map(([name, by]) => [`progress.${name}`, by]);
    await this.database.models.operations.updateOne(
      { _id: operation._id, tenantId: operation.tenantId },
      {
        $set: { tail: { moved, alreadyLicensed, skipped, chunks } },
        $inc: Object.fromEntries(counters) as Record<string, number>,
      },
      { session },
    );
    await this.chunks.transferSeats(session, operation, seatsOf(rest));
    await this.remove(session, operation);
    return rest;
  }
}
