import type { CollectionName, Database } from '@commissary/store';
import type { open as openFloor } from '../references/floor-purchases.js';
import {
  idsOf,
  loadPurchases,
  type PurchaseData,
  purchaseData,
  requirePurchased,
} from './data/purchase-data.js';
import { openShop, PURCHASE_COLLECTIONS, type Shop } from './data/shop.js';
import { digestOf, requireEqual } from './digest.js';
import type { Bench } from './goal.js';
import { addressesOf } from './addresses.js';
import type { open as openPurchaser } from './project/purchaser.js';
import { Side } from './side.js';
import type { Timed, Variant } from './slices.js';
import { quantile } from './statistics.js';
import { collectionsOf, dbOf } from '../../support/driver.js';
import { migrate } from '@commissary/store';

const DATABASE = 'bench_purchases';
const EQUALITY_PURCHASES = 40;

type Purchaser = Awaited<ReturnType<typeof Side.start<typeof openPurchaser>>>;

/** A shop, the project's worker of purchases, and the floor. */
export interface Purchasing {
  database: Database;
  shop: Shop;
  worker: Purchaser;
  floor: Purchaser;
  close(): Promise<void>;
}

export const openPurchasing = async (bench: Bench, buyers: number): Promise<Purchasing> => {
  const database = await bench.stores.open(DATABASE);
  await dbOf(database).dropDatabase();
  await migrate(database, { holder: 'test' });
  const shop = await openShop(database, Math.max(buyers, EQUALITY_PURCHASES));
  await collectionsOf(database).paymentMethods.insertMany(shop.cards);
  const [worker, floor] = await Promise.all([
    Side.start<typeof openPurchaser>('lib/project/purchaser.js', addressesOf(bench, DATABASE)),
    // Queues of its own: one processor a queue.
    Side.start<typeof openFloor>('references/floor-purchases.js', {
      ...addressesOf(bench, DATABASE),
      queuePrefix: 'bench_floor',
    }),
  ]);
  const close = async (): Promise<void> => {
    await Promise.all([worker.close(), floor.close()]);
    await dbOf(database).dropDatabase();
    await database.close();
  };
  return { database, shop, worker, floor, close };
};

const taskOf = ({ shop }: Purchasing, data: PurchaseData, oneByOne = false) => ({
  tenantId: shop.tenant._id,
  operationIds: data.operations.map((operation) => operation._id),
  oneByOne,
});

/** So many accepted purchases, from the queue to their end: all at once, or each when the one before it has ended. */
export const purchasesBy = (
  purchasing: Purchasing,
  side: 'worker' | 'floor',
  count: number,
  { oneByOne = false } = {},
): Variant => {
  const { database, shop } = purchasing;
  const data = purchaseData(shop, count);
  const name = side === 'floor' ? 'floor script' : 'purchases';
  return {
    name: oneByOne ? `${name}, one by one` : name,
    pid: purchasing[side].pid,
    prepare: () => loadPurchases(database, data),
    run: async () => {
      const { value, seconds, cpuSeconds } = await purchasing[side].run(taskOf(purchasing, data, oneByOne));
      await requirePurchased(database, data);
      const timed = { operations: count, seconds, cpuSeconds };
      return oneByOne ? { ...timed, latency: latencyOf(value) } : timed;
    },
  };
};

const latencyOf = (values: readonly number[]): NonNullable<Timed['latency']> => ({
  p50: quantile(values, 0.5),
  p95: quantile(values, 0.95),
  p99: quantile(values, 0.99),
});

/** Throws unless both leave the same documents everywhere a purchase writes. */
export const requireSamePurchases = async (purchasing: Purchasing): Promise<void> => {
  const { database, shop } = purchasing;
  const data = purchaseData(shop, EQUALITY_PURCHASES);
  const known = idsOf(data);
  const names: CollectionName[] = [...PURCHASE_COLLECTIONS, 'users', 'paymentMethods'];
  const leftBy = async (side: 'worker' | 'floor') => {
    await loadPurchases(database, data);
    await purchasing[side].run(taskOf(purchasing, data));
    await requirePurchased(database, data);
    return digestOf(database, names, known);
  };
  const [reference, project] = [await leftBy('floor'), await leftBy('worker')];
  requireEqual(reference, project);
};
