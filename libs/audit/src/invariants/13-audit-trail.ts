import { SETTING_NAMES, type SettingName } from '@commissary/contracts';
import { type AuditAction, SYSTEM } from '@commissary/domain';
import type { Invariant, InvariantContext, Violation } from '../invariant.js';
import type { Snapshot } from '../reading/snapshot.js';
import { mergeJoin, type Side } from '../reading/streams.js';

/** A change that needs an entry, or the entry of a change; `key` names the change. */
interface Keyed {
  key: string;
}

/** Changes that the database keeps, and the entries of an action about them; what fixtures load is nobody's change. */
interface Check {
  changes: (snapshot: Snapshot) => AsyncIterable<Keyed>;
  entries: (snapshot: Snapshot) => AsyncIterable<Keyed>;
  missing: string;
}

const keyedBy = (...parts: (string | object)[]) => ({ $project: { key: { $concat: parts } } });

const rowsOf =
  (collection: Audited, where: Record<string, unknown>, idField: string | object = '$_id') =>
  (snapshot: Snapshot) =>
    snapshot.aggregate<Keyed>(collection, [
      { $match: where },
      keyedBy('$tenantId', ' ', idField),
      { $sort: { key: 1 } },
    ]);

type Audited = 'operations' | 'orders' | 'policyChanges' | 'users' | 'audit';

const entriesBySubject = (action: AuditAction, where: Record<string, unknown> = {}) =>
  rowsOf('audit', { action, ...where }, '$subject.id');

const entriesByVersion = (action: AuditAction, where: Record<string, unknown> = {}) =>
  rowsOf(
    'audit',
    { action, 'after.version': { $type: 'number' }, ...where },
    { $toString: '$after.version' },
  );

const acceptedOperations: Check[] = [
  {
    changes: rowsOf('operations', { 'requestedBy.userId': { $ne: SYSTEM.userId } }),
    entries: entriesBySubject('operation.accepted'),
    missing: 'this operation has no entry operation.accepted',
  },
  {
    changes: rowsOf('operations', { 'requestedBy.userId': SYSTEM.userId }),
    entries: entriesBySubject('operation.accepted', { 'actor.userId': SYSTEM.userId }),
    missing: `this operation of the scheduler has no entry operation.accepted by ${SYSTEM.userId}`,
  },
];

const centralSubscriptions: Check = {
  changes: rowsOf('orders', { channel: 'central' }, '$subscriptionId'),
  entries: entriesBySubject('subscription.created'),
  missing: 'this central subscription has no entry subscription.created',
};

const policyVersions: Check = {
  changes: rowsOf('policyChanges', {}, { $toString: '$version' }),
  entries: entriesByVersion('policy.set'),
  missing: 'this version of the policy has no entry policy.set',
};

const deletedUsers: Check = {
  changes: rowsOf('users', { state: 'deleted' }),
  entries: entriesBySubject('user.deleted'),
  missing: 'this user was deleted, and no entry says by whom',
};

/** Entries without a name of a setting were written while there was only this one. */
const UNNAMED: string = 'notifications';

/** Each setting counts its own versions, so that an entry is about the setting that it names and about no other. */
const settingVersions = (name: SettingName): Check => ({
  changes: (snapshot) =>
    snapshot.aggregate<Keyed>('tenants', [
      { $match: { [`${name}.version`]: { $gt: 0 } } },
      keyedBy('$_id', ' ', { $toString: `$${name}.version` }),
      { $sort: { key: 1 } },
    ]),
  entries: entriesByVersion('settings.set', {
    'after.setting': name === UNNAMED ? { $in: [name, null] } : name,
  }),
  missing: `this version of the setting ${name} has no entry settings.set`,
});

/** The change was asked for by an operation, whose own entry `operation.accepted` is looked for. */
const BY_OPERATION = 'by operation';

/** The database keeps no list of such changes to compare the entries with. */
const NOT_KEPT = 'not kept';

/** How the entries of each action are looked for: an action that is missing here does not compile. */
const CHECKS: Record<AuditAction, readonly Check[] | typeof BY_OPERATION | typeof NOT_KEPT> = {
  'operation.accepted': acceptedOperations,
  'operation.paused': NOT_KEPT,
  'operation.resumed': NOT_KEPT,
  'operation.stopped': NOT_KEPT,
  'operation.discarded': NOT_KEPT,
  'quote.created': NOT_KEPT,
  'purchase.declined': BY_OPERATION,
  'subscription.created': [centralSubscriptions],
  'subscription.changed': NOT_KEPT,
  'subscription.renewed': BY_OPERATION,
  'subscription.renewalTurnedOff': BY_OPERATION,
  'subscription.expired': NOT_KEPT,
  'subscription.disabled': NOT_KEPT,
  'subscription.canceled': BY_OPERATION,
  'renewal.failed': BY_OPERATION,
  'seats.changed': BY_OPERATION,
  'seats.declined': BY_OPERATION,
  'cancellation.requested': NOT_KEPT,
  'license.assigned': NOT_KEPT,
  'license.removed': NOT_KEPT,
  'users.exported': NOT_KEPT,
  'paymentMethod.added': NOT_KEPT,
  'paymentMethod.removed': NOT_KEPT,
  'policy.set': [policyVersions],
  'settings.set': SETTING_NAMES.map(settingVersions),
  'user.created': NOT_KEPT,
  'user.stateSet': NOT_KEPT,
  'user.deleted': [deletedUsers],
};

export const changesAreAudited: Invariant = {
  number: 13,
  title: 'every privileged change has an audit entry',
  async *check(context) {
    for (const checks of Object.values(CHECKS)) {
      if (typeof checks === 'string') continue;
      for (const check of checks) yield* unaudited(context, check);
    }
  },
};

async function* unaudited({ snapshot }: InvariantContext, check: Check): AsyncIterable<Violation> {
  const changes = sideOf(check.changes(snapshot));
  const entries = sideOf(check.entries(snapshot));
  for await (const { key, left, right } of mergeJoin(changes, entries)) {
    if (left.length === 0 || right.length > 0) continue;
    const [tenantId = '', id = ''] = key.split(' ');
    const subject = /^\d+$/.test(id) ? `${tenantId} version ${id}` : id;
    yield { invariant: 13, subject, detail: check.missing };
  }
}

const sideOf = (rows: AsyncIterable<Keyed>): Side<Keyed> => ({ rows, key: (row) => row.key });
