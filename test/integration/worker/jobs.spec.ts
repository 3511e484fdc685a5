import { beforeEach, describe, expect, it } from '@jest/globals';
import { wakeUpId } from '@commissary/queue';
import type { OperationDocument } from '@commissary/store';
import type { Queue } from 'bullmq';
import { effectsOf } from '../../support/fixtures/effects.js';
import { current, until, untilEnded } from '../../support/fixtures/operations.js';
import { aPurchase } from '../../support/fixtures/purchases.js';
import { workerSuite } from '../../support/fixtures/suite.js';
import type { TestWorker } from '../../support/fixtures/worker.js';
import { collectionsOf } from '../../support/driver.js';

const suite = workerSuite();
let { world, tenancy } = suite;
let worker: TestWorker;
let queue: Queue;

beforeEach(async () => {
  ({ world, tenancy } = suite);
  worker = await suite.another({ name: 'jobs' });
  queue = worker.producer.allQueues().find((each) => each.name === 'purchases')!;
  await queue.obliterate({ force: true });
});

const payloadOf = ({ _id, tenantId }: OperationDocument) => ({ v: 1 as const, operationId: _id, tenantId });

const stateOf = (jobId: string): Promise<string> => queue.getJobState(jobId);

describe('a job', () => {
  it('[DESIGN claim] whose operation has ended completes without effect', async () => {
    const purchase = await aPurchase(world, tenancy);
    await suite.worker.handle(purchase);
    const [ended, effects] = [await current(world, purchase), await effectsOf(world, purchase)];
    worker.processor('purchases').start();
    await queue.add('purchase.run', payloadOf(purchase), { jobId: 'again' });
    await until(
      () => stateOf('again'),
      (state) => state === 'completed',
    );
    expect(await current(world, purchase)).toEqual(ended);
    expect(await effectsOf(world, purchase)).toEqual(effects);
  });

  it('[DESIGN claim] that meets a live lease waits, and the work goes on when the lease is free', async () => {
    const purchase = await aPurchase(world, tenancy);
    await suite.worker.runs.claim(purchase.tenantId, purchase._id, 'holder');
    await collectionsOf(world.database).operations.updateOne({ _id: purchase._id }, [
      { $set: { 'lease.until': { $add: ['$$NOW', 1_500] } } },
    ]);
    worker.processor('purchases').start();
    const jobId = wakeUpId(purchase._id, 0);
    await worker.producer.enqueue({ name: 'purchase.run', payload: payloadOf(purchase), jobId });
    await until(
      () => stateOf(jobId),
      (state) => state === 'delayed',
    );
    expect((await current(world, purchase)).fence).toBe(1);
    expect(await untilEnded(world, purchase)).toMatchObject({ status: 'succeeded', fence: 2 });
  });

  it.each([
    ['a later version of its payload', 'purchase.run', { v: 2 }],
    ['a name from a later version', 'purchase.reconsider', {}],
    ['a payload with more in it than ids', 'purchase.run', { card: 'tok_visa' }],
  ])('[DESIGN claim] with %s is delayed, not lost, and holds nothing up', async (_, name, more) => {
    const purchase = await aPurchase(world, tenancy);
    worker.processor('purchases').start();
    await queue.add(name, { ...payloadOf(purchase), ...more }, { jobId: 'unknown-job' });
    await until(
      () => stateOf('unknown-job'),
      (state) => state === 'delayed',
    );
    const job = await queue.getJob('unknown-job');
    expect(job?.data).toMatchObject({ operationId: purchase._id });
    expect(await current(world, purchase)).toMatchObject({ status: 'accepted', fence: 0 });
    await worker.dispatcher(['purchases']).tick();
    expect((await untilEnded(world, purchase)).status).toBe('succeeded');
    expect(await stateOf('unknown-job')).toBe('delayed');
  });

  it('[DESIGN habits] holds ids only, and one that names more is not even enqueued', async () => {
    const purchase = await aPurchase(world, tenancy);
    const payload = { ...payloadOf(purchase), email: 'a@contoso.example' };
    await expect(worker.producer.enqueue({ name: 'purchase.run', payload, jobId: 'wordy' })).rejects.toThrow(
      /email/,
    );
    expect(await stateOf('wordy')).toBe('unknown');
  });

  it('[OPS-3] at work when the worker stops is finished before it has stopped', async () => {
    const purchase = await aPurchase(world, tenancy);
    const leaving = await suite.another({ failpoints: 'purchase.charged=delay:300' });
    const processor = leaving.processor('purchases');
    processor.start();
    await leaving.dispatcher(['purchases']).tick();
    await until(
      () => current(world, purchase),
      (operation) => operation.status === 'running',
    );
    await processor.stop();
    expect((await current(world, purchase)).status).toBe('succeeded');
  });
});
