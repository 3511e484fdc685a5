import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { OperationView, RemovalOutcomesView } from '@commissary/contracts';
import { succeeded } from '../e2e/support/operations.js';
import { newUser, person } from '../e2e/support/people.js';
import { must, type Person, verdictOf } from '../e2e/support/person.js';
import { assign, changeSeats, subscription } from '../e2e/support/shop.js';
import { ensureFaultStack, FULL } from './support/fault-stack.js';
import {
  askMove,
  expectTakenOver,
  expectMailedOnce,
  holdersOf,
  type LargeMove,
  largeMove,
} from './support/large-move.js';
import { watchMove } from './support/move-watch.js';
import { beyond, onceEnded, underWay, VERY_SLOW_MOVE } from './support/moves.js';
import { expectNothingWrong } from './support/nothing-wrong.js';
import { seededFor } from './support/seed.js';
import { type FailpointSettings, startWorker } from './support/service.js';

const USERS = FULL ? 50_000 : 12_000;
/** How many of each are deleted, unassigned and added, one after the other. */
const ROUNDS = FULL ? 20 : 4;
const SPARE = 2 * ROUNDS;
const ROUND_MS = 300;
const IN_PROGRESS = '409 operation_in_progress';

const mover = (failpoints: FailpointSettings = {}) =>
  startWorker({ queues: ['license-moves', 'purchases', 'notifications'], failpoints });

beforeAll(ensureFaultStack);
afterEach(expectNothingWrong);

/** Those of the source's users whom the target has by now. */
const movedSoFar = async ({ seeded, holders }: LargeMove): Promise<string[]> => {
  const there = new Set(await holdersOf(seeded.targetSubscriptionId));
  return holders.filter((user) => there.has(user));
};

/** An admin takes the new license of a moved user away. [ADM-6] */
const unassign = async ({ seeded, watcher }: LargeMove, user: string): Promise<void> => {
  const path = `/v1/subscriptions/${seeded.targetSubscriptionId}/licenses/remove`;
  const { items } = await must(200, watcher.post<RemovalOutcomesView>(path, { users: [user] }));
  expect(items.map(({ outcome }) => outcome)).toEqual(['removed']);
};

/** Whatever else is asked of source and target meanwhile is told of the move. [MOV-6] */
const expectRefused = async ({ seeded, watcher }: LargeMove, purchaser: Person, { id }: OperationView) => {
  const [source, target] = [seeded.sourceSubscriptionId, seeded.targetSubscriptionId].map(
    (subscriptionId) => `/v1/subscriptions/${subscriptionId}`,
  );
  const refused = await Promise.all([
    watcher.post(`${source}/cancel`, { reason: 'other' }),
    purchaser.post(`${source}/cancel`, {}),
    watcher.post(`${target}/cancel`, { reason: 'other' }),
    watcher.post(`${source}/move`, { targetSubscriptionId: seeded.targetSubscriptionId }),
    changeSeats(purchaser, seeded.sourceSubscriptionId, { total: 1, effective: 'now' }),
  ]);
  const url = `/v1/operations/${id}`;
  expect(refused.map((answer) => [verdictOf(answer), answer.problem?.operation])).toEqual(
    refused.map(() => [IN_PROGRESS, url]),
  );
};

/** The target loses its free seats, down to those that are assigned or reserved and not one more. [MOV-2] */
const seatsReduced = async ({ seeded, watcher }: LargeMove): Promise<void> => {
  const id = seeded.targetSubscriptionId;
  const { seats } = await subscription(watcher, id);
  const least = seats.assigned + seats.reserved;
  const change = (total: number) => changeSeats(watcher, id, { total, effective: 'now' });
  expect(verdictOf(await change(least - 1))).toBe('409 seats_in_use');
  await succeeded(watcher, await must(202, change(least)));
  expect((await subscription(watcher, id)).seats).toMatchObject({ purchased: least, free: 0 });
};

describe('a move of many among people who change things', () => {
  it('users leave, come and are unassigned, seats are reduced, cancellations are refused: one serial order [MOV-2] [MOV-4] [MOV-6]', async () => {
    const random = seededFor('people change things during a move');
    const stage = await largeMove(USERS, SPARE);
    const purchaser = await person(stage.seeded.purchaserEmail);
    const deleted = random.shuffled(stage.holders).slice(0, ROUNDS);
    const unassigned: string[] = [];
    const move = await askMove(stage.admin, stage);
    const watch = watchMove(move, stage, { deleted, unassigned });
    let worker = await mover(VERY_SLOW_MOVE);
    await beyond(move.id, 0);
    const added: string[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      await underWay(move.id);
      const [user, moved] = await Promise.all([newUser(), movedSoFar(stage)]);
      const loser = random.pick(moved.filter((each) => !deleted.includes(each)));
      unassigned.push(loser);
      await Promise.all([
        unassign(stage, loser),
        must(204, stage.watcher.delete(`/v1/users/${deleted[round]!}`)),
        assign(stage.watcher, stage.seeded.targetSubscriptionId, [user.id]).then((given) => {
          expect(given).toEqual(['assigned']);
        }),
        expectRefused(stage, purchaser, move),
      ]);
      added.push(user.id);
      await delay(random.int(0, ROUND_MS));
    }
    await underWay(move.id);
    await seatsReduced(stage);
    await underWay(move.id);
    await worker.stop();
    worker = await mover();
    const { status } = await onceEnded(move.id, FULL ? 300_000 : 60_000);
    expect(status).toBe('succeeded');
    const end = await succeeded(stage.watcher, move);
    expect(await watch.end()).toEqual([]);
    const gone = new Set([...deleted, ...unassigned]);
    const staying = stage.holders.filter((user) => !gone.has(user));
    await expectTakenOver(stage, end, { users: stage.holders, onTarget: [...staying, ...added] });
    await expectMailedOnce(stage, stage.admin);
    await worker.stop();
  });
});
