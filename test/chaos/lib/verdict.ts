import type { OperationView } from '@commissary/contracts';
import type { Database, SubscriptionDocument } from '@commissary/store';
import type { AcceptedOperation, Model } from './model.js';

/** Each thing that is not as the gateway had answered, in words. */
export type Faults = string[];

type Ends = ReadonlyMap<string, OperationView['status']>;

/** Holds what was answered against what is there, once everything has ended. */
export const compare = async (model: Model, database: Database): Promise<Faults> => {
  const faults: Faults = model.replayFaults.map((fault) => `another answer under the same key: ${fault}`);
  const ends = new Map<string, OperationView['status']>();
  for (const accepted of model.operations) faults.push(...(await operationFaults(accepted, database, ends)));
  faults.push(...(await refusalFaults(model, database)));
  faults.push(...(await centralFaults(model, database)));
  faults.push(...(await policyFaults(model, database)));
  faults.push(...(await seatFaults(model, database, ends)));
  return faults;
};

const operationFaults = async (
  accepted: AcceptedOperation,
  { collections }: Database,
  ends: Map<string, OperationView['status']>,
): Promise<Faults> => {
  const { id, what, mayEnd, mayBeRejectedWith, purchase } = accepted;
  const operation = await collections.operations.findOne({ _id: id });
  if (!operation) return [`${id} (${what}) was answered 202 and is not there`];
  ends.set(id, operation.status);
  const error = operation.error?.code ?? 'no error';
  if (!mayEnd.includes(operation.status)) return [`${id} (${what}) is ${operation.status}: ${error}`];
  if (operation.status === 'rejected' && !mayBeRejectedWith.includes(error)) {
    return [`${id} (${what}) was rejected with ${error}`];
  }
  if (
    operation.type === 'move' &&
    accepted.moved !== undefined &&
    operation.result?.moved !== accepted.moved
  ) {
    return [`${id} (${what}) moved ${operation.result?.moved ?? 0}`];
  }
  if (!purchase || operation.type !== 'purchase') return [];
  const subscription = await collections.subscriptions.findOne({ _id: operation.request.subscriptionId });
  if (operation.status === 'rejected')
    return subscription ? [`${id} was rejected, yet made a subscription`] : [];
  return purchaseFaults(accepted, subscription);
};

const purchaseFaults = ({ id, purchase }: AcceptedOperation, made: SubscriptionDocument | null): Faults => {
  if (!made) return [`${id} succeeded, and its subscription is not there`];
  const isSame =
    made.seats.purchased === purchase?.quantity &&
    made.purchaserId === purchase.purchaserId &&
    made.productId === purchase.productId;
  return isSame ? [] : [`${id} made a subscription other than was asked for`];
};

const refusalFaults = async (model: Model, { collections }: Database): Promise<Faults> => {
  const quotes = model.refusedPurchases.map(({ quoteId }) => quoteId);
  const taken = await collections.operations
    .find({ type: 'purchase', 'request.quoteId': { $in: quotes } })
    .toArray();
  return taken.map(({ _id }) => `${_id} is there, though its purchase was refused`);
};

const centralFaults = async (model: Model, { collections }: Database): Promise<Faults> => {
  const faults: Faults = [];
  for (const { id, quantity, productId } of model.central) {
    const found = await collections.subscriptions.findOne({ _id: id });
    if (found?.seats.purchased !== quantity || found.productId !== productId || found.origin !== 'central') {
      faults.push(`${id} was answered 201 and is not as it was answered`);
    }
  }
  return faults;
};

const policyFaults = async (model: Model, { collections }: Database): Promise<Faults> => {
  const tenants = await collections.tenants.find().toArray();
  const faults: Faults = [];
  for (const [key, value] of model.policies) {
    const [domain = '', productId = ''] = key.split(' ');
    const tenant = tenants.find(({ domains }) => domains.includes(domain));
    const policy = await collections.policies.findOne({ _id: tenant?._id ?? '' });
    const is = policy?.values[productId] ?? policy?.defaultValue ?? 'Enabled';
    if (is !== value) faults.push(`the policy of ${domain} for ${productId} is ${is}, not ${value}`);
  }
  return faults;
};

/** Where a seat went with the take-over of its subscription: to these subscriptions, or to none. */
const whereSeatsWent = (model: Model, ends: Ends) => {
  const moves = new Map<string, string[]>();
  const canceled = new Set<string>();
  for (const { id, move, cancellation } of model.operations) {
    if (move && ends.get(id) === 'succeeded') moves.set(move.source, [move.target]);
    if (move && ends.get(id) === 'stopped') moves.set(move.source, [move.source, move.target]);
    if (cancellation && ends.get(id) === 'succeeded') canceled.add(cancellation.subscriptionId);
  }
  return (subscriptionId: string): string[] => {
    if (canceled.has(subscriptionId)) return [];
    return moves.get(subscriptionId) ?? [subscriptionId];
  };
};

/** Every seat that was given and not taken back is held, where its subscription went; and no other seat of these people is. */
const seatFaults = async (model: Model, database: Database, ends: Ends): Promise<Faults> => {
  const { collections } = database;
  const whereNow = whereSeatsWent(model, ends);
  const users = [...new Set(model.seatsGiven().map(({ userId }) => userId))];
  const held = await collections.licenses.find({ userId: { $in: users } }).toArray();
  const open = new Set(held.map(({ userId, subscriptionId }) => `${userId} ${subscriptionId}`));
  const faults: Faults = [];
  for (const { userId, subscriptionId } of model.seatsGiven()) {
    const places = whereNow(subscriptionId);
    if (places.length === 0) continue;
    const place = places.find((each) => open.delete(`${userId} ${each}`));
    if (place === undefined) faults.push(`${userId} was given a seat of ${subscriptionId} and has none`);
  }
  for (const license of open) faults.push(`a seat nobody was given: ${license}`);
  return faults;
};
