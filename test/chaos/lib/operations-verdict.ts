import type { OperationView } from '@commissary/contracts';
import type { Database, OperationDocument, SubscriptionDocument } from '@commissary/store';
import type { AcceptedMove, AcceptedOperation, AcceptedPurchase, Model } from './model.js';
import { type Collections, collectionsOf } from '../../support/driver.js';

export type Ends = Map<string, OperationView['status']>;

/** Is there, has ended as it may, and did what it was asked. */
export const operationFaults = async (
  accepted: AcceptedOperation,
  model: Model,
  database: Database,
  ends: Ends,
): Promise<string[]> => {
  const { id, what, mayEnd, mayBeRejectedWith, purchase, move, cancellation } = accepted;
  const { operations } = collectionsOf(database);
  const operation = await operations.findOne({ _id: id });
  if (!operation) return [`${id} (${what}) was answered 202 and is not there`];
  ends.set(id, operation.status);
  const { status } = operation;
  const error = operation.error?.code ?? 'no error';
  if (!mayEnd.includes(status)) return [`${id} (${what}) is ${status}: ${error}`];
  if ((status === 'rejected' || status === 'failed') && !mayBeRejectedWith.includes(error)) {
    return [`${id} (${what}) was ${status} with ${error}`];
  }
  if (purchase) return purchaseFaults(id, purchase, operation, database);
  if (move?.users !== undefined) return bigMoveFaults(accepted, move, operation, model, database);
  const source = move?.source ?? cancellation?.subscriptionId ?? '';
  return takeoverFaults(id, source, status === 'succeeded', model, database);
};

const purchaseFaults = async (
  id: string,
  purchase: AcceptedPurchase,
  operation: OperationDocument,
  database: Database,
): Promise<string[]> => {
  if (operation.type !== 'purchase') return [`${id} is a ${operation.type}`];
  const made = await collectionsOf(database).subscriptions.findOne({ _id: operation.request.subscriptionId });
  if (operation.status === 'rejected') return made ? [`${id} was rejected, yet made a subscription`] : [];
  if (!made) return [`${id} succeeded, and its subscription is not there`];
  return isAsAsked(made, purchase) ? [] : [`${id} made a subscription other than was asked for`];
};

const isAsAsked = (made: SubscriptionDocument, asked: AcceptedPurchase): boolean =>
  made.seats.purchased === asked.quantity &&
  made.purchaserId === asked.purchaserId &&
  made.productId === asked.productId &&
  made.purchasePrice.amountMinor === asked.amountMinor;

/** The source is deleted by the end of its take-over, and only by that. */
const takeoverFaults = async (
  id: string,
  source: string,
  isDone: boolean,
  model: Model,
  database: Database,
): Promise<string[]> => {
  const found = await collectionsOf(database).subscriptions.findOne({ _id: source });
  if (!found) return [`${source} is not there any more`];
  if (model.doubtful.has(source)) return [];
  const is = found.status === 'deleted';
  return is === isDone ? [] : [`${source} is ${found.status} after ${id}`];
};

/** Every user was moved or had been deleted before it was the turn of theirs; who is not deleted is there, once. */
const bigMoveFaults = async (
  { id, what }: AcceptedOperation,
  { source, target, users = 0 }: AcceptedMove,
  operation: OperationDocument,
  model: Model,
  database: Database,
): Promise<string[]> => {
  if (operation.type !== 'move') return [`${id} is a ${operation.type}`];
  const { moved = 0, skipped = 0, failed = 0, alreadyLicensed = 0 } = operation.result ?? {};
  const left = await collectionsOf(database).licenses.countDocuments({ subscriptionId: source });
  const there = await collectionsOf(database).licenses.countDocuments({ subscriptionId: target });
  const gone = await goneOf(id, model, collectionsOf(database));
  const is = { moved: moved + skipped, failed, alreadyLicensed, left, there, skipped: skipped <= gone };
  const want = { moved: users, failed: 0, alreadyLicensed: 0, left: 0, there: users - gone, skipped: true };
  if (JSON.stringify(is) === JSON.stringify(want)) return [];
  return [`${id} (${what}) with ${gone} deleted: ${JSON.stringify(is)}, not ${JSON.stringify(want)}`];
};

/** How many of those it was about have been deleted. */
const goneOf = async (
  operationId: string,
  model: Model,
  { operationResults }: Collections,
): Promise<number> => {
  const gone = new Set(
    [...model.people].filter(([, state]) => state === 'deleted').map(([userId]) => userId),
  );
  let count = 0;
  for await (const { groups } of operationResults.find({ operationId })) {
    for (const { userIds } of groups) count += userIds.filter((userId) => gone.has(userId)).length;
  }
  return count;
};
