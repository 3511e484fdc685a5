/** The worker of the queue `purchases`. */
import { wakeUpId } from '@commissary/queue';
import type { OpenSide, StoreAddresses } from '../side-contract.js';
import { openWorkerApp } from './worker-app.js';

export interface PurchaseTask {
  tenantId: string;
  operationIds: string[];
}

const ENQUEUE_TIMEOUT_MS = 5_000;

export const open = async (at: StoreAddresses): Promise<OpenSide<PurchaseTask, void>> => {
  const app = await openWorkerApp(at, 'purchases');
  let left = 0;
  let whenDone: (() => void) | null = null;
  app.onJob(() => {
    left -= 1;
    if (left === 0) whenDone?.();
  });
  return {
    run: ({ tenantId, operationIds }) =>
      app.whileDispatching(async () => {
        left = operationIds.length;
        const done = new Promise<void>((resolve) => (whenDone = resolve));
        const jobs = operationIds.map((operationId) => ({
          name: 'purchase.run' as const,
          payload: { v: 1 as const, operationId, tenantId },
          jobId: wakeUpId(operationId, 0),
        }));
        await app.producer.enqueueAll(jobs, ENQUEUE_TIMEOUT_MS);
        await done;
      }),
    close: () => app.close(),
  };
};
