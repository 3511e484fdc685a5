/** The floor of a move: `updateMany` by 1,000 known ids, same documents, indexes and write concern; no transaction, no results. */
import { Database } from '@commissary/store';
import type { OpenSide, StoreAddresses } from '../lib/side-contract.js';
import { collectionsOf } from '../../support/driver.js';

const CHUNK = 1_000;

export interface RawMoveTask {
  sourceId: string;
  targetId: string;
}

export const open = async (at: StoreAddresses): Promise<OpenSide<RawMoveTask, void>> => {
  const database = await Database.connect({ uri: at.mongodbUri, appName: 'bench-reference' });
  const { licenses } = collectionsOf(database);
  let ids: string[] = [];
  return {
    prepare: async ({ sourceId }) => {
      const rows = await licenses
        .find({ subscriptionId: sourceId }, { projection: { _id: 1 } })
        .sort({ userId: 1 })
        .toArray();
      ids = rows.map((row) => row._id);
    },
    run: async ({ targetId }) => {
      for (let from = 0; from < ids.length; from += CHUNK) {
        await licenses.updateMany(
          { _id: { $in: ids.slice(from, from + CHUNK) } },
          { $set: { subscriptionId: targetId } },
        );
      }
    },
    close: () => database.close(),
  };
};
