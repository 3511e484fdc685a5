import { isEnded } from '@commissary/domain';
import type { LicenseDocument, OperationDocument, SubscriptionDocument } from '@commissary/store';
import type { Invariant, InvariantContext, Violation } from '../invariant.js';
import { absentIds } from '../reading/absent-ids.js';
import type { Snapshot } from '../reading/snapshot.js';
import { inBatches } from '../reading/streams.js';

type License = Pick<
  LicenseDocument,
  '_id' | 'tenantId' | 'userId' | 'productId' | 'subscriptionId' | 'userDeletedAt'
>;
type Holder = Pick<SubscriptionDocument, '_id' | 'status' | 'productId' | 'operationId'>;
type Operation = Pick<OperationDocument, '_id' | 'status' | 'type' | 'subscriptionId'>;

interface Facts {
  /** Ids of users who do not exist. */
  unknownUsers: ReadonlySet<string>;
  subscriptions: ReadonlyMap<string, Holder>;
  operations: ReadonlyMap<string, Operation>;
  /** Ids of those that deleted users left, as the operation that is to remove them finds them. */
  left: ReadonlySet<string>;
}

const BATCH = 5_000;

export const licensesBelong: Invariant = {
  number: 2,
  title: 'one license per tenant, user and product, of a living subscription and an existing user',
  async *check(context) {
    let before = '';
    for await (const batch of inBatches(licenses(context), BATCH)) {
      const facts = await factsOf(context, batch);
      for (const license of batch) {
        const key = `${license.tenantId} ${license.userId} ${license.productId}`;
        const faults = faultsOf(license, facts);
        if (key === before) faults.push(`is a further license of ${license.userId} for ${license.productId}`);
        before = key;
        for (const detail of faults) yield violation(license._id, detail);
      }
    }
    yield* ofDeletedUsers(context);
    yield* leftAndGone(context);
  },
};

const violation = (subject: string, detail: string): Violation => ({ invariant: 2, subject, detail });

/** In the order of the unique index, so that two of a kind follow each other even where the index is gone. */
const licenses = ({ snapshot }: InvariantContext): AsyncIterable<License> =>
  snapshot.find('licenses', {
    fields: ['tenantId', 'userId', 'productId', 'subscriptionId', 'userDeletedAt'],
    sort: { tenantId: 1, userId: 1, productId: 1 },
  });

const factsOf = async ({ snapshot }: InvariantContext, batch: readonly License[]): Promise<Facts> => {
  const unknownUsers = await unknownUsersOf(snapshot, batch);
  const subscriptionIds = batch.map((license) => license.subscriptionId);
  const subscriptions = await snapshot.byIds('subscriptions', subscriptionIds, [
    'status',
    'productId',
    'operationId',
  ]);
  const left = batch.filter((license) => license.userDeletedAt !== undefined).map(({ _id }) => _id);
  const held = [...subscriptions.values()].map((subscription) => subscription.operationId);
  const operations = await snapshot.byIds('operations', held, ['status', 'type', 'subscriptionId']);
  const found = await snapshot.byIds('leftLicenses', left, []);
  return { unknownUsers, subscriptions, operations, left: new Set(found.keys()) };
};

/** A user of another tenant exists; that the license names one is the eleventh invariant's. */
const unknownUsersOf = async (
  snapshot: Snapshot,
  batch: readonly License[],
): Promise<ReadonlySet<string>> => {
  const holders = batch.map(({ tenantId, userId }) => ({ tenantId, id: userId }));
  const absent = await absentIds(snapshot, 'users', holders);
  const elsewhere = await snapshot.byIds('users', absent, []);
  return new Set([...absent].filter((id) => !elsewhere.has(id)));
};

/** Deleted users are few beside licenses: from them to what they still hold. */
async function* ofDeletedUsers({ snapshot }: InvariantContext): AsyncIterable<Violation> {
  const deleted = snapshot.find('users', { fields: ['tenantId'], where: { state: 'deleted' } });
  for await (const batch of inBatches(deleted)) {
    const where = {
      tenantId: { $in: [...new Set(batch.map((user) => user.tenantId))] },
      userId: { $in: batch.map((user) => user._id) },
      userDeletedAt: { $exists: false },
    };
    for await (const { _id, userId } of snapshot.find('licenses', { fields: ['userId'], where })) {
      yield violation(_id, `its user ${userId} is deleted`);
    }
  }
}

/** What was left for an operation goes with the license. */
async function* leftAndGone({ snapshot }: InvariantContext): AsyncIterable<Violation> {
  for await (const batch of inBatches(snapshot.find('leftLicenses', { fields: ['userId'] }))) {
    const ids = batch.map(({ _id }) => _id);
    const there = await snapshot.byIds('licenses', ids, []);
    for (const id of ids) if (!there.has(id)) yield violation(id, 'was left by a deleted user, and is gone');
  }
}

const faultsOf = (license: License, facts: Facts): string[] => {
  const subscription = facts.subscriptions.get(license.subscriptionId);
  const faults = [userFault(license, facts), subscriptionFault(license, subscription, facts)];
  return faults.filter((fault) => fault !== null);
};

/** The license of a deleted user stays only where an operation that holds its subscription will take it away. */
const userFault = (license: License, facts: Facts): string | null => {
  if (license.userDeletedAt === undefined) {
    return facts.unknownUsers.has(license.userId) ? `its user ${license.userId} does not exist` : null;
  }
  const holder = openHolder(facts, facts.subscriptions.get(license.subscriptionId));
  if (holder && facts.left.has(license._id)) return null;
  return `its user ${license.userId} was deleted, and no operation will remove it`;
};

const subscriptionFault = (license: License, holder: Holder | undefined, facts: Facts): string | null => {
  if (!holder) return `its subscription ${license.subscriptionId} does not exist`;
  if (holder.productId !== license.productId) return `its subscription ${holder._id} is of another product`;
  if (holder.status !== 'deleted' || openHolder(facts, holder)?.type === 'cancellation') return null;
  return `its subscription ${holder._id} is deleted, and no cancellation is sweeping it`;
};

/** The open operation that holds the subscription's lock and is about it. */
const openHolder = ({ operations }: Facts, subscription: Holder | undefined): Operation | null => {
  const operation = operations.get(subscription?.operationId ?? '');
  const open = operation && !isEnded(operation.status) && operation.subscriptionId === subscription?._id;
  return open ? operation : null;
};
