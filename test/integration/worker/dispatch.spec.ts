import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { QUEUES, type QueueName } from '@commissary/contracts';
import { wakeUpId } from '@commissary/queue';
import { type OperationDocument, OperationsRepository } from '@commissary/store';
import { Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { current, until, untilEnded } from '../../support/fixtures/operations.js';
import { paymentFault } from '../../support/fixtures/provider.js';
import { aPurchase } from '../../support/fixtures/purchases.js';
import { workerSuite } from '../../support/fixtures/suite.js';
import { aCancellation, aMove, bought, central } from '../../support/fixtures/takeovers.js';
import type { TestWorker } from '../../support/fixtures/worker.js';
import { collectionsOf } from '../../support/driver.js';

const OPERATION_QUEUES = ['purchases', 'license-moves', 'cancellations'] as const;

/** A port nobody listens on. */
const NOWHERE = 'redis://127.0.0.1:1';

let redis: Redis;

// Before the suite's own, which ends that server.
afterAll(() => redis.disconnect());

// A redis-server of its own, for it is wiped.
const suite = workerSuite('redis-server');
let { world, tenancy } = suite;
let redisUrl: string;
let worker: TestWorker;

beforeAll(() => {
  redisUrl = suite.world.stack.redisUrl!;
  redis = new Redis(redisUrl);
});

beforeEach(async () => {
  ({ world, tenancy } = suite);
  await redis.flushall();
  worker = await suite.another({ redisUrl, name: 'queues' });
});

// What a test leaves open would be due in a later one.
afterEach(async () => {
  await collectionsOf(world.database).operations.deleteMany({ tenantId: tenancy.tenantId });
});

const startProcessors = (): void => {
  for (const queue of OPERATION_QUEUES) worker.processor(queue).start();
};

const queueOf = (name: QueueName) => {
  const queue = worker.producer.allQueues().find((each) => each.name === name);
  if (!queue) throw new Error(`no queue ${name}`);
  return queue;
};

const waiting = (queue: QueueName): Promise<number> =>
  queueOf(queue).getJobCountByTypes('waiting', 'delayed');

const jobStateOf = ({ queue, _id, fence }: OperationDocument): Promise<string> =>
  queueOf(queue).getJobState(wakeUpId(_id, fence));

describe('the dispatcher', () => {
  it('[OPS-4] enqueues accepted work that has no job, in one look, and the work ends', async () => {
    const { subscription: source } = await bought(world, suite.worker, tenancy, { others: 3 });
    const { subscription: canceled } = await bought(world, suite.worker, tenancy, {
      productId: 'CFQ7TTC0HD33',
    });
    const target = await central(world, tenancy, { seats: 10 });
    const accepted = [
      await aPurchase(world, tenancy),
      await aMove(world, tenancy, source, target),
      await aCancellation(world, tenancy, canceled),
    ];
    startProcessors();
    await worker.dispatcher(QUEUES).tick();
    for (const operation of accepted) {
      expect((await untilEnded(world, operation)).status).toBe('succeeded');
    }
  });

  it('[OPS-4] running by itself does so within two ticks of a second, and the claim that follows', async () => {
    startProcessors();
    const dispatcher = worker.dispatcher(OPERATION_QUEUES);
    dispatcher.onApplicationBootstrap();
    const purchase = await aPurchase(world, tenancy);
    const acceptedAt = performance.now();
    await until(
      () => current(world, purchase),
      (operation) => operation.status !== 'accepted',
    );
    expect(performance.now() - acceptedAt).toBeLessThan(3_000);
    await untilEnded(world, purchase);
  });

  it('[OPS-4] adds no second job for a wake-up that is there, however often it looks', async () => {
    const purchase = await aPurchase(world, tenancy);
    const dispatcher = worker.dispatcher(OPERATION_QUEUES);
    for (let look = 0; look < 3; look += 1) await dispatcher.tick();
    expect(await waiting('purchases')).toBe(1);
    startProcessors();
    expect((await untilEnded(world, purchase)).fence).toBe(1);
  });

  it('[OPS-4] asks once for a whole line of wake-ups that are there', async () => {
    for (let made = 0; made < 5; made += 1) await aPurchase(world, tenancy);
    const dispatcher = worker.dispatcher(['purchases']);
    await dispatcher.tick();
    await redis.config('RESETSTAT');
    await dispatcher.tick();
    const stats = await redis.info('commandstats');
    expect(/cmdstat_exists:calls=(\d+)/.exec(stats)?.[1]).toBe('1');
    expect(stats).not.toMatch(/cmdstat_(hmset|hset|lpush|rpush):/);
  });

  it('[OPS-4] leaves alone what is held, not due, paused or of a queue that is served elsewhere', async () => {
    const [held, later, paused, elsewhere] = [
      await aPurchase(world, tenancy),
      await aPurchase(world, tenancy),
      await aPurchase(world, tenancy),
      await aPurchase(world, tenancy),
    ];
    const { operations } = collectionsOf(world.database);
    await worker.runs.claim(held.tenantId, held._id, 'worker-2');
    await operations.updateOne({ _id: later._id }, [{ $set: { nextRunAt: { $add: ['$$NOW', 60_000] } } }]);
    await world.database.transaction((session) =>
      new OperationsRepository(world.database).pause(session, paused),
    );
    await worker.dispatcher(['license-moves', 'cancellations']).tick();
    expect(await waiting('purchases')).toBe(0);
    await worker.dispatcher(['purchases']).tick();
    expect(await jobStateOf(elsewhere)).toBe('waiting');
    expect(await waiting('purchases')).toBe(1);
  });

  it('[OPS-4] wakes what a dead worker held, once its lease has run out', async () => {
    const purchase = await aPurchase(world, tenancy);
    await worker.runs.claim(purchase.tenantId, purchase._id, 'dead');
    await collectionsOf(world.database).operations.updateOne({ _id: purchase._id }, [
      { $set: { 'lease.until': { $subtract: ['$$NOW', 1] } } },
    ]);
    startProcessors();
    await worker.dispatcher(OPERATION_QUEUES).tick();
    expect(await untilEnded(world, purchase)).toMatchObject({ status: 'succeeded', fence: 2 });
  });

  it('[OPS-4] wakes what a worker whose clock is off has put to sleep for ten minutes', async () => {
    const purchase = await aPurchase(world, tenancy);
    const { _id: operationId, tenantId } = purchase;
    await queueOf('purchases').add(
      'purchase.run',
      { v: 1, operationId, tenantId },
      { jobId: wakeUpId(operationId, 0), delay: 600_000 },
    );
    startProcessors();
    await worker.dispatcher(OPERATION_QUEUES).tick();
    expect(await untilEnded(world, purchase)).toMatchObject({ status: 'succeeded', fence: 1 });
  });

  it('[OPS-4] wakes what the queue has given up, having been unable to put it to sleep', async () => {
    const purchase = await aPurchase(world, tenancy);
    await worker.dispatcher(OPERATION_QUEUES).tick();
    const failing = new Worker('purchases', () => Promise.reject(new Error('no')), {
      connection: { url: redisUrl },
      prefix: queueOf('purchases').opts.prefix ?? 'bull',
    });
    await until(
      () => jobStateOf(purchase),
      (state) => state === 'failed',
    );
    await failing.close();
    startProcessors();
    await worker.dispatcher(OPERATION_QUEUES).tick();
    expect(await untilEnded(world, purchase)).toMatchObject({ status: 'succeeded', fence: 1 });
  });

  it('[OPS-1, MOV-3] wakes what was paused or parked and resumed, though its last job is kept as completed', async () => {
    const purchase = await aPurchase(world, tenancy);
    const operations = new OperationsRepository(world.database);
    await worker.dispatcher(OPERATION_QUEUES).tick();
    const paused = await world.database.transaction((session) => operations.pause(session, purchase));
    startProcessors();
    await until(
      () => jobStateOf(paused),
      (state) => state === 'completed',
    );
    await world.database.transaction((session) => operations.resume(session, paused));
    await worker.dispatcher(OPERATION_QUEUES).tick();
    expect((await untilEnded(world, purchase)).status).toBe('succeeded');
  });
});

describe('Redis wiped or away', () => {
  const succeeded = (): Promise<number> =>
    collectionsOf(world.database).operations.countDocuments({
      tenantId: tenancy.tenantId,
      status: 'succeeded',
    });

  const untilSucceeded = (count: number) => until(succeeded, (now) => now >= count, 50_000);

  it('[OPS-4] FLUSHALL with a hundred operations pending: all of them end, each charged once', async () => {
    await Promise.all(Array.from({ length: 100 }, () => aPurchase(world, tenancy)));
    const dispatcher = worker.dispatcher(OPERATION_QUEUES);
    await dispatcher.tick();
    expect(await waiting('purchases')).toBe(100);
    startProcessors();
    await untilSucceeded(5);
    await redis.flushall();
    expect(await succeeded()).toBeLessThan(95);

    dispatcher.onApplicationBootstrap();
    await untilSucceeded(100);
    const orders = await collectionsOf(world.database).orders.countDocuments({ tenantId: tenancy.tenantId });
    expect(orders).toBe(100);
  }, 60_000);

  it('[OPS-4] Redis away while enqueuing is no error, and what was not taken is found later', async () => {
    const cutOff = await suite.another({ redisUrl: NOWHERE, name: 'cut-off' });
    const purchase = await aPurchase(world, tenancy);
    const job = {
      name: 'purchase.run' as const,
      payload: { v: 1 as const, operationId: purchase._id, tenantId: purchase.tenantId },
      jobId: wakeUpId(purchase._id, 0),
    };
    const asked = performance.now();
    expect(await cutOff.producer.enqueue(job)).toBe(false);
    expect(performance.now() - asked).toBeLessThan(1_000);

    // A run whose mails cannot be enqueued either.
    await cutOff.handle(purchase);
    expect((await current(world, purchase)).status).toBe('succeeded');
    const mails = await collectionsOf(world.database)
      .notifications.find({ tenantId: tenancy.tenantId })
      .toArray();
    const mailJobs = () =>
      Promise.all(mails.map(({ _id }) => queueOf('notifications').getJobState(wakeUpId(_id, 0))));
    expect(await mailJobs()).toEqual(['unknown', 'unknown']);
    await worker.dispatcher(QUEUES).tick();
    expect(await mailJobs()).toEqual(['waiting', 'waiting']);
  });
});

describe('work that is handed back', () => {
  it('[MOV-3] a move that yields is queued again at once, under a job of its own', async () => {
    const { subscription: source } = await bought(world, suite.worker, tenancy, { others: 150 });
    const target = await central(world, tenancy, { seats: 160 });
    const move = await aMove(world, tenancy, source, target);
    const leaving = await suite.another({ redisUrl, name: 'leaving' });
    leaving.runner.stop();
    await leaving.handle(move);
    const yielded = await current(world, move);
    expect(yielded).toMatchObject({ status: 'running', lease: null, fence: 1 });
    expect(await jobStateOf(yielded)).toBe('waiting');
    startProcessors();
    expect(await untilEnded(world, move)).toMatchObject({ status: 'succeeded', result: { moved: 151 } });
  });

  it("[BUY-6] a purchase that waits for the provider goes on when its time has come, from MongoDB's clock", async () => {
    await paymentFault(world, 'http500', { count: 1 });
    const purchase = await aPurchase(world, tenancy);
    startProcessors();
    const dispatcher = worker.dispatcher(OPERATION_QUEUES);
    dispatcher.onApplicationBootstrap();
    const ended = await untilEnded(world, purchase);
    expect(ended).toMatchObject({ status: 'succeeded', fence: 2 });
    expect(ended.endedAt!.getTime() - ended.startedAt!.getTime()).toBeGreaterThanOrEqual(500);
  });
});
