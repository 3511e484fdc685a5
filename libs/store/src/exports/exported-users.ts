import type { Database } from '../database.js';
import type { SubscriptionDocument, UserDocument } from '../collections/index.js';
import { oneAhead } from './one-ahead.js';
import { bytesOf, decoded } from './raw-documents.js';
import { type HolderColumns, SubscriptionHolders } from './subscription-holders.js';

type Account = Pick<UserDocument, '_id' | 'displayName' | 'email' | 'department' | 'usageLocation'>;

export interface ExportedUser {
  account: Account;
  /** Null where the license has been swept. */
  assignedAt: Date | null;
}

/** Holders and their accounts, both in the order of user ids. */
interface Page {
  holders: HolderColumns;
  accounts: readonly Uint8Array[];
}

/** Users looked up together, and as many licenses read by one query; twice as many waiting for a socket take three times the memory. */
const PAGE = 500;
/** Users that are objects at the same time. */
const BATCH = 100;

/**
 * A subscription's users in the order of their ids, in batches: flat memory for a million, whoever reads them how slowly. The
 * next page is read while one is written out. [ADM-3]
 */
export async function* exportedUsers(
  database: Database,
  subscription: Pick<SubscriptionDocument, '_id' | 'tenantId'>,
): AsyncGenerator<ExportedUser[]> {
  const holders = oneAhead(holdersOf(database, subscription));
  const pages = oneAhead(withAccounts(database, subscription.tenantId, holders));
  for await (const page of pages) yield* batchesOf(page);
}

async function* holdersOf(
  database: Database,
  subscription: Pick<SubscriptionDocument, '_id' | 'tenantId'>,
): AsyncGenerator<HolderColumns> {
  const reader = new SubscriptionHolders(database);
  let page: HolderColumns | undefined;
  do {
    page = await reader.nextColumns(subscription, page?.last ?? null, PAGE);
    if (page.userIds.length > 0) yield page;
  } while (page.userIds.length === PAGE);
}

async function* withAccounts(
  database: Database,
  tenantId: string,
  source: AsyncGenerator<HolderColumns>,
): AsyncGenerator<Page> {
  for await (const holders of source) {
    yield { holders, accounts: await accountsOf(database, tenantId, holders.userIds) };
  }
}

/** Not of deleted users: nobody can give them a license. */
const accountsOf = (database: Database, tenantId: string, ids: string[]): Promise<Uint8Array[]> =>
  bytesOf(
    database.models.users,
    { _id: { $in: ids }, tenantId, state: { $ne: 'deleted' } },
    {
      projection: { displayName: 1, email: 1, department: 1, usageLocation: 1 },
      sort: { _id: 1 },
      batchSize: ids.length + 1,
    },
  );

function* batchesOf({ holders: { userIds, assignedAt }, accounts }: Page): Generator<ExportedUser[]> {
  let place = 0;
  for (let from = 0; from < accounts.length; from += BATCH) {
    yield accounts.slice(from, from + BATCH).map((bytes) => {
      const account = decoded(bytes) as Account;
      while (userIds[place] !== account._id) {
        if (place >= userIds.length) throw new Error(`${account._id} was not asked for`);
        place += 1;
      }
      const at = assignedAt[place] ?? null;
      return { account, assignedAt: at === null ? null : new Date(at) };
    });
  }
}
