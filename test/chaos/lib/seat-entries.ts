import type { Database, OperationDocument } from '@commissary/store';
import type { Model } from './model.js';
import type { SeatEntry, SeatWork } from './seat-history.js';
import { collectionsOf } from '../../support/driver.js';

/** What the actors were answered, and what the database says that purchases and take-overs did to single people. */
export const entriesOf = async (model: Model, database: Database): Promise<SeatEntry[]> => [
  ...model.seats.all(),
  ...(await entriesOfOperations(model, database)),
];

const entriesOfOperations = async (model: Model, database: Database): Promise<SeatEntry[]> => {
  const isBig = new Set(model.operations.filter(({ move }) => move?.users !== undefined).map(({ id }) => id));
  const operations = await collectionsOf(database)
    .operations.find({ type: { $in: ['purchase', 'move', 'cancellation'] } })
    .toArray();
  const entries: SeatEntry[] = [];
  for (const operation of operations) {
    const askedAt = askedAtOf(model, operation);
    if (askedAt === null || isBig.has(operation._id)) continue;
    const times = { askedAt, answeredAt: model.ends.get(operation._id)?.at ?? Infinity };
    entries.push(...purchaseEntries(operation, times));
    const work = takeoverOf(operation);
    if (work === null) continue;
    for await (const { groups } of collectionsOf(database).operationResults.find({
      operationId: operation._id,
    })) {
      for (const { outcome, userIds } of groups)
        for (const userId of userIds)
          entries.push({ userId, work, answer: outcome, operationId: operation._id, ...times });
    }
  }
  return entries;
};

/** Null for an operation that was there before the run. Nobody was told of one whose request is in doubt. */
const askedAtOf = (model: Model, operation: OperationDocument): number | null => {
  const told = model.operations.find(({ id }) => id === operation._id);
  if (told) return told.askedAt;
  const subject = operation.type === 'purchase' ? operation.request.quoteId : operation.subscriptionId;
  return model.doubtful.get(subject ?? '') ?? null;
};

const purchaseEntries = (
  operation: OperationDocument,
  times: Pick<SeatEntry, 'askedAt' | 'answeredAt'>,
): SeatEntry[] => {
  if (operation.type !== 'purchase' || operation.status !== 'succeeded' || !operation.result) return [];
  const { subscriptionId, licenseId } = operation.result;
  return [
    {
      userId: operation.requestedBy.userId,
      work: { kind: 'purchase', subscriptionId },
      answer: licenseId === null ? 'withoutSeat' : 'withSeat',
      operationId: operation._id,
      ...times,
    },
  ];
};

const takeoverOf = (operation: OperationDocument): SeatWork | null => {
  const subscriptionId = operation.subscriptionId ?? '';
  if (operation.type === 'cancellation') return { kind: 'cancellation', subscriptionId };
  if (operation.type !== 'move') return null;
  return { kind: 'move', subscriptionId, targetId: operation.request.targetSubscriptionId };
};
