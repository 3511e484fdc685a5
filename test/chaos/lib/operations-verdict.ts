import type { Database, OperationDocument, SubscriptionDocument } from '@commissary/store';
import type {
  AcceptedMove,
  AcceptedOperation,
  AcceptedPurchase,
  AcceptedSeatChange,
  Model,
} from './model.js';
import { type Collections, collectionsOf } from '../../support/driver.js';

/** Every accepted operation is there, has ended as it may and as it was answered, and did what it was asked. */
export const operationFaults = async (
  accepted: AcceptedOperation,
  model: Model,
  database: Database,
): Promise<string[]> => {
  const { id, what, mayEnd, mayBeRejectedWith, purchase, move, seatChange } = accepted;
  const { operations } = collectionsOf(database);
  const operation = await operations.findOne({ _id: id });
  if (!operation) return [`${id} (${what}) was answered 202 and is not there`];
  const { status } = operation;
  const answered = model.ends.get(id);
  if (answered && answered.status !== status) {
    return [`${id} (${what}) is ${status}, and its end was answered as ${answered.status}`];
  }
  const error = operation.error?.code ?? 'no error';
  if (!mayEnd.includes(status)) return [`${id} (${what}) is ${status}: ${error}`];
  if ((status === 'rejected' || status === 'failed') && !mayBeRejectedWith.includes(error)) {
    return [`${id} (${what}) was ${status} with ${error}`];
  }
  if (purchase) return purchaseFaults(id, purchase, operation, model, database);
  if (seatChange) return seatChangeFaults(id, seatChange, operation);
  if (move?.users !== undefined) return bigMoveFaults(accepted, move, operation, model, database);
  return takeoverFaults(accepted, status === 'succeeded', model, database);
};

const purchaseFaults = async (
  id: string,
  purchase: AcceptedPurchase,
  operation: OperationDocument,
  model: Model,
  database: Database,
): Promise<string[]> => {
  if (operation.type !== 'purchase') return [`${id} is a ${operation.type}`];
  const answered = model.ends.get(id)?.result;
  if (answered && 'licenseId' in answered && answered.licenseId !== operation.result?.licenseId) {
    return [`${id} was answered with another license than it has: ${JSON.stringify(answered)}`];
  }
  const made = await collectionsOf(database).subscriptions.findOne({ _id: operation.request.subscriptionId });
  if (operation.status === 'rejected') return made ? [`${id} was rejected, yet made a subscription`] : [];
  if (!made) return [`${id} succeeded, and its subscription is not there`];
  return isAsAsked(made, purchase) ? [] : [`${id} made a subscription other than was asked for`];
};

/** The number of seats is judged elsewhere, with the changes and renewals. */
const isAsAsked = (made: SubscriptionDocument, asked: AcceptedPurchase): boolean =>
  made.purchaserId === asked.purchaserId &&
  made.productId === asked.productId &&
  made.unitPrice.amountMinor * asked.quantity === asked.amountMinor;

/** The operation changes the subscription, to the total and at the time, that were asked for, and charges what was quoted. */
const seatChangeFaults = (id: string, asked: AcceptedSeatChange, operation: OperationDocument): string[] => {
  if (operation.type !== 'seatChange') return [`${id} is a ${operation.type}`];
  const { subscriptionId, request, result } = operation;
  const isSame =
    subscriptionId === asked.subscriptionId &&
    request.seats === asked.total &&
    request.effective === asked.effective &&
    (operation.status !== 'succeeded' || (result?.charged?.amountMinor ?? 0) === asked.amountMinor);
  return isSame ? [] : [`${id} changed other seats than was asked for`];
};

/** The source is deleted at the end of a take-over that succeeded, and only then. */
const takeoverFaults = async (
  { id, move, cancellation }: AcceptedOperation,
  isDone: boolean,
  model: Model,
  database: Database,
): Promise<string[]> => {
  const source = move?.source ?? cancellation?.subscriptionId ?? '';
  const found = await collectionsOf(database).subscriptions.findOne({ _id: source });
  if (!found) return [`${source} is not there any more`];
  if (model.doubtful.has(source)) return [];
  const mayRunOut = cancellation?.by === 'purchaser' && model.termsEnded.has(source);
  if (mayRunOut && isDone && !found.autoRenew && found.status === 'expired') return [];
  const is = found.status === 'deleted';
  return is === isDone ? [] : [`${source} is ${found.status} after ${id}`];
};

/** Every user was moved or had been deleted before; each one who is not deleted holds one license of the target. */
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

/** Counts the users of the operation who have been deleted. */
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
