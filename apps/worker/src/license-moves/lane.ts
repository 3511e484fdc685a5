import type { HeldLicense } from '@commissary/store';
import { isConflict } from './conflict.js';

/** Large enough that what a transaction costs hardly counts, small enough to be over within a fifth of a second. */
export const FULL_CHUNK = 4_000;
/** The first chunks are small, so that progress shows at once at any size. */
export const FIRST_CHUNK = 100;

const TRIES_ALONE = 3;

/** A way through the licenses of a subscription, chunk after chunk. */
export interface Lane {
  /** The licenses that come next, `size` at most; none at the end of the way. */
  next(size: number): Promise<HeldLicense[]>;
  /** Says what `next` will be asked for once this chunk is committed. */
  readAhead(chunk: readonly HeldLicense[], size: number): void;
  /** One transaction. `giveUp`: no transaction could move these, they stay. Throws `ChunkChangedError` or a duplicate key. */
  commit(chunk: HeldLicense[], giveUp: boolean): Promise<void>;
  /** Throws `AuthorityLostError` unless the next chunk may be done; asked while it is read. */
  requireAuthority(): Promise<void>;
  /** Lets those go first who wait for something short; true if there were any. */
  yieldToPurchases(): Promise<boolean>;
  shouldYield(): boolean;
}

/**
 * To the end of the way; false when it is another's turn. Chunks grow from one to the next; where somebody else waits they are
 * small again, so that who comes next waits for little.
 */
export const walk = async (lane: Lane, firstChunk: number): Promise<boolean> => {
  for (let size = firstChunk; ;) {
    const larger = Math.min(FULL_CHUNK, size * 2);
    if (!(await step(lane, size, larger))) return true;
    if (lane.shouldYield()) return false;
    size = (await lane.yieldToPurchases()) ? FIRST_CHUNK : larger;
  }
};

/** One chunk, while the one behind it, of `ahead` licenses, is read; false at the end of the way. */
export const step = async (lane: Lane, size: number, ahead: number): Promise<boolean> => {
  const [chunk] = await Promise.all([lane.next(size), lane.requireAuthority()]);
  if (chunk.length === 0) return false;
  lane.readAhead(chunk, ahead);
  await commitWhole(lane, chunk);
  return true;
};

/**
 * Commits the chunk, or the part of it that can be: what changed since it was read is read again, and halved until the one
 * license that is in the way is alone; that one stays.
 */
const commitWhole = async (lane: Lane, read: HeldLicense[]): Promise<void> => {
  let chunk = read;
  for (let triesAlone = 0; chunk.length > 0;) {
    try {
      await lane.commit(chunk, triesAlone >= TRIES_ALONE);
      return;
    } catch (error) {
      if (!isConflict(error)) throw error;
      if (chunk.length === 1) triesAlone += 1;
      chunk = await lane.next(Math.ceil(chunk.length / 2));
    }
  }
};
