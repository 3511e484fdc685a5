/** The worker of the queue `cancellations`, and what the dispatcher does for the mails it owes. */
import { Database, NotificationsRepository } from '@commissary/store';
import type { OpenSide, StoreAddresses } from '../side-contract.js';
import { openOperations, type OperationTask } from './operation-side.js';

export interface CancelTask extends OperationTask {
  /** Puts them in the outbox as well. */
  mails: boolean;
}

export const open = async (at: StoreAddresses): Promise<OpenSide<CancelTask, void>> => {
  const worker = await openOperations(at, 'cancellations', 'cancellation');
  const database = await Database.connect({ uri: at.mongodbUri, appName: 'bench-outbox' });
  const outbox = new NotificationsRepository(database);
  return {
    run: async (task) => {
      await worker.run(task);
      while (task.mails && (await outbox.queueMailing()));
    },
    close: async () => {
      await worker.close();
      await database.close();
    },
  };
};
