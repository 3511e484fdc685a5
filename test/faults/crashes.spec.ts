import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { OperationView } from '@commissary/contracts';
import { seed } from '../e2e/support/commands.js';
import { database } from '../e2e/support/database.js';
import { eventually } from '../e2e/support/eventually.js';
import { succeeded } from '../e2e/support/operations.js';
import { chargesOf } from '../e2e/support/outside.js';
import { adminOf, person } from '../e2e/support/people.js';
import { must } from '../e2e/support/person.js';
import { buy, order, purchaseOutcome } from '../e2e/support/shop.js';
import { ensureFaultStack, FULL } from './support/fault-stack.js';
import { beyond, handled, operationNow, watchMove } from './support/moves.js';
import { expectNothingWrong } from './support/nothing-wrong.js';
import { seededFor } from './support/seed.js';
import { startWorker } from './support/service.js';
import { begun } from './support/stories.js';

const RESUMES_WITHIN_MS = 20_000;
const LEASE_MS = 10_000;
const KILLS = FULL ? 20 : 5;
/** Slow enough for the kills, with a part of the time inside the transaction. */
const SLOW_MOVE = { 'move.chunk': 'delay:700', 'move.moving': 'delay:300' };
const USERS_PER_LIFE = 3_000;

/** How long each kill kept the move from its next progress, ms. */
const killTheMover = async () => {
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

/** A cancellation whose handler kills its process, again and again. */
const poisonTheWorker = async (subscriptionId: string) => {
  const admin = await adminOf('relecloud-org.example');
  const body = { reason: 'unused' };
  const poison = await must(
    202,
    admin.post<OperationView>(`/v1/subscriptions/${subscriptionId}/cancel`, body),
  );
  const parked = eventually(
    'the poison is parked',
    async () => ((await operationNow(poison.id)).status === 'parked' ? true : undefined),
    120_000,
  );
  let deaths = 0;
  for (let isParked = false; !isParked;) {
    const failpoints = { 'cancellation.cutting': 'kill' };
    const worker = await startWorker({ queues: ['cancellations'], failpoints });
    isParked = await Promise.race([parked, worker.exited.then(() => false)]);
    if (isParked) await worker.stop();
    else deaths += 1;
  }
  const held = await operationNow(poison.id);
  const lock = await (await database()).collections.subscriptions.findOne({ _id: subscriptionId });
  const worker = await startWorker({ queues: ['cancellations'] });
  const operator = await person('operator@commissary.example');
  await must(200, operator.post(`/v1/operations/${poison.id}/resume`));
  const end = await succeeded(admin, poison);
  await worker.stop();
  return { deaths, held, lock: lock?.operationId, poison, end };
};

const dieBetweenChargeAndRecord = async () => {
  const buyers = await Promise.all(
    ['alex', 'blake', 'casey'].map((name) => person(`${name}@contoso.example`)),
  );
  const operations = await Promise.all(buyers.map((buyer) => order(buyer, { quantity: 2 })));
  const dying = await startWorker({ queues: ['purchases'], failpoints: { 'purchase.charged': 'kill' } });
  const exit = await dying.exited;
  const next = await startWorker({ queues: ['purchases'] });
  const ends = await Promise.all(operations.map((operation, i) => succeeded(buyers[i]!, operation)));
  await next.stop();
  const charges = await Promise.all(ends.map((end) => chargesOf(purchaseOutcome(end).orderId)));
  return { exit, charges };
};

/** Frozen past its lease while another worker takes over; what the first one then tries to write. */
const freezeAWorker = async () => {
  const buyer = await person('user@litware.example');
  const frozen = await startWorker({
    queues: ['purchases'],
    failpoints: { 'purchase.asking': 'delay:1500' },
  });
  const operation = await order(buyer);
  await frozen.logged(({ msg, operation: id }) => msg === 'run started' && id === operation.id);
  // Between its first step and the charge.
  await eventually('the order is on record', async () =>
    (await operationNow(operation.id)).step === 'charging' ? true : undefined,
  );
  frozen.signal('SIGSTOP');
  const since = performance.now();
  const second = await startWorker({ queues: ['purchases'] });
  const end = await succeeded(buyer, operation);
  const pastLeaseMs = LEASE_MS + (FULL ? 30_000 : 1_000);
  await delay(Math.max(0, pastLeaseMs - (performance.now() - since)));
  frozen.signal('SIGCONT');
  const refused = await frozen.logged(
    ({ msg, operation: id }) => msg?.includes('lease lost') === true && id === operation.id,
  );
  const after = await operationNow(operation.id);
  await Promise.all([frozen.stop(), second.stop()]);
  return { refused, end, after, charges: await chargesOf(purchaseOutcome(end).orderId) };
};

const TEN_MINUTES = 10 * 60_000;

/** What two workers with wrong clocks, one after the other, wrote of time: how far off the server's, ms. */
const workWithWrongClocks = async (): Promise<number[]> => {
  const buyer = await person('sam@contoso.example');
  const off: number[] = [];
  for (const clockOffMs of [TEN_MINUTES, -TEN_MINUTES]) {
    const worker = await startWorker({ queues: ['purchases'], clockOffMs });
    const end = await succeeded(buyer, await order(buyer));
    await worker.stop();
    const { subscriptionId, orderId } = purchaseOutcome(end);
    const { collections } = await database();
    const [subscription, paid] = await Promise.all([
      collections.subscriptions.findOne({ _id: subscriptionId }),
      collections.orders.findOne({ _id: orderId }),
    ]);
    const times = [subscription?.startedAt, subscription?.termStartedAt, paid?.createdAt, paid?.settledAt];
    const endedAt = Date.parse(end.endedAt ?? '');
    off.push(...times.map((time) => Math.abs((time?.getTime() ?? 0) - endedAt)));
  }
  return off;
};

/** On the queue of purchases one after the other, for each needs the workers it has, and no other. */
const purchaseStories = () => {
  const charged = begun(dieBetweenChargeAndRecord);
  const frozen = begun(() => charged.catch(() => undefined).then(freezeAWorker));
  const clocks = begun(() => frozen.catch(() => undefined).then(workWithWrongClocks));
  return { charged, frozen, clocks };
};

describe('processes that die, freeze or are wrong about the time', () => {
  let mover: ReturnType<typeof killTheMover>;
  let poison: ReturnType<typeof poisonTheWorker>;
  let purchases: ReturnType<typeof purchaseStories>;

  // Most of it is waiting for leases to run out: the stories overlap.
  beforeAll(async () => {
    await ensureFaultStack();
    const worker = await startWorker({ queues: ['purchases'] });
    const { subscriptionId } = await buy(await person('user@relecloud-org.example'));
    await worker.stop();
    mover = begun(killTheMover);
    poison = begun(() => poisonTheWorker(subscriptionId));
    purchases = purchaseStories();
  });
  afterEach(expectNothingWrong);

  it('kill -9 between charging and recording: one charge per order, under one key [BUY-6]', async () => {
    const { exit, charges } = await purchases.charged;
    expect(exit.signal).toBe('SIGKILL');
    expect(charges.map((each) => each.map(({ status }) => status))).toEqual([
      ['succeeded'],
      ['succeeded'],
      ['succeeded'],
    ]);
  });

  it('a worker frozen past its lease is refused at its next write, and says so [MOV-3] [BUY-6]', async () => {
    const { refused, end, after, charges } = await purchases.frozen;
    expect(refused).toMatchObject({ fence: 1, level: 40 });
    expect(after).toMatchObject({ status: 'succeeded', fence: 2 });
    // Nothing was written after the second worker had ended it.
    expect(after.endedAt?.toISOString()).toBe(end.endedAt);
    expect(charges).toHaveLength(1);
  });

  it('a worker whose clock is off by 10 minutes writes the time of the server [SUB-1]', async () => {
    const off = await purchases.clocks;
    expect(off).toHaveLength(8);
    expect(Math.max(...off)).toBeLessThan(30_000);
  });

  it(`a move killed ${KILLS} times resumes within 20 s each time and ends right [MOV-3] [MOV-4] [MOV-5]`, async () => {
    const { seeded, end, gaps, wrong, users } = await mover;
    process.stdout.write(`resumed after ${gaps.map((gap) => (gap / 1000).toFixed(1)).join(', ')} s\n`);
    expect(wrong).toEqual([]);
    expect(gaps).toHaveLength(KILLS);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(RESUMES_WITHIN_MS);
    expect(end.result).toMatchObject({ moved: users, alreadyLicensed: 0, skipped: 0, failed: 0 });
    const { collections } = await database();
    const { tenantId, sourceSubscriptionId, targetSubscriptionId } = seeded;
    const onTarget = await collections.licenses.countDocuments({
      tenantId,
      subscriptionId: targetSubscriptionId,
    });
    expect(onTarget).toBe(users);
    const told = await collections.events
      .find({ subjectId: sourceSubscriptionId, operationId: end.id })
      .toArray();
    expect(told.map(({ type }) => type).sort()).toEqual(['move.completed', 'subscription.canceled']);
    const mails = await collections.notifications.countDocuments({
      eventId: { $in: told.map(({ _id }) => _id) },
    });
    expect(mails).toBe(2);
  });

  it('a job that kills its process is parked after 5 starts, with its lock, while other queues go on [OPS-1]', async () => {
    const { deaths, held, lock, poison: operation, end } = await poison;
    expect(deaths).toBe(5);
    expect(held).toMatchObject({ status: 'parked', starts: 5, step: null });
    expect(lock).toBe(operation.id);
    // Its starts took as long as the leases they left; the purchases and the move above were made meanwhile.
    const others = await (
      await database()
    ).collections.operations.countDocuments({
      status: 'succeeded',
      startedAt: { $gt: held.createdAt },
      endedAt: { $lt: held.history.at(-1)?.at },
    });
    expect(others).toBeGreaterThan(2);
    expect(end.status).toBe('succeeded');
  });
});
