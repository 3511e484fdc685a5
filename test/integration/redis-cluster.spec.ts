import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { QueueView } from '@commissary/audit';
import { JOBS, type JobName, type JobPayload, QUEUES, type QueueName } from '@commissary/contracts';
import { DONE, type Handlers, JobProducer, queuePrefix, wakeUpId } from '@commissary/queue';
import { until } from '../support/fixtures/operations.js';
import { TestGateway } from '../support/gateway/test-gateway.js';
import { RedisCluster } from '../support/redis-cluster.js';
import { StandaloneProcessor } from '../support/standalone-processor.js';

const PREFIX = 'clustered';
const ENQUEUE_WITHIN_MS = 10_000;
const START_WITHIN_MS = 120_000;

let cluster: RedisCluster;
let producer: JobProducer;
let processors: StandaloneProcessor<QueueName>[] = [];
/** What went wrong at the workers; a CROSSSLOT error of one of BullMQ's scripts ends here. */
const warnings: unknown[] = [];

beforeAll(async () => {
  cluster = await RedisCluster.start();
  producer = JobProducer.connect({ redisUrl: cluster.url, prefix: PREFIX });
  await Promise.all(producer.allQueues().map((queue) => queue.waitUntilReady()));
}, START_WITHIN_MS);

afterEach(async () => {
  await Promise.all(processors.map((processor) => processor.stop()));
  processors = [];
  expect(warnings).toEqual([]);
});

afterAll(async () => {
  await producer.close();
  await cluster.stop();
});

const queueOf = (name: QueueName) => producer.allQueues().find((queue) => queue.name === name)!;

const jobId = (operationId: string): string => wakeUpId(operationId, 0);

const operationJob = (operationId: string) => ({ v: 1, operationId, tenantId: 'ten_1' }) as const;

const serve = <Q extends QueueName>(queue: Q, handlers: Handlers<Q>): void => {
  const log = { warn: (fields: object, message: string) => void warnings.push({ ...fields, message }) };
  const made = new StandaloneProcessor({
    queue,
    handlers,
    concurrency: 4,
    redisUrl: cluster.url,
    prefix: PREFIX,
    log,
  });
  made.start();
  processors.push(made as unknown as StandaloneProcessor<QueueName>);
};

/** A handler that ends its jobs and keeps their payloads. */
const recording =
  <N extends JobName>(seen: JobPayload<N>[]) =>
  async (payload: JobPayload<N>) => {
    seen.push(payload);
    return DONE;
  };

describe('the queues on a Redis Cluster', () => {
  it('lie on several nodes, all keys of one on the same', async () => {
    for (const name of Object.keys(JOBS) as JobName[]) {
      const payload =
        name === 'lifecycle.sweep'
          ? { v: 1 as const }
          : name === 'notification.send'
            ? { v: 1 as const, notificationId: 'ntf_1', tenantId: 'ten_1' }
            : operationJob(`op_${JOBS[name].queue}`);
      expect(await producer.enqueueAll([{ name, payload, jobId: `of-${name}` }], ENQUEUE_WITHIN_MS)).toBe(
        true,
      );
    }
    const byNode = await cluster.keysByNode();
    const nodesOf = (queue: QueueName) =>
      byNode.flatMap((keys, node) =>
        keys.some((key) => key.startsWith(`${queuePrefix(PREFIX, queue)}:`)) ? [node] : [],
      );
    for (const queue of QUEUES) expect(nodesOf(queue)).toHaveLength(1);
    expect(new Set(QUEUES.flatMap(nodesOf)).size).toBeGreaterThan(1);
    await Promise.all(producer.allQueues().map((queue) => queue.obliterate({ force: true })));
  });

  it('have their jobs done, several at once and from one call, each once', async () => {
    const [moved, canceled, bought, told]: [
      JobPayload<'license-move.run'>[],
      JobPayload<'cancellation.run'>[],
      JobPayload<'purchase.run'>[],
      JobPayload<'notification.send'>[],
    ] = [[], [], [], []];
    serve('license-moves', { 'license-move.run': recording(moved) });
    serve('cancellations', { 'cancellation.run': recording(canceled) });
    serve('purchases', { 'purchase.run': recording(bought), 'seat-change.run': recording(bought) });
    serve('notifications', { 'notification.send': recording(told) });
    const many = Array.from({ length: 50 }, (_, place) => `op_${place}`);
    const jobsOf = <N extends JobName>(name: N) =>
      many.map((id) => ({ name, payload: operationJob(id) as unknown as JobPayload<N>, jobId: jobId(id) }));
    const mails = many.map((id) => ({
      name: 'notification.send' as const,
      payload: { v: 1 as const, notificationId: id, tenantId: 'ten_1' },
      jobId: jobId(id),
    }));
    const taken = await Promise.all([
      producer.enqueueAll(jobsOf('license-move.run'), ENQUEUE_WITHIN_MS),
      producer.enqueueAll(jobsOf('cancellation.run'), ENQUEUE_WITHIN_MS),
      producer.enqueueAll(jobsOf('purchase.run'), ENQUEUE_WITHIN_MS),
      producer.enqueueAll(mails, ENQUEUE_WITHIN_MS),
    ]);
    expect(taken).toEqual([true, true, true, true]);
    await until(
      async () => [moved, canceled, bought, told].map((seen) => seen.length),
      (counts) => counts.every((count) => count >= many.length),
    );
    for (const seen of [moved, canceled, bought]) {
      expect(seen.map(({ operationId }) => operationId).toSorted()).toEqual(many.toSorted());
    }
    expect(told.map(({ notificationId }) => notificationId).toSorted()).toEqual(many.toSorted());
  });

  it('delay a job whose work is held by another, and bring it again', async () => {
    let runs = 0;
    const handler = async () => ((runs += 1) === 1 ? ({ kind: 'later', inMs: 300 } as const) : DONE);
    serve('cancellations', { 'cancellation.run': handler });
    const id = jobId('op_later');
    const job = { name: 'cancellation.run', payload: operationJob('op_later'), jobId: id } as const;
    await producer.enqueueAll([job], ENQUEUE_WITHIN_MS);
    await until(
      () => queueOf('cancellations').getJobState(id),
      (state) => state === 'completed',
    );
    expect(runs).toBe(2);
  });

  it('keep a schedule, whose job comes again and again', async () => {
    const swept: JobPayload<'lifecycle.sweep'>[] = [];
    serve('renewals', { 'renewal.run': async () => DONE, 'lifecycle.sweep': recording(swept) });
    const sweep = { name: 'lifecycle.sweep', payload: { v: 1 } } as const;
    for (let look = 0; look < 2; look += 1) {
      expect(await producer.keepSchedule(sweep, 300, ENQUEUE_WITHIN_MS)).toBe(true);
    }
    await until(
      async () => swept.length,
      (count) => count >= 3,
    );
    expect(await queueOf('renewals').getJobSchedulersCount()).toBe(1);
    await queueOf('renewals').removeJobScheduler('lifecycle.sweep');
  });

  it('wake jobs that sleep beyond their time, and add those that are missing', async () => {
    const queue = queueOf('license-moves');
    const jobs = ['op_asleep', 'op_missing'].map((id) => ({
      name: 'license-move.run' as const,
      payload: operationJob(id),
      jobId: jobId(id),
    }));
    const [asleep] = jobs;
    await queue.add(asleep!.name, asleep!.payload, { jobId: asleep!.jobId, delay: 600_000 });
    expect(await producer.wakeAll(jobs, ENQUEUE_WITHIN_MS)).toBe(true);
    // All are there now, which one command over the keys of them all tells.
    expect(await producer.wakeAll(jobs, ENQUEUE_WITHIN_MS)).toBe(true);
    const seen: JobPayload<'license-move.run'>[] = [];
    serve('license-moves', { 'license-move.run': recording(seen) });
    await until(
      async () => seen.map(({ operationId }) => operationId).toSorted(),
      (ids) => ids.length === 2,
    );
  });

  it('are read by the audit', async () => {
    const payload = operationJob('op_held');
    const job = { name: 'purchase.run', payload, jobId: jobId('op_held') } as const;
    await producer.enqueueAll([job], ENQUEUE_WITHIN_MS);
    const view = await QueueView.connect(cluster.url, PREFIX);
    try {
      expect(await view.holds('purchases', 'op_held', 0)).toBe(true);
      expect(await view.holds('purchases', 'op_unknown', 0)).toBe(false);
      const held: unknown[] = [];
      for await (const { queue, data } of view.jobs()) if (queue === 'purchases') held.push(data);
      expect(held).toContainEqual(payload);
    } finally {
      await view.close();
    }
  });

  it('[OPS-1, OPS-2] are shown by the dashboard of a gateway, which is ready', async () => {
    const gateway = await TestGateway.start({ REDIS_URL: cluster.url, QUEUE_PREFIX: PREFIX });
    try {
      const operator = await gateway.user(await gateway.tenant({ type: 'platform' }), {
        roles: ['operator'],
      });
      const board = await gateway.as<{ queues: { name: string; counts: Record<string, number> }[] }>(
        operator,
        'GET',
        '/queues/api/queues?activeQueue=purchases&status=waiting&page=1',
      );
      expect(board.status).toBe(200);
      expect(board.body.queues.map(({ name }) => name)).toEqual([...QUEUES]);
      const purchases = board.body.queues.find(({ name }) => name === 'purchases');
      expect(purchases?.counts).toMatchObject({ waiting: 1, completed: 50 });
      const page = await gateway.as<string>(operator, 'GET', '/queues');
      expect([page.status, page.body]).toEqual([200, expect.stringContaining('Commissary queues')]);
      const redis = await gateway.as(operator, 'GET', '/queues/api/redis/stats');
      expect(redis.status).toBe(200);
      const ready = await gateway.ask<{ redis: string }>('GET', '/readyz');
      expect(ready.body.redis).toBe('up');
    } finally {
      await gateway.close();
    }
  });
});
