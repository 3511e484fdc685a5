import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { succeeded } from '../e2e/support/operations.js';
import { ensureFaultStack, FULL } from './support/fault-stack.js';
import { figure } from './support/figures.js';
import { askMove, expectTakenOver, expectMailedOnce, largeMove } from './support/large-move.js';
import { watchMove } from './support/move-watch.js';
import {
  beyond,
  handled,
  onceEnded,
  operationNow,
  SLOW_MOVE,
  underWay,
  VERY_SLOW_MOVE,
} from './support/moves.js';
import { expectNothingWrong } from './support/nothing-wrong.js';
import { killedAndBack, redisKilledWithItsData, withRedis } from './support/outsiders.js';
import { seededFor } from './support/seed.js';
import { type FailpointSettings, startWorker } from './support/service.js';

const USERS = FULL ? 50_000 : 6_000;
const USERS_OF_MANY_FAULTS = FULL ? 50_000 : 20_000;
const FROZEN_FOR_MS = FULL ? 30_000 : 0;
const ENDS_WITHIN_MS = FULL ? 300_000 : 60_000;
/** How long it goes on before a fault, at most. */
const MOMENT_MS = 700;

/** In what its worker is frozen: for certain in the transactions of both halves, or in anything. */
const FREEZES: Record<string, FailpointSettings> = {
  'inside its transactions': { 'move.moving': 'delay:3000@2', 'move.tailMoving': 'delay:3000@1' },
  'at any moment': SLOW_MOVE,
};

const mover = (failpoints: FailpointSettings = {}) =>
  startWorker({ queues: ['license-moves', 'notifications'], failpoints });

beforeAll(ensureFaultStack);
afterEach(expectNothingWrong);

describe('a move of many whose machines fail', () => {
  it.each(Object.entries(FREEZES).slice(0, FULL ? 2 : 1))(
    'its worker is frozen %s until another has claimed it: nothing stale is written [MOV-3] [MOV-4]',
    async (where, failpoints) => {
      const random = seededFor('the mover is frozen');
      const stage = await largeMove(USERS);
      const move = await askMove(stage.admin, stage);
      const watch = watchMove(move, stage);
      const frozen = await startWorker({ queues: ['license-moves'], failpoints });
      await beyond(move.id, 0);
      await delay(random.int(200, MOMENT_MS));
      frozen.signal('SIGSTOP');
      const frozenAt = performance.now();
      const { fence, ...before } = await underWay(move.id);
      const other = await mover(SLOW_MOVE);
      await beyond(move.id, handled(before));
      figure(`a frozen mover: another went on after ${((performance.now() - frozenAt) / 1000).toFixed(1)} s`);
      await delay(Math.max(0, FROZEN_FOR_MS - (performance.now() - frozenAt)));
      frozen.signal('SIGCONT');
      const over = await frozen.logged(
        (line) => line.fence === fence && line.msg?.startsWith('run ') === true && line.msg !== 'run started',
      );
      // Between two chunks it sees by itself that its time is over.
      if (where !== 'at any moment') expect(over.msg).toMatch(/^run given up: lease lost/);
      expect(over['outcome']).not.toBe('ended');
      expect((await operationNow(move.id)).fence).toBeGreaterThan(fence);
      await onceEnded(move.id, ENDS_WITHIN_MS);
      const end = await succeeded(stage.watcher, move);
      expect(await watch.end()).toEqual([]);
      await frozen.stop();
      await expectTakenOver(stage, end, { users: stage.holders });
      await expectMailedOnce(stage, stage.admin);
      await other.stop();
    },
  );

  it('Redis is wiped, then killed and its data with it, then mongod is killed: it goes on [OPS-4] [MOV-3]', async () => {
    const random = seededFor('a move loses Redis and mongod');
    const faults: (() => Promise<unknown>)[] = [
      () => withRedis((redis) => redis.flushall()),
      redisKilledWithItsData,
      () => killedAndBack('mongod'),
    ];
    const stage = await largeMove(USERS_OF_MANY_FAULTS);
    const move = await askMove(stage.admin, stage);
    const watch = watchMove(move, stage);
    let worker = await mover(VERY_SLOW_MOVE);
    let seen = await beyond(move.id, 0);
    for (const fault of random.shuffled(faults)) {
      await delay(random.int(0, MOMENT_MS));
      await underWay(move.id);
      await fault();
      seen = await beyond(move.id, seen);
    }
    await worker.stop();
    worker = await mover();
    await onceEnded(move.id, ENDS_WITHIN_MS);
    const end = await succeeded(stage.watcher, move);
    expect(await watch.end()).toEqual([]);
    await expectTakenOver(stage, end, { users: stage.holders });
    await expectMailedOnce(stage, stage.admin);
    await worker.stop();
  });
});
