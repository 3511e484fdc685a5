import { newId } from '@commissary/platform';
import {
  type CollectionName,
  type Database,
  type LicenseDocument,
  type OperationOf,
  OperationsRepository,
  type SubscriptionDocument,
} from '@commissary/store';
import { aLicense, aSubscription, aTenant, aUser } from '../../../support/documents.js';
import { clear, insertAll } from './fresh.js';
import { collectionsOf } from '../../../support/driver.js';

export const MOVE_COLLECTIONS: CollectionName[] = [
  'licenses',
  'subscriptions',
  'operations',
  'operationResults',
  'events',
  'audit',
  'notifications',
];

/** A self-service subscription of `users` licenses and an accepted move of them to a central one of the same product. */
export interface MoveData {
  source: SubscriptionDocument;
  target: SubscriptionDocument;
  operation: OperationOf<'move'>;
  licenses: LicenseDocument[];
}

/** Whose subscriptions they are, and who asks for the moves. */
export const TENANT = aTenant();
export const ADMIN = aUser(TENANT._id, { roles: ['globalAdmin'], displayName: 'Global Admin' });

export const moveData = (users: number): MoveData => {
  const operationId = newId('op');
  const source = aSubscription(TENANT._id, {
    seats: { purchased: users, assigned: users, reservations: [] },
    operationId,
  });
  const target = aSubscription(TENANT._id, {
    origin: 'central',
    seats: { purchased: users, assigned: 0, reservations: [{ operationId, seats: users }] },
  });
  const operation = OperationsRepository.newDocument(
    {
      id: operationId,
      tenantId: TENANT._id,
      type: 'move',
      subscriptionId: source._id,
      request: { targetSubscriptionId: target._id },
      requestedBy: { userId: ADMIN._id, displayName: ADMIN.displayName, tenantId: TENANT._id },
      origin: { ip: '127.0.0.1', requestId: newId('req') },
      total: users,
    },
    new Date(Date.now() - 60_000),
  );
  const licenses = Array.from({ length: users }, () => aLicense(source, newId('usr')));
  return { source, target, operation, licenses };
};

/** Puts the data where nothing of an earlier run is left. */
export const loadMove = async (database: Database, data: MoveData): Promise<void> => {
  await loadSeats(database, [data]);
  await addOperation(database, data);
};

/** All but the operations. */
export const loadSeats = async (database: Database, moves: readonly MoveData[]): Promise<void> => {
  await clear(database, MOVE_COLLECTIONS);
  for (const { source, target, licenses } of moves) {
    await insertAll(database, 'subscriptions', [source, target]);
    await insertAll(database, 'licenses', licenses);
  }
};

/** From here on the dispatcher may find it. */
export const addOperation = (database: Database, { operation }: MoveData): Promise<void> =>
  insertAll(database, 'operations', [operation]);

/** The same before anybody asked for the move. */
export const loadUnasked = async (
  database: Database,
  { source, target, licenses }: MoveData,
): Promise<void> => {
  await clear(database, MOVE_COLLECTIONS);
  const seats = { ...target.seats, reservations: [] };
  await insertAll(database, 'subscriptions', [
    { ...source, operationId: null },
    { ...target, seats },
  ]);
  await insertAll(database, 'licenses', licenses);
};

/** Throws unless the move ended well, whole, and with a result for every user. */
export const requireMoved = async (database: Database, { operation, licenses }: MoveData): Promise<void> => {
  const ended = await collectionsOf(database).operations.findOne({ _id: operation._id });
  const results = await collectionsOf(database)
    .operationResults.find({ operationId: operation._id })
    .toArray();
  const outcomes = results.flatMap((row) => row.groups).reduce((sum, group) => sum + group.userIds.length, 0);
  if (ended?.status === 'succeeded' && outcomes === licenses.length) return;
  throw new Error(`the move is ${ended?.status ?? 'gone'} with ${outcomes} results of ${licenses.length}`);
};
