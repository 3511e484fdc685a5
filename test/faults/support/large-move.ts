import { expect } from '@jest/globals';
import type { OperationView, UserOutcomeView } from '@commissary/contracts';
import { type Seeded, seed } from '../../e2e/support/commands.js';
import { database } from '../../e2e/support/database.js';
import { mailsTo } from '../../e2e/support/outside.js';
import { adminOf, newcomer } from '../../e2e/support/people.js';
import { must, type Person } from '../../e2e/support/person.js';
import { allOf, subscription } from '../../e2e/support/shop.js';
import { mailsOut } from './mails-out.js';
import { collectionsOf } from '../../support/driver.js';

/** A seeded subscription of many users, a central one for them, and who has to do with it. */
export interface LargeMove {
  seeded: Seeded;
  /** Ids of the source's users. */
  holders: readonly string[];
  /** Nobody else's mails come to this admin. */
  admin: Person;
  /** An admin whom nothing happens to. */
  watcher: Person;
}

/** `spare`: seats that the target has beyond those it takes. */
export const largeMove = async (users: number, spare = 0): Promise<LargeMove> => {
  const [seeded, admin, watcher] = await Promise.all([
    seed(users, users + spare),
    newcomer({ roles: ['billingAdmin'] }),
    adminOf('contoso.example'),
  ]);
  return { seeded, holders: await holdersOf(seeded.sourceSubscriptionId), admin, watcher };
};

export const askMove = (who: Person, { seeded }: LargeMove): Promise<OperationView> => {
  const { sourceSubscriptionId, targetSubscriptionId } = seeded;
  const path = `/v1/subscriptions/${sourceSubscriptionId}/move`;
  return must(202, who.post<OperationView>(path, { targetSubscriptionId }));
};

/** User ids, sorted. */
export const holdersOf = async (subscriptionId: string): Promise<string[]> => {
  const collections = collectionsOf(await database());
  const licenses = await collections.licenses
    .find({ subscriptionId }, { projection: { _id: 0, userId: 1 } })
    .toArray();
  return licenses.map(({ userId }) => userId).sort();
};

/** The users of one side at the end, and the counters that have to say the same. */
const expectHolders = async (who: Person, subscriptionId: string, users: readonly string[]) => {
  expect(await holdersOf(subscriptionId)).toEqual([...users].sort());
  const { seats, status } = await subscription(who, subscriptionId);
  const free = seats.purchased - users.length;
  expect(seats).toEqual({ purchased: seats.purchased, assigned: users.length, reserved: 0, free });
  return status;
};

/** Each of the users once, in the pages and in the file alike, and as many of each outcome as the result says. [MOV-5] */
export const expectResults = async (
  who: Person,
  { id, result }: OperationView,
  users: readonly string[],
): Promise<void> => {
  const rows = await allOf<UserOutcomeView>(who, `/v1/operations/${id}/results?limit=200`);
  expect(rows.map(({ userId }) => userId).sort()).toEqual([...users].sort());
  const headers = { accept: 'text/csv' };
  const text = await (await who.fetch(`/v1/operations/${id}/results`, { headers })).text();
  const [, ...lines] = text.trimEnd().split('\r\n');
  const line = ({ userId, email, outcome, reason }: UserOutcomeView): string =>
    [userId, email ?? '', outcome, reason ?? ''].join(',');
  expect(lines.sort()).toEqual(rows.map(line).sort());
  const counts = { moved: 0, alreadyLicensed: 0, skipped: 0, failed: 0, accessRemoved: 0 };
  for (const { outcome } of rows) counts[outcome] += 1;
  const { accessRemoved, ...counted } = counts;
  expect(accessRemoved).toBe(0);
  expect(result).toMatchObject(counted);
};

/** The source deleted and empty, the target's users these, a result for each of `users`, all counters right. [MOV-4, MOV-5] */
export const expectTakenOver = async (
  { seeded, watcher }: LargeMove,
  end: OperationView,
  { users, onTarget = users }: { users: readonly string[]; onTarget?: readonly string[] },
): Promise<void> => {
  expect(end).toMatchObject({ status: 'succeeded', result: { failed: 0, sourceStatus: 'deleted' } });
  expect(end.progress).toMatchObject({ total: users.length, pending: 0, failed: 0 });
  expect(await expectHolders(watcher, seeded.sourceSubscriptionId, [])).toBe('deleted');
  expect(await expectHolders(watcher, seeded.targetSubscriptionId, onTarget)).toBe('active');
  await expectResults(watcher, end, users);
};

type Expected = readonly [email: string, template: 'canceled' | 'moveCompleted'];

/** Of these two kinds, what the outbox holds for somebody, and what has arrived. */
const mailsOf = async ([email]: Expected) => {
  const { users, notifications } = collectionsOf(await database());
  const user = await users.findOne({ email });
  const kinds = ['canceled', 'moveCompleted'] as const;
  const rows = await notifications
    .find({ recipientUserId: user?._id ?? '', template: { $in: [...kinds] } })
    .toArray();
  const arrived = (await mailsTo(email)).map(({ template }) => template);
  return {
    rows: rows.map(({ template, status }) => [template, status]),
    arrived: arrived.filter((template) => kinds.some((kind) => kind === template)),
  };
};

/** `canceled` to the purchaser and `moveCompleted` to the admin, once on record and once arrived; a worker sends mails. [MOV-5] */
export const expectMailedOnce = async ({ seeded }: LargeMove, admin: Person): Promise<void> => {
  await mailsOut();
  const all: Expected[] = [
    [seeded.purchaserEmail, 'canceled'],
    [admin.email, 'moveCompleted'],
  ];
  for (const expected of all) {
    const [, template] = expected;
    expect(await mailsOf(expected)).toEqual({ rows: [[template, 'sent']], arrived: [template] });
  }
};
