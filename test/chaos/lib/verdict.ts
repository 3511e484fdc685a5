import type { PaymentJournal } from '@commissary/payments';
import type { Database, OperationDocument } from '@commissary/store';
import { chargeFaults } from './charges-verdict.js';
import type { Model } from './model.js';
import { operationFaults } from './operations-verdict.js';
import { seatFaults } from './seats-verdict.js';
import { subscriptionFaults } from './subscriptions-verdict.js';
import { collectionsOf } from '../../support/driver.js';

/** One text for each thing that differs from what the gateway answered. */
type Faults = string[];

/** Ids of what the database held before the first request of the run. */
export interface Before {
  operations: ReadonlySet<string>;
  subscriptions: ReadonlySet<string>;
  orders: ReadonlySet<string>;
}

export const whatIsThere = async (database: Database): Promise<Before> => ({
  operations: new Set(await collectionsOf(database).operations.distinct('_id')),
  subscriptions: new Set(await collectionsOf(database).subscriptions.distinct('_id')),
  orders: new Set(await collectionsOf(database).orders.distinct('_id')),
});

/** Compares what was answered with what the database and the provider's books hold, once everything has ended. */
export const compare = async (
  model: Model,
  database: Database,
  journal: PaymentJournal,
  before: Before,
  violations: readonly string[],
): Promise<Faults> => {
  const faults: Faults = [...model.differences];
  for (const accepted of model.operations) faults.push(...(await operationFaults(accepted, model, database)));
  faults.push(...(await refusalFaults(model, database)));
  faults.push(...(await unaskedFaults(model, database, before)));
  faults.push(...(await centralFaults(model, database)));
  faults.push(...(await policyFaults(model, database)));
  faults.push(...(await peopleFaults(model, database)));
  faults.push(...(await chargeFaults(model, database, journal, before.orders)));
  faults.push(...(await subscriptionFaults(model, database)));
  faults.push(...(await seatFaults(model, database, violations)));
  return faults;
};

const refusalFaults = async (model: Model, database: Database): Promise<Faults> => {
  const quotes = model.refusedPurchases.map(({ quoteId }) => quoteId);
  const taken = await collectionsOf(database)
    .operations.find({ type: 'purchase', 'request.quoteId': { $in: quotes } })
    .toArray();
  return taken.map(({ _id }) => `${_id} is there, though its purchase was refused`);
};

/** Finds operations and central subscriptions that no answer told of. */
const unaskedFaults = async (model: Model, database: Database, before: Before): Promise<Faults> => {
  const told = new Set(model.operations.map(({ id }) => id));
  const operations = await collectionsOf(database).operations.find({}).toArray();
  const unasked = operations.filter(({ _id }) => !told.has(_id) && !before.operations.has(_id));
  const isDoubtful = (each: (typeof operations)[number]): boolean =>
    (each.type === 'purchase' && model.doubtful.has(each.request.quoteId)) ||
    (each.type === 'seatChange' && model.doubtfulSeatChanges.has(each.subscriptionId ?? '')) ||
    (each.type === 'renewal' && model.termsEnded.has(each.subscriptionId ?? '')) ||
    (isTakeover(each) && model.doubtful.has(each.subscriptionId ?? ''));
  const central = new Set(model.central.map(({ id }) => id));
  const made = await collectionsOf(database)
    .subscriptions.find({ origin: 'central' }, { projection: { _id: 1 } })
    .toArray();
  return [
    ...unasked
      .filter((each) => !isDoubtful(each))
      .map(({ _id, type }) => `${_id} is a ${type} nobody asked for`),
    ...made
      .filter(({ _id }) => !central.has(_id) && !before.subscriptions.has(_id))
      .map(({ _id }) => `${_id} is a central subscription nobody asked for`),
  ];
};

const isTakeover = ({ type }: OperationDocument): boolean => type === 'move' || type === 'cancellation';

const centralFaults = async (model: Model, database: Database): Promise<Faults> => {
  const faults: Faults = [];
  for (const { id, productId } of model.central) {
    const found = await collectionsOf(database).subscriptions.findOne({ _id: id });
    if (found?.productId !== productId || found.origin !== 'central') {
      faults.push(`${id} was answered 201 and is not as it was answered`);
    }
  }
  return faults;
};

const policyFaults = async (model: Model, database: Database): Promise<Faults> => {
  const tenants = await collectionsOf(database).tenants.find().toArray();
  const faults: Faults = [];
  for (const [key, value] of model.policies) {
    const [domain = '', productId = ''] = key.split(' ');
    const tenant = tenants.find(({ domains }) => domains.includes(domain));
    const policy = await collectionsOf(database).policies.findOne({ _id: tenant?._id ?? '' });
    const is = policy?.values[productId] ?? policy?.defaultValue ?? 'Enabled';
    if (is !== value) faults.push(`the policy of ${domain} for ${productId} is ${is}, not ${value}`);
  }
  return faults;
};

const peopleFaults = async (model: Model, database: Database): Promise<Faults> => {
  const users = await collectionsOf(database)
    .users.find({ _id: { $in: [...model.people.keys()] } }, { projection: { state: 1 } })
    .toArray();
  const states = new Map(users.map(({ _id, state }) => [_id, state]));
  return [...model.people].flatMap(([id, state]) => {
    const is = states.get(id) ?? 'not there';
    return is === state ? [] : [`${id} is ${is}, not ${state}`];
  });
};
