import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { signal } from '../e2e/support/stack.js';
import { ensureFaultStack } from './support/fault-stack.js';
import { allWell, post, prepared } from './support/load.js';
import { expectNothingWrong } from './support/nothing-wrong.js';
import { killedAndBack, redisAnswers, redisKilledWithItsData, withRedis } from './support/outsiders.js';
import { type Service, startWorker } from './support/service.js';

let worker: Service;

beforeAll(async () => {
  await ensureFaultStack();
  worker = await startWorker({ queues: ['purchases'] });
});
afterAll(async () => {
  await worker.stop();
});
afterEach(expectNothingWrong);

describe('Redis', () => {
  it('killed, and its data with it, before what was accepted has been done [OPS-4]', async () => {
    const purchases = await prepared();
    worker.signal('SIGSTOP');
    const accepted = await post(purchases)
      .then(async (operations) => {
        await redisKilledWithItsData();
        return operations;
      })
      .finally(() => worker.signal('SIGCONT'));
    await allWell(purchases, accepted);
  });

  it('killed, with its append-only file there when it starts again [OPS-4]', async () => {
    const purchases = await prepared();
    worker.signal('SIGSTOP');
    const accepted = await post(purchases)
      .then(async (operations) => {
        await killedAndBack('redis-server');
        await redisAnswers();
        return operations;
      })
      .finally(() => worker.signal('SIGCONT'));
    await allWell(purchases, accepted);
  });

  it('out of memory: 202 all the same, and each ends once there is room again [OPS-4]', async () => {
    const purchases = await prepared();
    await withRedis((redis) => redis.config('SET', 'maxmemory', '1'));
    const accepted = await post(purchases).finally(() =>
      withRedis((redis) => redis.config('SET', 'maxmemory', '0')),
    );
    await allWell(purchases, accepted);
  });

  it('stopped while purchases are asked for and done: nobody waits for it [OPS-4]', async () => {
    const purchases = await prepared();
    const pid = signal('redis-server', 'SIGSTOP');
    const began = performance.now();
    const accepted = await post(purchases).finally(() => process.kill(pid, 'SIGCONT'));
    // Redis goes on only after them: who waits for it waits for good. The rest is how busy the machine is.
    expect(performance.now() - began).toBeLessThan(20_000);
    await redisAnswers();
    await allWell(purchases, accepted);
  });
});
