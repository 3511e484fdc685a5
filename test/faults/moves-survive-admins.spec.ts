import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { OperationView } from '@commissary/contracts';
import { database } from '../e2e/support/database.js';
import { succeeded } from '../e2e/support/operations.js';
import { adminOf, newcomer } from '../e2e/support/people.js';
import { must, type Person } from '../e2e/support/person.js';
import { buy, central, subscription } from '../e2e/support/shop.js';
import { stack } from '../e2e/support/stack.js';
import { Caller, type PlainAnswer, plainVerdict } from './support/at-gateway.js';
import { ensureFaultStack, FULL } from './support/fault-stack.js';
import {
  askMove,
  expectResults,
  expectTakenOver,
  expectMailedOnce,
  holdersOf,
  type LargeMove,
  largeMove,
} from './support/large-move.js';
import { watchMove } from './support/move-watch.js';
import { beyond, handled, onceEnded, onceStatus, underWay, VERY_SLOW_MOVE } from './support/moves.js';
import { expectNothingWrong, expectNothingWrongMeanwhile } from './support/nothing-wrong.js';
import { seededFor } from './support/seed.js';
import { startWorker } from './support/service.js';
import { collectionsOf } from '../support/driver.js';

const USERS = FULL ? 50_000 : 14_000;
const RIVALS = FULL ? 8 : 1;
const ENDS_WITHIN_MS = FULL ? 300_000 : 60_000;
/** How long a move is left as it is, or goes on, at most. */
const MOMENT_MS = 700;

beforeAll(ensureFaultStack);
afterEach(expectNothingWrong);

/** Who asks what of a source that an admin asks to be moved at the same moment. */
interface Rival {
  asker: 'admin' | 'purchaser';
  ask: (caller: Caller, source: string, target: string) => Promise<PlainAnswer>;
}

const RIVAL: Record<string, Rival> = {
  'another move': {
    asker: 'admin',
    ask: (caller, source, target) => caller.post(`${source}/move`, { targetSubscriptionId: target }),
  },
  'a cancellation': {
    asker: 'admin',
    ask: (caller, source) => caller.post(`${source}/cancel`, { reason: 'other' }),
  },
  'a change of its seats': {
    asker: 'purchaser',
    ask: (caller, source) => caller.send('PUT', `${source}/seats`, { total: 4, effective: 'now' }),
  },
};

describe('two who ask at once', () => {
  it(`a move and ${Object.keys(RIVAL).join(', ')}: one 202, the other is told of it [MOV-6]`, async () => {
    const worker = await startWorker({ queues: ['purchases'] });
    const [buyer, admin] = await Promise.all([newcomer(), newcomer({ roles: ['billingAdmin'] })]);
    const rivals = Object.values(RIVAL).flatMap((rival) => Array.from({ length: RIVALS }, () => rival));
    const bought = await Promise.all(rivals.map(() => buy(buyer, { quantity: 5 })));
    await worker.stop();
    const { id: target } = await central(rivals.length);
    const at = (email: string) => Caller.at(stack().gatewayUrl, email);
    const watcher = await adminOf('contoso.example');
    const callers = {
      mover: await at(admin.email),
      admin: await at(watcher.email),
      purchaser: await at(buyer.email),
    };
    const accepted: string[] = [];
    for (const [i, { asker, ask }] of rivals.entries()) {
      const source = `/v1/subscriptions/${bought[i]!.subscriptionId}`;
      const answers = await Promise.all([
        callers.mover.post(`${source}/move`, { targetSubscriptionId: target }),
        ask(callers[asker], source, target),
      ]);
      expect(answers.map(plainVerdict).sort()).toEqual(['202', '409 operation_in_progress']);
      const taken = answers.find(({ status }) => status === 202)?.location ?? '';
      expect(answers.find(({ status }) => status === 409)?.problem?.operation).toBe(taken);
      accepted.push(taken);
    }
    const ending = await startWorker({ queues: ['purchases', 'license-moves', 'cancellations'] });
    for (const location of accepted) {
      await succeeded(watcher, await must(200, watcher.get<OperationView>(location)));
    }
    await ending.stop();
  });
});

const rolesOf = async ({ userId }: Person, roles: 'billingAdmin'[]): Promise<void> => {
  const { users } = collectionsOf(await database());
  await users.updateOne({ _id: userId }, { $set: { roles } });
};

const control = (who: Person, { id }: OperationView, what: 'pause' | 'resume' | 'stop') =>
  must(200, who.post<OperationView>(`/v1/operations/${id}/${what}`));

/** It stands as it is for a moment, whole as far as it came; answers how far. */
const expectStandsStill = async (
  { seeded }: LargeMove,
  { id }: OperationView,
  momentMs: number,
): Promise<number> => {
  const [before, there] = [await underWay(id), await holdersOf(seeded.targetSubscriptionId)];
  expect(before).toMatchObject({ status: 'paused', lease: null });
  await delay(momentMs);
  await expectNothingWrongMeanwhile();
  expect(await holdersOf(seeded.targetSubscriptionId)).toEqual(there);
  const after = await underWay(id);
  expect([after.version, after.fence]).toEqual([before.version, before.fence]);
  return handled(after);
};

describe('a move of many that its admins halt', () => {
  it('a role revoked, resumed by another, paused, resumed, stopped and asked again: each user on one side [MOV-3] [MOV-6] [ADM-5]', async () => {
    const random = seededFor('a move is halted');
    const moment = (): number => random.int(0, MOMENT_MS);
    const stage = await largeMove(USERS);
    const { admin, watcher, holders } = stage;
    const { sourceSubscriptionId: source, targetSubscriptionId: target } = stage.seeded;
    const move = await askMove(admin, stage);
    const watch = watchMove(move, stage);
    const slow = await startWorker({ queues: ['license-moves'], failpoints: VERY_SLOW_MOVE });
    await beyond(move.id, 0);
    await rolesOf(admin, []);
    expect(await onceStatus(move.id, 'paused')).toMatchObject({ error: { code: 'forbidden' } });
    expect((await admin.post(`/v1/operations/${move.id}/resume`)).status).toBe(403);
    let seen = await expectStandsStill(stage, move, moment());

    await control(watcher, move, 'resume');
    seen = await beyond(move.id, seen);
    await control(watcher, move, 'pause');
    seen = await expectStandsStill(stage, move, moment());

    await control(watcher, move, 'resume');
    await beyond(move.id, seen);
    const stopped = await control(watcher, move, 'stop');
    expect(stopped).toMatchObject({ status: 'stopped', result: { sourceStatus: 'active' } });
    expect(await watch.end()).toEqual([]);
    const moved = await holdersOf(target);
    const staying = await holdersOf(source);
    expect([...moved, ...staying].sort()).toEqual(holders);
    await expectResults(watcher, stopped, moved);
    expect(await subscription(watcher, target)).toMatchObject({
      seats: { assigned: moved.length, reserved: 0 },
    });
    expect(await subscription(watcher, source)).toMatchObject({
      status: 'active',
      operation: null,
      seats: { assigned: staying.length },
    });
    await expectNothingWrongMeanwhile();

    await rolesOf(admin, ['billingAdmin']);
    const again = await askMove(admin, stage);
    const watchAgain = watchMove(again, stage);
    await beyond(again.id, 0);
    await slow.stop();
    const worker = await startWorker({ queues: ['license-moves', 'notifications'] });
    await onceEnded(again.id, ENDS_WITHIN_MS);
    const end = await succeeded(watcher, again);
    expect(await watchAgain.end()).toEqual([]);
    await expectTakenOver(stage, end, { users: staying, onTarget: holders });
    await expectMailedOnce(stage, admin);
    await worker.stop();
  });
});
