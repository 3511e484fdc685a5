import { newId } from '@commissary/platform';
import {
  type Database,
  type OperationOf,
  OperationsRepository,
  type SubscriptionDocument,
  type UserDocument,
} from '@commissary/store';
import { aLicense, aSubscription } from '../documents.js';
import { collectionsOf } from '../driver.js';

export interface AMove {
  operation: OperationOf<'move'>;
  source: SubscriptionDocument;
  target: SubscriptionDocument;
  /** Who holds the source's licenses. */
  holders: string[];
}

/** A move of `seats` users as the gateway accepts one: source locked, seats reserved on the target. */
export const aMove = async (database: Database, by: UserDocument, seats = 0): Promise<AMove> => {
  const { tenantId } = by;
  const id = newId('op');
  const holders = Array.from({ length: seats }, () => newId('usr'));
  const source = aSubscription(tenantId, {
    seats: { purchased: seats, assigned: seats, reservations: [] },
    operationId: id,
  });
  const target = aSubscription(tenantId, {
    origin: 'central',
    seats: { purchased: seats, assigned: 0, reservations: [{ operationId: id, seats }] },
  });
  const operation = OperationsRepository.newDocument(
    {
      id,
      tenantId,
      type: 'move',
      subscriptionId: source._id,
      request: { targetSubscriptionId: target._id },
      requestedBy: { userId: by._id, displayName: by.displayName, tenantId },
      origin: { ip: '127.0.0.1', requestId: 'req_test' },
      total: seats,
    },
    new Date(Date.now() - 1_000),
  );
  await collectionsOf(database).subscriptions.insertMany([source, target]);
  const licenses = holders.map((userId) => aLicense(source, userId));
  if (seats > 0) await collectionsOf(database).licenses.insertMany(licenses);
  await collectionsOf(database).operations.insertOne(operation);
  return { operation, source, target, holders };
};
