/** BullMQ alone: one hop, a processor that does nothing. */
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { newId } from '@commissary/platform';
import type { OpenSide, StoreAddresses } from '../lib/side-contract.js';

/** As the application has it for purchases. */
const CONCURRENCY = 128;
/** Adds under way at once, as many requests as a gateway has. */
export const IN_FLIGHT = 32;
const KEPT = { removeOnComplete: { count: 1_000 }, removeOnFail: { count: 1_000 } };

export interface QueueTask {
  jobs: number;
}

/** Calls `add` so many times, some at once. */
export const addAll = async (jobs: number, add: () => Promise<unknown>): Promise<void> => {
  let started = 0;
  const lane = async (): Promise<void> => {
    while (started < jobs) {
      started += 1;
      await add();
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
};

export const open = async (at: StoreAddresses): Promise<OpenSide<QueueTask, void>> => {
  const connection = new Redis(at.redisUrl);
  const blocking = new Redis(at.redisUrl, { maxRetriesPerRequest: null });
  const common = { prefix: at.queuePrefix, skipVersionCheck: true };
  const queue = new Queue('purchases', { ...common, connection });
  let left = 0;
  let whenDone: (() => void) | null = null;
  const worker = new Worker('purchases', async () => undefined, {
    ...common,
    connection: blocking,
    concurrency: CONCURRENCY,
  });
  worker.on('completed', () => {
    left -= 1;
    if (left === 0) whenDone?.();
  });
  const add = (): Promise<unknown> => {
    const data = { v: 1, operationId: newId('op'), tenantId: 'ten_bench' };
    return queue.add('purchase.run', data, { ...KEPT, jobId: `${data.operationId}-0` });
  };
  return {
    run: async ({ jobs }) => {
      left = jobs;
      const done = new Promise<void>((resolve) => (whenDone = resolve));
      await addAll(jobs, add);
      await done;
    },
    close: async () => {
      await worker.close();
      await queue.close();
      for (const each of [connection, blocking]) each.disconnect();
    },
  };
};
