import { loadMove, type MoveData, requireMoved } from './data/move-data.js';
import type { Bench } from './goal.js';
import { freshMover, movedBy, type Moving } from './moving.js';
import { peakBytesOf } from './process-usage.js';

const REDIS_POLL_MS = 200;

export interface MoveMemory {
  /** Of a process that has moved nothing else; null where it cannot be known. */
  peakBytes: number | null;
  /** Growth of redis-server while the move lasted. */
  redisBytes: number;
}

export const memoryOfMove = async (
  { stores }: Bench,
  moving: Moving,
  data: MoveData,
): Promise<MoveMemory> => {
  await loadMove(moving.database, data);
  await stores.settle();
  const mover = await freshMover(moving);
  const before = await stores.redisBytes();
  let highest = before;
  const poll = setInterval(() => {
    void stores.redisBytes().then((bytes) => (highest = Math.max(highest, bytes)));
  }, REDIS_POLL_MS);
  await movedBy(mover, data).finally(() => clearInterval(poll));
  const redisBytes = Math.max(highest, await stores.redisBytes()) - before;
  const peakBytes = peakBytesOf(mover.pid);
  await mover.close();
  await requireMoved(moving.database, data);
  return { peakBytes, redisBytes };
};
