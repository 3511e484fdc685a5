/** The project's queue path alone: producer with contracts, processor with contracts, a handler that does nothing. */
import { createLogger, newId } from '@commissary/platform';
import { DONE, JobProducer, wakeUpId } from '@commissary/queue';
import { StandaloneProcessor } from '../../../support/standalone-processor.js';
import { addAll, type QueueTask } from '../../references/no-op-queue.js';
import type { OpenSide, StoreAddresses } from '../side-contract.js';

/** As the application has it for purchases. */
const CONCURRENCY = 128;
/** A gateway gives up sooner; here a job that is not on the queue would never be counted. */
const PATIENCE_MS = 10_000;

export const open = async (at: StoreAddresses): Promise<OpenSide<QueueTask, void>> => {
  const producer = JobProducer.connect({ redisUrl: at.redisUrl, prefix: at.queuePrefix });
  let left = 0;
  let whenDone: (() => void) | null = null;
  const processor = new StandaloneProcessor({
    queue: 'purchases',
    handlers: {
      'seat-change.run': () => Promise.resolve(DONE),
      'purchase.run': async () => {
        left -= 1;
        if (left === 0) whenDone?.();
        return DONE;
      },
    },
    concurrency: CONCURRENCY,
    redisUrl: at.redisUrl,
    prefix: at.queuePrefix,
    log: createLogger('worker', 'error'),
  });
  processor.start();
  const add = async (): Promise<void> => {
    const operationId = newId('op');
    const payload = { v: 1 as const, operationId, tenantId: 'ten_bench' };
    const job = { name: 'purchase.run' as const, payload, jobId: wakeUpId(operationId, 0) };
    const taken = await producer.enqueueAll([job], PATIENCE_MS);
    if (!taken) throw new Error('the queue did not take a job in time');
  };
  return {
    run: async ({ jobs }) => {
      left = jobs;
      const done = new Promise<void>((resolve) => (whenDone = resolve));
      await addAll(jobs, add);
      await done;
    },
    close: async () => {
      await processor.stop();
      await producer.close();
    },
  };
};
