import { lastUserOf, type LicenseChunks, type MoveTailDocument } from '@commissary/store';
import type { Run } from '../operations/run.js';
import { ChunkReader } from './chunk-reader.js';
import { type Lane, walk } from './lane.js';
import type { MoveChunks, Sides } from './move-chunks.js';
import type { SeatBudget } from './seat-budget.js';

/**
 * A move of many in two halves at once: the head from the first user up to the middle one, the tail from there to the last.
 * Each has a cursor of its own in MongoDB, and they have no user in common.
 */
export class Halves {
  private failed = false;

  constructor(
    private readonly run: Run<'move'>,
    private readonly sides: Sides,
    private readonly parts: {
      tail: MoveTailDocument;
      seats: SeatBudget;
      chunks: LicenseChunks;
      manners: Pick<Lane, 'requireAuthority' | 'yieldToPurchases'>;
    },
    private readonly commits: MoveChunks,
  ) {}

  /** True once both are done; false when it is another's turn. Throws what stopped one of them, when both have stopped. */
  async walk(firstChunk: number): Promise<boolean> {
    const halves = [this.head(), this.tail()].map((lane) =>
      walk(lane, firstChunk).catch((error: unknown) => {
        this.failed = true;
        throw error;
      }),
    );
    const ends = await Promise.allSettled(halves);
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
    return ends.every((end) => end.status === 'fulfilled' && end.value);
  }

  private head(): Lane {
    const { run, sides, commits } = this;
    const { seats, tail } = this.parts;
    const reader = this.reader(tail.middle);
    return {
      next: (size) => reader.next(run.operation.cursor, size),
      readAhead: (chunk, size) => reader.readAhead(lastUserOf(chunk), size),
      commit: (chunk, giveUp) => commits.head(run, sides, chunk, seats, giveUp),
      ...this.manners(),
    };
  }

  private tail(): Lane {
    const { run, sides, commits } = this;
    const { seats, tail } = this.parts;
    const reader = this.reader(null);
    return {
      next: (size) => reader.next(tail.cursor, size),
      readAhead: (chunk, size) => reader.readAhead(lastUserOf(chunk), size),
      commit: (chunk, giveUp) => commits.tail(run, sides, tail, chunk, seats, giveUp),
      ...this.manners(),
    };
  }

  private reader(upTo: string | null): ChunkReader {
    const { tenantId, _id: subscriptionId } = this.sides.source;
    return new ChunkReader(this.parts.chunks, { tenantId, subscriptionId }, upTo);
  }

  private manners(): Pick<Lane, 'requireAuthority' | 'yieldToPurchases' | 'shouldYield'> {
    return { ...this.parts.manners, shouldYield: () => this.failed || this.run.shouldYield() };
  }
}
