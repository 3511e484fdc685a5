import type { HeldLicense, LicenseChunks, MoveTailDocument } from '@commissary/store';
import type { Run } from '../operations/run.js';
import { ChunkReader } from './chunk-reader.js';
import { FIRST_CHUNK, FULL_CHUNK, type Lane, lastUserOf, walk } from './lane.js';
import type { MoveChunks, Sides } from './move-chunks.js';
import type { SeatBudget } from './seat-budget.js';

/**
 * A move of many from both ends of the source at once, until the halves meet. Each has a cursor of its own in MongoDB; here
 * each knows how far the other has come, so that neither takes a license the other has in hand.
 */
export class BothEnds {
  private headTaken: string | null;
  private tailTaken: string | null;
  private failed = false;

  constructor(
    private readonly run: Run<'move'>,
    private readonly sides: Sides,
    private readonly parts: {
      tail: MoveTailDocument;
      seats: SeatBudget;
      chunks: LicenseChunks;
      manners: Pick<Lane, 'requireAuthority' | 'giveWay'>;
    },
    private readonly commits: MoveChunks,
  ) {
    this.headTaken = run.operation.cursor;
    this.tailTaken = parts.tail.cursor;
  }

  /** True once they have met; false when it is another's turn. Throws what stopped one of them, when both have stopped. */
  async walk(): Promise<boolean> {
    const isFresh = this.run.operation.chunks === 0;
    const halves = [this.head(), this.tail()].map((lane) =>
      walk(lane, isFresh ? FIRST_CHUNK : FULL_CHUNK).catch((error: unknown) => {
        this.failed = true;
        throw error;
      }),
    );
    const ends = await Promise.allSettled(halves);
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
    return ends.every((end) => end.status === 'fulfilled' && end.value);
  }

  private readonly shouldYield = (): boolean => this.failed || this.run.shouldYield();

  private reader(direction: 'up' | 'down'): ChunkReader {
    const { tenantId, _id: subscriptionId } = this.sides.source;
    return new ChunkReader(this.parts.chunks, { tenantId, subscriptionId }, direction);
  }

  private head(): Lane {
    const reader = this.reader('up');
    const { run, sides, commits } = this;
    return {
      next: async (size) => {
        const read = await reader.next(run.operation.cursor, size);
        const { tailTaken } = this;
        const chunk = tailTaken === null ? read : read.filter(({ userId }) => userId < tailTaken);
        this.headTaken = furthest(this.headTaken, chunk, (a, b) => a > b);
        return chunk;
      },
      readAhead: (chunk, size) => reader.readAhead(lastUserOf(chunk), size),
      commit: (chunk, giveUp) => commits.head(run, sides, chunk, this.parts.seats, giveUp),
      ...this.parts.manners,
      shouldYield: this.shouldYield,
    };
  }

  private tail(): Lane {
    const reader = this.reader('down');
    const { run, sides, commits } = this;
    const { tail, seats } = this.parts;
    return {
      next: async (size) => {
        const read = await reader.next(tail.cursor, size);
        const { headTaken } = this;
        const chunk = headTaken === null ? read : read.filter(({ userId }) => userId > headTaken);
        this.tailTaken = furthest(this.tailTaken, chunk, (a, b) => a < b);
        return chunk;
      },
      readAhead: (chunk, size) => reader.readAhead(lastUserOf(chunk), size),
      commit: (chunk, giveUp) => commits.tail(run, sides, tail, chunk, seats, giveUp),
      ...this.parts.manners,
      shouldYield: this.shouldYield,
    };
  }
}

const furthest = (
  before: string | null,
  chunk: readonly HeldLicense[],
  isFurther: (a: string, b: string) => boolean,
): string | null => {
  const last = lastUserOf(chunk);
  if (last === null || before === null) return last ?? before;
  return isFurther(last, before) ? last : before;
};
