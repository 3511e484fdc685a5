/** The mover: the worker of the queue `license-moves`. */
import { isEnded } from '@commissary/domain';
import { wakeUpId } from '@commissary/queue';
import type { OpenSide, StoreAddresses } from '../side-contract.js';
import { openWorkerApp } from './worker-app.js';

export interface MoveTask {
  operationId: string;
  tenantId: string;
}

export const open = async (at: StoreAddresses): Promise<OpenSide<MoveTask, void>> => {
  const app = await openWorkerApp(at, 'license-moves');
  const { operations } = app.database.collections;
  let whenEnded: (() => void) | null = null;
  // A move may take several jobs, for it gives its slot back every few seconds.
  app.onJob(async (operationId) => {
    const operation = await operations.findOne({ _id: operationId }, { projection: { status: 1 } });
    if (operation && isEnded(operation.status)) whenEnded?.();
  });
  return {
    run: ({ operationId, tenantId }) =>
      app.whileDispatching(async () => {
        const ended = new Promise<void>((resolve) => (whenEnded = resolve));
        const payload = { v: 1 as const, operationId, tenantId };
        await app.producer.enqueue({ name: 'license-move.run', payload, jobId: wakeUpId(operationId, 0) });
        await ended;
      }),
    close: () => app.close(),
  };
};
