import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { succeeded } from '../e2e/support/operations.js';
import { ensureFaultStack, FULL } from './support/fault-stack.js';
import { figure } from './support/figures.js';
import { askMove, expectTakenOver, expectToldOnce, largeMove } from './support/large-move.js';
import { watchMove } from './support/move-watch.js';
import { beyond, handled, onceEnded, operationNow, SLOW_MOVE, underWay } from './support/moves.js';
import { expectNothingWrong } from './support/nothing-wrong.js';
import { killedAndBack, redisKilledWithItsData, withRedis } from './support/outsiders.js';
import { seededFor } from './support/seed.js';
import { startWorker } from './support/service.js';

const USERS = FULL ? 50_000 : 6_000;
const FROZEN_FOR_MS = FULL ? 30_000 : 0;
const ENDS_WITHIN_MS = FULL ? 300_000 : 60_000;
/** Moments within the first chunks of both halves. */
const MOMENT_MS = 700;

const slowMover = () => startWorker({ queues: ['license-moves'], failpoints: SLOW_MOVE });

beforeAll(ensureFaultStack);
afterEach(expectNothingWrong);

describe('a move of many whose machines fail', () => {
  it('its worker is frozen until another has claimed it: all that is stale is refused [MOV-3] [MOV-4]', async () => {
    const random = seededFor('the mover is frozen');
    const stage = await largeMove(USERS);
    const move = await askMove(stage.admin, stage);
    const watch = watchMove(move, stage);
    const frozen = await slowMover();
    await beyond(move.id, 0);
    await delay(random.int(0, MOMENT_MS));
    frozen.signal('SIGSTOP');
    const frozenAt = performance.now();
    const before = await underWay(move.id);
    const other = await slowMover();
    await beyond(move.id, handled(before));
    figure(`a frozen mover: another went on after ${((performance.now() - frozenAt) / 1000).toFixed(1)} s`);
    await delay(Math.max(0, FROZEN_FOR_MS - (performance.now() - frozenAt)));
    frozen.signal('SIGCONT');
    const refused = await frozen.logged(({ msg }) => msg?.startsWith('run given up') === true);
    expect(refused).toMatchObject({ operation: move.id, fence: before.fence });
    expect((await operationNow(move.id)).fence).toBeGreaterThan(before.fence);
    const end = await succeeded(stage.watcher, move);
    expect(await watch.end()).toEqual([]);
    await Promise.all([frozen.stop(), other.stop()]);
    await expectTakenOver(stage, end, { users: stage.holders });
    await expectToldOnce(stage, stage.admin);
  });

  it('Redis is wiped, then killed and its data with it, then mongod is killed: it goes on [OPS-4] [MOV-3]', async () => {
    const random = seededFor('a move loses Redis and mongod');
    const faults: (() => Promise<unknown>)[] = [
      () => withRedis((redis) => redis.flushall()),
      redisKilledWithItsData,
      () => killedAndBack('mongod'),
    ];
    const stage = await largeMove(faults.length * USERS);
    const move = await askMove(stage.admin, stage);
    const watch = watchMove(move, stage);
    const worker = await slowMover();
    let seen = await beyond(move.id, 0);
    for (const fault of random.shuffled(faults)) {
      await delay(random.int(0, MOMENT_MS));
      await underWay(move.id);
      await fault();
      seen = await beyond(move.id, seen);
    }
    await onceEnded(move.id, ENDS_WITHIN_MS);
    const end = await succeeded(stage.watcher, move);
    expect(await watch.end()).toEqual([]);
    await worker.stop();
    await expectTakenOver(stage, end, { users: stage.holders });
    await expectToldOnce(stage, stage.admin);
  });
});
