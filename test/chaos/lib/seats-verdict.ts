import type { Database, LicenseDocument, OperationDocument } from '@commissary/store';
import { type Model, type Seat, seatKey } from './model.js';
import type { Ends } from './operations-verdict.js';
import { type Collections, collectionsOf } from '../../support/driver.js';

type Outcomes = ReadonlyMap<string, string>;
/** By the subscription that was taken over. */
export type Takeovers = ReadonlyMap<string, readonly Takeover[]>;

export interface Takeover {
  status: OperationDocument['status'];
  /** Null for a cancellation. */
  target: string | null;
  outcomes: Outcomes;
}

/**
 * Every seat that was given and not taken back is held, where the take-overs of its subscription say that it went, and no other seat
 * of these people is; who was deleted holds none.
 */
export const seatFaults = async (model: Model, database: Database, ends: Ends): Promise<string[]> => {
  const takeovers = await takeoversOf(model, database, ends);
  const expected = new Set<string>();
  const allowed = new Set<string>();
  for (const seat of model.seatsGiven()) {
    const place = placeOf(seat, takeovers);
    if (place === null) continue;
    const key = seatKey({ userId: seat.userId, subscriptionId: place });
    if (mayBeGone(model, seat)) allowed.add(key);
    else expected.add(key);
  }
  // The seat that comes with a purchase whose buyer was shut out before the answer.
  const doubtful = await collectionsOf(database)
    .operations.find({
      type: 'purchase',
      'request.quoteId': { $in: [...model.doubtful] },
      status: 'succeeded',
    })
    .toArray();
  for (const { requestedBy, result } of doubtful) {
    if (result && 'licenseId' in result)
      model.doubtfulSeats.add(seatKey({ userId: requestedBy.userId, subscriptionId: result.subscriptionId }));
  }
  for (const key of model.doubtfulSeats) {
    const [userId = '', subscriptionId = ''] = key.split(' ');
    const place = placeOf({ userId, subscriptionId }, takeovers);
    if (place !== null) allowed.add(seatKey({ userId, subscriptionId: place }));
  }
  const users = new Set([...model.people.keys(), ...model.seatsGiven().map(({ userId }) => userId)]);
  const licenses = await collectionsOf(database)
    .licenses.find({ userId: { $in: [...users] } })
    .toArray();
  const held = new Set(licenses.map(seatKey));
  const isDeleted = (userId: string): boolean => model.people.get(userId) === 'deleted';
  const missing = [...expected].filter((key) => !held.has(key) && !isDeleted(key.split(' ')[0] ?? ''));
  const unasked = licenses.filter(
    (license) =>
      isDeleted(license.userId) ||
      !(expected.has(seatKey(license)) || allowed.has(seatKey(license)) || model.rivals.has(license.userId)),
  );
  return [
    ...missing.map((key) => `a seat was given and is not held: ${key}`),
    ...(await Promise.all(unasked.map((license) => unaskedFault(model, database, license)))),
  ];
};

/** With what is known of it, for the database is gone when somebody reads this. */
const unaskedFault = async (model: Model, database: Database, license: LicenseDocument): Promise<string> => {
  const { userId, subscriptionId, assignedAt, assignedBy } = license;
  const subject = { $in: [userId, subscriptionId] };
  const [audited, results] = await Promise.all([
    collectionsOf(database).audit.find({ tenantId: license.tenantId, 'subject.id': subject }).toArray(),
    collectionsOf(database).operationResults.find({ 'groups.userIds': userId }).toArray(),
  ]);
  const evidence = {
    given: { at: assignedAt, by: assignedBy },
    person: model.people.get(userId) ?? 'untouched',
    known: model.seatsGiven().filter((seat) => seat.userId === userId),
    doubtful: [...model.doubtfulSeats].filter((key) => key.startsWith(userId)),
    audited: audited
      .filter(({ after, subject: { id } }) => id === userId || JSON.stringify(after).includes(userId))
      .map(({ action, at, requestId, after }) => ({ action, at, requestId, after })),
    operations: results.map(({ operationId, groups }) => ({
      operationId,
      outcomes: groups.filter(({ userIds }) => userIds.includes(userId)).map(({ outcome }) => outcome),
    })),
  };
  return `a seat is held that nobody was given: ${seatKey(license)} ${JSON.stringify(evidence)}`;
};

/** Nobody was told what became of it, or another's request came at the same time. */
const mayBeGone = (model: Model, seat: Seat): boolean =>
  model.rivals.has(seat.userId) ||
  model.doubtfulSeats.has(seatKey(seat)) ||
  model.doubtful.has(seat.subscriptionId);

const takeoversOf = async (model: Model, database: Database, ends: Ends): Promise<Takeovers> => {
  const takeovers = new Map<string, Takeover[]>();
  for (const { id, source, target, status } of await asked(model, collectionsOf(database), ends)) {
    const outcomes = new Map<string, string>();
    for await (const { groups } of collectionsOf(database).operationResults.find({ operationId: id })) {
      for (const { outcome, userIds } of groups) for (const userId of userIds) outcomes.set(userId, outcome);
    }
    takeovers.set(source, [...(takeovers.get(source) ?? []), { status, target, outcomes }]);
  }
  return takeovers;
};

interface AskedTakeover extends Omit<Takeover, 'outcomes'> {
  id: string;
  source: string;
}

/** Those that were answered, but for the big moves, and those of which nobody was told. */
const asked = async (model: Model, { operations }: Collections, ends: Ends): Promise<AskedTakeover[]> => {
  const answered = model.operations.flatMap(({ id, move, cancellation }): AskedTakeover[] => {
    const status = ends.get(id);
    const source = move?.source ?? cancellation?.subscriptionId;
    if (source === undefined || status === undefined || move?.users !== undefined) return [];
    return [{ id, source, target: move?.target ?? null, status }];
  });
  const unanswered = await operations
    .find({
      _id: { $nin: model.operations.map(({ id }) => id) },
      type: { $in: ['move', 'cancellation'] },
      subscriptionId: { $in: [...model.doubtful] },
    })
    .toArray();
  return [
    ...answered,
    ...unanswered.map((operation) => ({
      id: operation._id,
      source: operation.subscriptionId ?? '',
      target: operation.type === 'move' ? operation.request.targetSubscriptionId : null,
      status: operation.status,
    })),
  ];
};

/**
 * Where a seat is by now; null where its holder lost it. A subscription may be taken over more than once: by a move that was stopped,
 * and again. A user of whom an ended move says nothing has to be where they were.
 */
export const placeOf = ({ userId, subscriptionId }: Seat, takeovers: Takeovers): string | null => {
  const all = takeovers.get(subscriptionId) ?? [];
  for (const { target, outcomes } of all) {
    const outcome = outcomes.get(userId);
    if (target === null || outcome === undefined) continue;
    if (outcome === 'alreadyLicensed') return null;
    if (outcome === 'moved') return placeOf({ userId, subscriptionId: target }, takeovers);
  }
  const isCanceled = all.some(({ target, status }) => target === null && status === 'succeeded');
  return isCanceled ? null : subscriptionId;
};
