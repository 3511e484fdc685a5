import { SETTING_NAMES, type SettingName } from '@commissary/contracts';
import { SYSTEM } from '@commissary/domain';
import type { Invariant, InvariantContext, Violation } from '../invariant.js';
import type { Snapshot } from '../reading/snapshot.js';
import { mergeJoin, type Side } from '../reading/streams.js';

/** A change that needs an entry, or an entry that tells of one; `key` names the change. */
interface Keyed {
  key: string;
}

/** Each kind of privileged change, and the entries that tell of it. What fixtures load is no change of anybody's. */
interface Kind {
  changes: (snapshot: Snapshot) => AsyncIterable<Keyed>;
  entries: (snapshot: Snapshot) => AsyncIterable<Keyed>;
  missing: string;
}

const entriesBySubject = (where: Record<string, unknown>) => (snapshot: Snapshot) =>
  snapshot.aggregate<Keyed>('audit', [
    { $match: where },
    { $project: { key: { $concat: ['$tenantId', ' ', '$subject.id'] } } },
    { $sort: { key: 1 } },
  ]);

/** Entries without a name of a setting were written while there was only this one. */
const UNNAMED: string = 'notifications';

/** Each setting counts its own versions, so that an entry tells of the setting it names and of no other. */
const settingKind = (name: SettingName): Kind => ({
  changes: (snapshot) =>
    snapshot.aggregate<Keyed>('tenants', [
      { $match: { [`${name}.version`]: { $gt: 0 } } },
      { $project: { key: { $concat: ['$_id', ' ', { $toString: `$${name}.version` }] } } },
      { $sort: { key: 1 } },
    ]),
  entries: (snapshot) =>
    snapshot.aggregate<Keyed>('audit', [
      {
        $match: {
          action: 'settings.set',
          'after.setting': name === UNNAMED ? { $in: [name, null] } : name,
          'after.version': { $type: 'number' },
        },
      },
      { $project: { key: { $concat: ['$tenantId', ' ', { $toString: '$after.version' }] } } },
      { $sort: { key: 1 } },
    ]),
  missing: `this version of the setting ${name} has no entry settings.set`,
});

const KINDS: readonly Kind[] = [
  {
    changes: (snapshot) =>
      snapshot.aggregate<Keyed>('policyChanges', [
        { $project: { key: { $concat: ['$tenantId', ' ', { $toString: '$version' }] } } },
        { $sort: { key: 1 } },
      ]),
    entries: (snapshot) =>
      snapshot.aggregate<Keyed>('audit', [
        { $match: { action: 'policy.set', 'after.version': { $type: 'number' } } },
        { $project: { key: { $concat: ['$tenantId', ' ', { $toString: '$after.version' }] } } },
        { $sort: { key: 1 } },
      ]),
    missing: 'this version of the policy has no entry policy.set',
  },
  {
    changes: (snapshot) =>
      snapshot.aggregate<Keyed>('operations', [
        { $match: { 'requestedBy.userId': { $ne: SYSTEM.userId } } },
        { $project: { key: { $concat: ['$tenantId', ' ', '$_id'] } } },
        { $sort: { key: 1 } },
      ]),
    entries: entriesBySubject({ action: 'operation.accepted' }),
    missing: 'this operation has no entry operation.accepted',
  },
  {
    changes: (snapshot) =>
      snapshot.aggregate<Keyed>('operations', [
        { $match: { 'requestedBy.userId': SYSTEM.userId } },
        { $project: { key: { $concat: ['$tenantId', ' ', '$_id'] } } },
        { $sort: { key: 1 } },
      ]),
    entries: entriesBySubject({ action: 'operation.accepted', 'actor.userId': SYSTEM.userId }),
    missing: `this operation of the scheduler has no entry operation.accepted by ${SYSTEM.userId}`,
  },
  {
    changes: (snapshot) =>
      snapshot.aggregate<Keyed>('orders', [
        { $match: { channel: 'central' } },
        { $project: { key: { $concat: ['$tenantId', ' ', '$subscriptionId'] } } },
        { $sort: { key: 1 } },
      ]),
    entries: entriesBySubject({ action: 'subscription.created' }),
    missing: 'this central subscription has no entry subscription.created',
  },
  {
    changes: (snapshot) =>
      snapshot.aggregate<Keyed>('users', [
        { $match: { state: 'deleted' } },
        { $project: { key: { $concat: ['$tenantId', ' ', '$_id'] } } },
        { $sort: { key: 1 } },
      ]),
    entries: entriesBySubject({ 'subject.type': 'user' }),
    missing: 'this user was deleted, and no entry says by whom',
  },
  ...SETTING_NAMES.map(settingKind),
];

export const changesAreAudited: Invariant = {
  number: 13,
  title: 'every privileged change has an audit entry',
  async *check(context) {
    for (const kind of KINDS) yield* unaudited(context, kind);
  },
};

async function* unaudited({ snapshot }: InvariantContext, kind: Kind): AsyncIterable<Violation> {
  const changes = sideOf(kind.changes(snapshot));
  const entries = sideOf(kind.entries(snapshot));
  for await (const { key, left, right } of mergeJoin(changes, entries)) {
    if (left.length === 0 || right.length > 0) continue;
    const [tenantId = '', id = ''] = key.split(' ');
    const subject = /^\d+$/.test(id) ? `${tenantId} version ${id}` : id;
    yield { invariant: 13, subject, detail: kind.missing };
  }
}

const sideOf = (rows: AsyncIterable<Keyed>): Side<Keyed> => ({ rows, key: (row) => row.key });
