import type { Database } from '@commissary/store';
import type { open as openUpdateMany } from '../references/update-many.js';
import { addressesOf } from './addresses.js';
import { cancelData, loadCancel, requireCanceled } from './data/cancel-data.js';
import { insertAll } from './data/fresh.js';
import { ADMIN, TENANT } from './data/move-data.js';
import type { Bench } from './goal.js';
import type { open as openCanceller } from './project/canceller.js';
import { Side } from './side.js';
import type { StoreAddresses } from './side-contract.js';
import type { Variant } from './slices.js';
import { dbOf } from '../../support/driver.js';

const DATABASE = 'bench_cancellations';

/** A database for cancellations, their worker, and the raw reference. */
export interface Cancelling {
  database: Database;
  at: StoreAddresses;
  canceller: Awaited<ReturnType<typeof startCanceller>>;
  raw: Awaited<ReturnType<typeof startRaw>>;
  close(): Promise<void>;
}

const startCanceller = (at: StoreAddresses) =>
  Side.start<typeof openCanceller>('lib/project/canceller.js', at);
const startRaw = (at: StoreAddresses) => Side.start<typeof openUpdateMany>('references/update-many.js', at);

export const openCancelling = async (bench: Bench): Promise<Cancelling> => {
  const database = await bench.stores.open(DATABASE);
  await insertAll(database, 'tenants', [TENANT]);
  await insertAll(database, 'users', [ADMIN]);
  const at = addressesOf(bench, DATABASE);
  const [canceller, raw] = await Promise.all([startCanceller(at), startRaw(at)]);
  const close = async (): Promise<void> => {
    await Promise.all([canceller.close(), raw.close()]);
    await dbOf(database).dropDatabase();
    await database.close();
  };
  return { database, at, canceller, raw, close };
};

/** A whole cancellation of `users` licenses; `mails`: until a row of the outbox for each of them is there as well. */
export const projectCancel = (
  { database, canceller }: Cancelling,
  users: number,
  { mails = false }: { mails?: boolean } = {},
): Variant => {
  const data = cancelData(users);
  const { _id: operationId, tenantId } = data.operation;
  return {
    name: mails ? 'cancellation, every mail queued' : 'cancellation',
    pid: canceller.pid,
    prepare: () => loadCancel(database, data),
    run: async () => {
      const { seconds, cpuSeconds } = await canceller.run({ operationId, tenantId, mails });
      await requireCanceled(database, data);
      return { operations: users, seconds, cpuSeconds };
    },
  };
};
