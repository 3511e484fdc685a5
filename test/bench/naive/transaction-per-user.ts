/** The careful way: license, both counters, progress and a result row in one transaction per user. */
import { Database } from '@commissary/store';
import type { OpenSide, StoreAddresses } from '../lib/side-contract.js';
import type { NaiveMoveTask } from './naive-move.js';
import { collectionsOf } from '../../support/driver.js';

export const open = async (at: StoreAddresses): Promise<OpenSide<NaiveMoveTask, void>> => {
  const database = await Database.connect({ uri: at.mongodbUri, appName: 'bench-naive' });
  const { licenses, subscriptions, operations, operationResults } = collectionsOf(database);
  const moveOne = (
    { tenantId, operationId, sourceId, targetId }: NaiveMoveTask,
    userId: string,
    seq: number,
  ): Promise<void> =>
    database.transaction(async (session) => {
      const options = { session };
      await licenses.updateOne(
        { tenantId, userId, subscriptionId: sourceId },
        { $set: { subscriptionId: targetId } },
        options,
      );
      await subscriptions.updateOne({ _id: sourceId }, { $inc: { 'seats.assigned': -1 } }, options);
      await subscriptions.updateOne({ _id: targetId }, { $inc: { 'seats.assigned': 1 } }, options);
      await operations.updateOne(
        { _id: operationId },
        { $inc: { 'progress.done': 1 }, $set: { cursor: userId } },
        options,
      );
      const groups = [{ outcome: 'moved' as const, reason: null, userIds: [userId] }];
      const _id = `${operationId}:${seq}`;
      await operationResults.insertOne({ _id, tenantId, operationId, seq, groups, at: new Date() }, options);
    });
  return {
    run: async (task) => {
      for (const [seq, userId] of task.userIds.entries()) await moveOne(task, userId, seq);
    },
    close: () => database.close(),
  };
};
