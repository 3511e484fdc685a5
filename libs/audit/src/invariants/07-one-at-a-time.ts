import { isEnded } from '@commissary/domain';
import type { OperationDocument, SubscriptionDocument } from '@commissary/store';
import type { Invariant, Violation } from '../invariant.js';
import { inBatches } from '../reading/streams.js';

type Subscription = Pick<SubscriptionDocument, '_id' | 'operationId' | 'seats'>;
type Operation = Pick<OperationDocument, '_id' | 'type' | 'status' | 'subscriptionId'>;

/** Holding the lock is what makes an operation the only one: it and the open operation name each other. [MOV-6] */
export const oneTakeOverAtATime: Invariant = {
  number: 7,
  title: 'at most one active take-over or seat change per subscription',
  async *check({ snapshot }) {
    const locked = snapshot.find('subscriptions', {
      fields: ['operationId', 'seats'],
      where: { operationId: { $ne: null } },
    });
    for await (const batch of inBatches(locked)) {
      const ids = batch.map((subscription) => subscription.operationId);
      const operations = await snapshot.byIds('operations', ids, ['type', 'status', 'subscriptionId']);
      for (const subscription of batch) {
        const operation = operations.get(subscription.operationId ?? '');
        yield* lockFaults(subscription, operation).map((detail) => violation(subscription._id, detail));
      }
    }
    const open = snapshot.find('operations', {
      fields: ['status', 'subscriptionId'],
      where: {
        status: { $in: ['accepted', 'running', 'paused', 'requiresAction', 'parked'] },
        type: { $ne: 'purchase' },
      },
    });
    for await (const batch of inBatches(open)) {
      const ids = batch.map((operation) => operation.subscriptionId);
      const subscriptions = await snapshot.byIds('subscriptions', ids, ['operationId']);
      for (const { _id, subscriptionId } of batch) {
        const holder = subscriptions.get(subscriptionId ?? '')?.operationId ?? null;
        if (holder === _id) continue;
        yield violation(subscriptionId ?? _id, `${_id} is open, and ${holder ?? 'none'} holds the lock`);
      }
    }
  },
};

const violation = (subject: string, detail: string): Violation => ({ invariant: 7, subject, detail });

const lockFaults = (
  { _id, operationId, seats }: Subscription,
  operation: Operation | undefined,
): string[] => {
  const faults: string[] = [];
  const name = operationId ?? '';
  if (!operation) faults.push(`is locked by ${name}, which does not exist`);
  else if (isEnded(operation.status)) faults.push(`is locked by ${name}, which is ${operation.status}`);
  else if (operation.subscriptionId !== _id) faults.push(`is locked by ${name}, which is about another`);
  // More seats can be bought, and free ones given back, of what a move has reserved. [MOV-2]
  if (operation?.type === 'seatChange') return faults;
  const others = seats.reservations.filter((reservation) => reservation.operationId !== operationId);
  if (others.length > 0)
    faults.push(`is locked by ${name} while its seats are promised to ${others[0]?.operationId ?? ''}`);
  return faults;
};
