import { newId } from '@commissary/platform';
import {
  type CollectionName,
  type Database,
  type OperationOf,
  OperationsRepository,
  SubscriptionHolders,
} from '@commissary/store';
import { clear, insertAll } from './fresh.js';
import { ADMIN, moveData, type MoveData, MOVE_COLLECTIONS, TENANT } from './move-data.js';
import { collectionsOf } from '../../../support/driver.js';

/** A self-service subscription of `users` licenses and an accepted cancellation of it. */
export interface CancelData extends Pick<MoveData, 'source' | 'licenses'> {
  operation: OperationOf<'cancellation'>;
}

export const CANCEL_COLLECTIONS: CollectionName[] = [...MOVE_COLLECTIONS, 'idempotency'];

export const cancelData = (users: number): CancelData => {
  const { source, licenses } = moveData(users);
  const id = newId('op');
  const operation = OperationsRepository.newDocument(
    {
      id,
      tenantId: TENANT._id,
      type: 'cancellation',
      subscriptionId: source._id,
      request: { by: 'admin', reason: 'unused', comment: null, onBehalfOf: null },
      requestedBy: { userId: ADMIN._id, displayName: ADMIN.displayName, tenantId: TENANT._id },
      origin: { ip: '127.0.0.1', requestId: newId('req') },
      total: users,
    },
    new Date(Date.now() - 60_000),
  );
  return { source: { ...source, operationId: id }, licenses, operation };
};

/** Puts the data where nothing of an earlier run is left. */
export const loadCancel = async (
  database: Database,
  { source, licenses, operation }: CancelData,
): Promise<void> => {
  await clear(database, CANCEL_COLLECTIONS);
  await insertAll(database, 'subscriptions', [source]);
  await insertAll(database, 'licenses', licenses);
  await insertAll(database, 'operations', [operation]);
};

/** Throws unless it ended well, no license is left, and every user has a result, an e-mail owed or queued, and a place in the list. */
export const requireCanceled = async (database: Database, data: CancelData): Promise<void> => {
  const collections = collectionsOf(database);
  const ended = await collections.operations.findOne({ _id: data.operation._id });
  const left = await collections.licenses.countDocuments({ subscriptionId: data.source._id });
  const results = await collections.operationResults.find({ operationId: data.operation._id }).toArray();
  const removals = await collections.events.find({ type: 'access.removed' }).toArray();
  const found = {
    results: results.flatMap((row) => row.groups).flatMap((group) => group.userIds).length,
    mails: removals.flatMap((event) => (event.data as unknown as Recipients).recipients.accessRemoved).length,
    listed: await countHolders(database, data),
  };
  const whole = Object.values(found).every((count) => count === data.licenses.length);
  if (ended?.status === 'succeeded' && left === 0 && whole) return;
  const counts = JSON.stringify({ ...found, left, of: data.licenses.length });
  throw new Error(`the cancellation is ${ended?.status ?? 'gone'}: ${counts}`);
};

interface Recipients {
  recipients: { accessRemoved: string[] };
}

const PAGE = 10_000;

const countHolders = async (database: Database, { source }: CancelData): Promise<number> => {
  const holders = new SubscriptionHolders(database);
  let count = 0;
  for (let page = await holders.next(source, null, PAGE); page.length > 0;) {
    count += page.length;
    page = await holders.next(source, page.at(-1)?.place ?? null, PAGE);
  }
  return count;
};
