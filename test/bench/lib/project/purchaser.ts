/** The worker of the queue `purchases`. */
import { wakeUpId } from '@commissary/queue';
import type { OpenSide, StoreAddresses } from '../side-contract.js';
import { Countdown, type PurchaseTask, runTask } from '../purchase-task.js';
import { openWorkerApp } from './worker-app.js';

const ENQUEUE_TIMEOUT_MS = 5_000;

export const open = async (at: StoreAddresses): Promise<OpenSide<PurchaseTask, number[]>> => {
  const app = await openWorkerApp(at, 'purchases');
  const countdown = new Countdown();
  app.onJob(() => countdown.count());
  return {
    run: (task) => {
      const add = async (operationIds: string[]): Promise<void> => {
        const jobs = operationIds.map((operationId) => ({
          name: 'purchase.run' as const,
          payload: { v: 1 as const, operationId, tenantId: task.tenantId },
          jobId: wakeUpId(operationId, 0),
        }));
        await app.producer.enqueueAll(jobs, ENQUEUE_TIMEOUT_MS);
      };
      const work = () => runTask(task, add, (count) => countdown.from(count));
      // The dispatcher would put all that is due on the queue at once.
      return task.oneByOne ? work() : app.whileDispatching(work);
    },
    close: () => app.close(),
  };
};
