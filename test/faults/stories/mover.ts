import { setTimeout as delay } from 'node:timers/promises';
import type { OperationView } from '@commissary/contracts';
import { seed } from '../../e2e/support/commands.js';
import { succeeded } from '../../e2e/support/operations.js';
import { adminOf } from '../../e2e/support/people.js';
import { must } from '../../e2e/support/person.js';
import { FULL } from '../support/fault-stack.js';
import { beyond, handled, operationNow, watchMove } from '../support/moves.js';
import { seededFor } from '../support/seed.js';
import { startWorker } from '../support/service.js';

export const RESUMES_WITHIN_MS = 20_000;
export const KILLS = FULL ? 20 : 4;
/** Slow enough for the kills, with a part of the time inside the transaction. */
const SLOW_MOVE = { 'move.chunk': 'delay:700', 'move.moving': 'delay:300' };
const USERS_PER_LIFE = 3_000;

/** How long each kill kept the move from its next progress, ms. */
export const killTheMover = async () => {
  const random = seededFor('the mover is killed');
  const users = KILLS * USERS_PER_LIFE;
  const [seeded, admin] = await Promise.all([seed(users), adminOf('contoso.example')]);
  const { sourceSubscriptionId: source, targetSubscriptionId } = seeded;
  const move = await must(
    202,
    admin.post<OperationView>(`/v1/subscriptions/${source}/move`, { targetSubscriptionId }),
  );
  const watch = watchMove(move, seeded, users);
  const gaps: number[] = [];
  let worker = await startWorker({ queues: ['license-moves'], failpoints: SLOW_MOVE });
  await beyond(move.id, 0, RESUMES_WITHIN_MS);
  for (let kill = 1; kill <= KILLS; kill += 1) {
    await delay(random.int(0, 900));
    await worker.kill();
    const died = performance.now();
    const before = handled(await operationNow(move.id));
    const failpoints = kill < KILLS ? SLOW_MOVE : {};
    [worker] = await Promise.all([
      startWorker({ queues: ['license-moves'], failpoints }),
      beyond(move.id, before, 2 * RESUMES_WITHIN_MS),
    ]);
    gaps.push(performance.now() - died);
  }
  const end = await succeeded(admin, move);
  const wrong = await watch.end();
  await worker.stop();
  return { seeded, end, gaps, wrong, users };
};
