import type { Database } from '../database.js';
import type { SubscriptionDocument, UserDocument } from '../documents/index.js';
import { oneAhead } from './one-ahead.js';
import { type Holder, SubscriptionHolders } from './subscription-holders.js';

type Account = Pick<UserDocument, 'displayName' | 'email' | 'department' | 'usageLocation'>;

export interface ExportedUser extends Account {
  /** Null where the license has been swept. */
  assignedAt: Date | null;
}

/** Users looked up together, and as many licenses read by one query. */
const BATCH = 1_000;

/**
 * A subscription's users in the order of their ids, in batches: flat memory for a million, whoever reads them how slowly. The
 * next batch is read while one is written out. [ADM-3]
 */
export const exportedUsers = (
  database: Database,
  subscription: Pick<SubscriptionDocument, '_id' | 'tenantId'>,
): AsyncGenerator<ExportedUser[]> =>
  oneAhead(withAccounts(database, subscription.tenantId, oneAhead(batches(database, subscription))));

async function* batches(
  database: Database,
  subscription: Pick<SubscriptionDocument, '_id' | 'tenantId'>,
): AsyncGenerator<Holder[]> {
  const holders = new SubscriptionHolders(database);
  let last: Holder | undefined;
  do {
    const batch = await holders.next(subscription, last?.place ?? null, BATCH);
    if (batch.length > 0) yield batch;
    last = batch.length === BATCH ? batch.at(-1) : undefined;
  } while (last);
}

async function* withAccounts(
  database: Database,
  tenantId: string,
  source: AsyncGenerator<Holder[]>,
): AsyncGenerator<ExportedUser[]> {
  for await (const holders of source) {
    const accounts = await accountsOf(
      database,
      tenantId,
      holders.map((holder) => holder.userId),
    );
    yield holders.flatMap(({ userId, license }) => {
      const account = accounts.get(userId);
      return account ? [{ ...account, assignedAt: license?.assignedAt ?? null }] : [];
    });
  }
}

/** Not of deleted users: nobody can give them a license. */
const accountsOf = async (
  database: Database,
  tenantId: string,
  userIds: string[],
): Promise<ReadonlyMap<string, Account>> => {
  const users = await database.collections.users
    .find(
      { _id: { $in: userIds }, tenantId, state: { $ne: 'deleted' } },
      {
        projection: { displayName: 1, email: 1, department: 1, usageLocation: 1 },
        batchSize: userIds.length + 1,
      },
    )
    .toArray();
  return new Map(users.map((user) => [user._id, user]));
};
