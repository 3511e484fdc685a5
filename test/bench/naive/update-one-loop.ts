/** The first thing one would write: a loop, a write per user. */
import { Database } from '@commissary/store';
import type { OpenSide, StoreAddresses } from '../lib/side-contract.js';
import type { NaiveMoveTask } from './naive-move.js';
import { collectionsOf } from '../../support/driver.js';

export const open = async (at: StoreAddresses): Promise<OpenSide<NaiveMoveTask, void>> => {
  const database = await Database.connect({ uri: at.mongodbUri, appName: 'bench-naive' });
  const { licenses } = collectionsOf(database);
  return {
    run: async ({ tenantId, sourceId, targetId, userIds }) => {
      for (const userId of userIds) {
        await licenses.updateOne(
          { tenantId, userId, subscriptionId: sourceId },
          { $set: { subscriptionId: targetId } },
        );
      }
    },
    close: () => database.close(),
  };
};
