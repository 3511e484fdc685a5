import type { Database, LicenseDocument } from '@commissary/store';
import type { Model } from './model.js';
import { evidenceOf } from './seat-evidence.js';
import { entriesOf } from './seat-entries.js';
import type { FactsOf } from './seat-rules.js';
import { explainSeats, seatsText } from './seat-search.js';
import { collectionsOf } from '../../support/driver.js';

const FAULTS = {
  explained: 'is named by a violation of the audit',
  otherSeats: 'does not hold the seats that the answers lead to',
  contradiction: 'was given answers that contradict each other',
  undecided: 'has so many overlapping answers that the seats cannot be judged',
} as const;

/**
 * For each person, some order of everything that was answered about them must fit the answers and lead to the seats that the database
 * holds for them. A person for whom there is no such order is a fault, with all that is known about them, and so is a person whom
 * `violations`, the texts of the audit, name. [OWN-3, ADM-6, MOV-4, CAN-2]
 */
export const seatFaults = async (
  model: Model,
  database: Database,
  violations: readonly string[] = [],
): Promise<string[]> => {
  const byUser = grouped(await entriesOf(model, database));
  const users = [...new Set([...model.people.keys(), ...byUser.keys()])];
  const licenses = grouped(
    await collectionsOf(database)
      .licenses.find({ userId: { $in: users } })
      .toArray(),
  );
  const factsOf = await factsIn(database);
  const faults: string[] = [];
  for (const userId of users) {
    const entries = byUser.get(userId) ?? [];
    const held = licenses.get(userId) ?? [];
    const explanation = explainSeats(entries, heldText(held), factsOf);
    const names = [userId, ...held.map(({ _id }) => _id)];
    const isNamed = violations.some((text) => names.some((name) => text.includes(name)));
    if (explanation.verdict === 'explained' && !isNamed) continue;
    const person = model.people.get(userId) ?? 'untouched';
    const evidence = await evidenceOf(database, { userId, person, entries, held, explanation, factsOf });
    faults.push([`${userId} ${FAULTS[explanation.verdict]}`, ...evidence].join('\n    '));
  }
  return [...faults, ...(await deadSeatFaults(database, [...licenses.values()].flat()))];
};

const grouped = <T extends { userId: string }>(rows: readonly T[]): Map<string, T[]> => {
  const groups = new Map<string, T[]>();
  for (const row of rows) groups.set(row.userId, [...(groups.get(row.userId) ?? []), row]);
  return groups;
};

const heldText = (held: readonly LicenseDocument[]): string =>
  seatsText({ byProduct: new Map(held.map(({ productId, subscriptionId }) => [productId, subscriptionId])) });

const factsIn = async (database: Database): Promise<FactsOf> => {
  const rows = await collectionsOf(database)
    .subscriptions.find({}, { projection: { productId: 1, origin: 1, isTrial: 1 } })
    .toArray();
  const facts = new Map(
    rows.map(({ _id, productId, origin, isTrial }) => [_id, { productId, origin, isTrial }]),
  );
  return (subscriptionId) => facts.get(subscriptionId);
};

/** Once everything has ended nobody holds a seat of a deleted subscription. [MOV-5, CAN-2] */
const deadSeatFaults = async (
  database: Database,
  licenses: readonly LicenseDocument[],
): Promise<string[]> => {
  const ids = [...new Set(licenses.map(({ subscriptionId }) => subscriptionId))];
  const deleted = await collectionsOf(database).subscriptions.distinct('_id', {
    _id: { $in: ids },
    status: 'deleted',
  });
  return licenses
    .filter(({ subscriptionId }) => deleted.includes(subscriptionId))
    .map(({ userId, subscriptionId }) => `${userId} holds a seat of ${subscriptionId}, which is deleted`);
};
