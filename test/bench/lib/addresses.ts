import type { Bench } from './goal.js';
import type { StoreAddresses } from './side-contract.js';

/** Where a side that works on this database finds the stores; its queues are its own as well. */
export const addressesOf = ({ stores }: Bench, databaseName: string): StoreAddresses => ({
  mongodbUri: stores.uriOf(databaseName),
  redisUrl: stores.redisUrl,
  queuePrefix: databaseName,
});
