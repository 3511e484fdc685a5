import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { OperationView } from '@commissary/contracts';
import { isEnded } from '@commissary/domain';
import { seed } from '../e2e/support/commands.js';
import { database } from '../e2e/support/database.js';
import { succeeded } from '../e2e/support/operations.js';
import { adminOf, person } from '../e2e/support/people.js';
import { must } from '../e2e/support/person.js';
import { buy } from '../e2e/support/shop.js';
import { type Bought, buyFor, keepBuying, type Shopper, shoppers } from './support/buying.js';
import { ensureFaultStack, FULL } from './support/fault-stack.js';
import { figure, quantile } from './support/figures.js';
import { operationNow } from './support/moves.js';
import { expectNothingWrong } from './support/nothing-wrong.js';
import { startWorker } from './support/service.js';
import { collectionsOf } from '../support/driver.js';

const QUIET_MS = FULL ? 15_000 : 2_000;
/** Of the other tenant's speed; a small run on a busy machine only shows that nobody stands still. */
const SPEED_LEFT = FULL ? 0.9 : 0.1;
const POISONS = FULL ? 5 : 1;
const MOVED = FULL ? 100_000 : 5_000;
const P95_FACTOR = 2;

let neighbours: Shopper[];

beforeAll(async () => {
  await ensureFaultStack();
  neighbours = await shoppers(4, 'litware.example');
});
afterEach(expectNothingWrong);

/** Purchases until all of these operations have come to that point, which somebody else looks at. */
const buyUntil = async (reached: Promise<unknown>, people: Shopper[], restMs = 0): Promise<Bought> => {
  let isReached = false;
  const [bought] = await Promise.all([
    keepBuying(people, () => isReached, restMs),
    reached.finally(() => (isReached = true)),
  ]);
  return bought;
};

const whenAll = async (ids: readonly string[], is: (status: OperationView['status']) => boolean) => {
  const collections = collectionsOf(await database());
  const changes = collections.operations.watch([{ $match: { 'documentKey._id': { $in: [...ids] } } }]);
  try {
    for (;;) {
      const now = await Promise.all(ids.map(operationNow));
      if (now.every(({ status }) => is(status))) return now;
      await changes.next();
    }
  } finally {
    await changes.close();
  }
};

describe('what one tenant does to another', () => {
  it('jobs that always throw are parked after 5 starts, with their locks, and others go on [OPS-1]', async () => {
    const failpoints = { 'cancellation.cutting': 'throw' };
    const worker = await startWorker({ queues: ['purchases', 'cancellations'], failpoints });
    const owner = await person('user@relecloud-org.example');
    const admin = await adminOf('relecloud-org.example');
    const bought = await Promise.all(Array.from({ length: POISONS }, () => buy(owner)));
    await buyFor(neighbours, QUIET_MS / 2);
    const alone = await buyFor(neighbours, QUIET_MS);

    const poisons = await Promise.all(
      bought.map(({ subscriptionId }) =>
        must(
          202,
          admin.post<OperationView>(`/v1/subscriptions/${subscriptionId}/cancel`, { reason: 'unused' }),
        ),
      ),
    );
    const parked = whenAll(
      poisons.map(({ id }) => id),
      (status) => status === 'parked',
    );
    const beside = await buyUntil(parked, neighbours);
    figure(
      `beside ${POISONS} poisons: ${beside.perSecond.toFixed(1)} purchases/s of ${alone.perSecond.toFixed(1)}`,
    );
    const starts = worker.lines.filter(({ msg, type }) => msg === 'run started' && type === 'cancellation');
    expect(starts).toHaveLength(5 * POISONS);
    const collections = collectionsOf(await database());
    for (const poison of await parked) {
      expect(poison).toMatchObject({ status: 'parked', starts: 5, step: null, lease: null });
      const held = await collections.subscriptions.findOne({ _id: poison.subscriptionId ?? '' });
      expect(held?.operationId).toBe(poison._id);
    }
    expect(beside.perSecond / alone.perSecond).toBeGreaterThanOrEqual(SPEED_LEFT);

    await worker.stop();
    const mended = await startWorker({ queues: ['cancellations'] });
    const operator = await person('operator@commissary.example');
    for (const { id } of poisons) await must(200, operator.post(`/v1/operations/${id}/resume`));
    await Promise.all(poisons.map((poison) => succeeded(admin, poison)));
    await mended.stop();
  });

  it(`a move of ${MOVED} users beside another tenant's purchases [MOV-3]`, async () => {
    const [mover, buying, seeded, admin] = await Promise.all([
      startWorker({ queues: ['license-moves'] }),
      startWorker({ queues: ['purchases'] }),
      seed(MOVED),
      adminOf('contoso.example'),
    ]);
    const [one] = neighbours as [Shopper];
    await buyFor([one], QUIET_MS / 2);
    const alone = await buyFor([one], QUIET_MS, 20);
    const { sourceSubscriptionId, targetSubscriptionId } = seeded;
    const move = await must(
      202,
      admin.post<OperationView>(`/v1/subscriptions/${sourceSubscriptionId}/move`, { targetSubscriptionId }),
    );
    const over = whenAll([move.id], isEnded);
    const beside = await buyUntil(over, [one], 20);
    const [end] = await over;
    expect(end).toMatchObject({ status: 'succeeded', progress: { done: MOVED } });
    const [p95, was] = [quantile(beside.tookMs, 0.95), quantile(alone.tookMs, 0.95)];
    figure(
      `a purchase beside a move of ${MOVED}: p95 ${p95.toFixed(0)} ms of ${beside.tookMs.length}, ` +
        `alone ${was.toFixed(0)} ms of ${alone.tookMs.length}`,
    );
    // A short move gives too few purchases for a p95 that means anything.
    if (FULL) expect(p95 / was).toBeLessThanOrEqual(P95_FACTOR);
    await Promise.all([mover.stop(), buying.stop()]);
  });
});
