import { JOB_OF_OPERATION, type QueueName } from '@commissary/contracts';
import { isEnded } from '@commissary/domain';
import { wakeUpId } from '@commissary/queue';
import type { OpenSide, StoreAddresses } from '../side-contract.js';
import { openWorkerApp } from './worker-app.js';
import { collectionsOf } from '../../../support/driver.js';

export interface OperationTask {
  operationId: string;
  tenantId: string;
}

/** The worker of a queue, told of one operation at a time; a run lasts until that one has ended. */
export const openOperations = async (
  at: StoreAddresses,
  queue: QueueName,
  type: 'move' | 'cancellation',
): Promise<OpenSide<OperationTask, void>> => {
  const app = await openWorkerApp(at, queue);
  const { operations } = collectionsOf(app.database);
  let whenEnded: (() => void) | null = null;
  // One operation may take several jobs, for it gives its slot back every few seconds.
  app.onJob(async (operationId) => {
    const operation = await operations.findOne({ _id: operationId }, { projection: { status: 1 } });
    if (operation && isEnded(operation.status)) whenEnded?.();
  });
  return {
    run: ({ operationId, tenantId }) =>
      app.whileDispatching(async () => {
        const ended = new Promise<void>((resolve) => (whenEnded = resolve));
        const payload = { v: 1 as const, operationId, tenantId };
        await app.producer.enqueue({
          name: JOB_OF_OPERATION[type],
          payload,
          jobId: wakeUpId(operationId, 0),
        });
        await ended;
      }),
    close: () => app.close(),
  };
};
