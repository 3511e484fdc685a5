import { setTimeout as delay } from 'node:timers/promises';
import { succeeded } from '../../e2e/support/operations.js';
import { FULL } from '../support/fault-stack.js';
import { askMove, largeMove } from '../support/large-move.js';
import { watchMove } from '../support/move-watch.js';
import { beyond, handled, SLOW_MOVE, underWay } from '../support/moves.js';
import { seededFor } from '../support/seed.js';
import { startWorker } from '../support/service.js';

export const RESUMES_WITHIN_MS = 20_000;
export const KILLS = FULL ? 20 : 3;
/** A chunk of each half, and of one half two: enough for each life to come further and be killed before the end. */
const USERS_PER_LIFE = 11_000;
/** Beyond its first progress; the next is 900 ms later. */
const LIVES_FOR_MS = 600;

/** How long each kill kept the move from its next progress, ms. */
export const killTheMover = async () => {
  const random = seededFor('the mover is killed');
  const stage = await largeMove(KILLS * USERS_PER_LIFE);
  const move = await askMove(stage.admin, stage);
  const watch = watchMove(move, stage);
  const gaps: number[] = [];
  let worker = await startWorker({ queues: ['license-moves'], failpoints: SLOW_MOVE });
  await beyond(move.id, 0);
  for (let kill = 1; kill <= KILLS; kill += 1) {
    await delay(random.int(0, LIVES_FOR_MS));
    await worker.kill();
    const died = performance.now();
    const before = handled(await underWay(move.id));
    const failpoints = kill < KILLS ? SLOW_MOVE : {};
    [worker] = await Promise.all([
      startWorker({ queues: ['license-moves'], failpoints }),
      beyond(move.id, before).then(() => gaps.push(performance.now() - died)),
    ]);
  }
  const end = await succeeded(stage.watcher, move);
  const wrong = await watch.end();
  await worker.stop();
  return { stage, end, gaps, wrong };
};
