import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AssignOutcome, freeSeats } from '@commissary/domain';
import { newId } from '@commissary/platform';
import { assignOutcome } from '@commissary/policies';
import {
  Database,
  LicenseAssignments,
  type SubscriptionDocument,
  SubscriptionsRepository,
  KeyedMutex,
  type UserDocument,
  type UserOutcomeRow,
  migrate,
} from '@commissary/store';
import { testServices } from '../support/database.js';
import { aLicense, aSubscription, aUser } from '../support/documents.js';
import { collectionsOf } from '../support/driver.js';

const NOW = new Date('2030-01-16T08:00:00Z');
const services = testServices();
let database: Database;
let assignments: LicenseAssignments;
let subscriptions: SubscriptionsRepository;

beforeAll(async () => {
  database = await Database.connect({ uri: services.mongodbUri, appName: 'test' });
  await migrate(database, { holder: 'test' });
  assignments = new LicenseAssignments(database);
  subscriptions = new SubscriptionsRepository(database);
});

afterAll(async () => {
  await database.close();
  await services.remove();
});

const people = async (
  tenantId: string,
  count: number,
  fields: Partial<UserDocument> = {},
): Promise<UserDocument[]> => {
  const users = Array.from({ length: count }, () => aUser(tenantId, fields));
  await collectionsOf(database).users.insertMany(users);
  return users;
};

const bought = async (tenantId: string, purchased: number, fields: Partial<SubscriptionDocument> = {}) => {
  const subscription = aSubscription(tenantId, {
    seats: { purchased, assigned: 0, reservations: [] },
    ...fields,
  });
  await collectionsOf(database).subscriptions.insertOne(subscription);
  return subscription;
};

const assign = (
  subscription: SubscriptionDocument,
  users: readonly string[],
): Promise<UserOutcomeRow<AssignOutcome>[]> =>
  database.transaction(async (session) => {
    const current = await subscriptions.get(subscription.tenantId, subscription._id, session);
    const batch = { tenantId: subscription.tenantId, subscription: current, users, by: 'usr_admin' };
    return assignments.assign(session, batch, assignOutcome, NOW);
  });

const remove = (subscription: SubscriptionDocument, users: readonly string[]) =>
  database.transaction(async (session) => {
    const current = await subscriptions.get(subscription.tenantId, subscription._id, session);
    return assignments.remove(session, {
      tenantId: subscription.tenantId,
      subscription: current,
      users,
      by: 'usr_admin',
    });
  });

const outcomes = (rows: { outcome: string }[]): string[] => rows.map((row) => row.outcome);

/** The counter and the licenses that can be counted say the same. */
const expectAssigned = async (subscription: SubscriptionDocument, assigned: number): Promise<void> => {
  const { tenantId, _id } = subscription;
  const { seats } = await subscriptions.get(tenantId, _id);
  expect(seats.assigned).toBe(assigned);
  expect(await collectionsOf(database).licenses.countDocuments({ tenantId, subscriptionId: _id })).toBe(
    assigned,
  );
  expect(freeSeats(seats)).toBeGreaterThanOrEqual(0);
};

describe('a batch that assigns', () => {
  it('[OWN-3] reports per user in the order of the request, each user once', async () => {
    const tenantId = newId('ten');
    const [a, b, c, d] = await people(tenantId, 4);
    const [guest] = await people(tenantId, 1, { type: 'guest' });
    const [disabled] = await people(tenantId, 1, { state: 'disabled' });
    const [deleted] = await people(tenantId, 1, { state: 'deleted' });
    const [foreign] = await people(newId('ten'), 1);
    const subscription = await bought(tenantId, 3);
    await assign(subscription, [c!._id]);
    const rows = await assign(subscription, [
      'nobody@contoso.example',
      guest!._id,
      a!.email.toUpperCase(),
      disabled!._id,
      c!._id,
      a!._id,
      deleted!._id,
      foreign!._id,
      b!._id,
      d!._id,
    ]);
    expect(outcomes(rows)).toEqual([
      'noSuchUser',
      'guestNotAllowed',
      'assigned',
      'userInactive',
      'alreadyLicensed',
      'noSuchUser',
      'noSuchUser',
      'assigned',
      'noFreeSeat',
    ]);
    expect(rows[2]).toEqual({ user: a!.email.toUpperCase(), userId: a!._id, outcome: 'assigned' });
    expect(rows[0]).toMatchObject({ userId: null });
    await expectAssigned(subscription, 3);
  });

  it('[OWN-3] leaves the seats promised to a move alone', async () => {
    const tenantId = newId('ten');
    const users = await people(tenantId, 3);
    const reservations = [{ operationId: 'op_1', seats: 2 }];
    const subscription = await bought(tenantId, 3, { seats: { purchased: 3, assigned: 0, reservations } });
    const rows = await assign(
      subscription,
      users.map((user) => user._id),
    );
    expect(outcomes(rows)).toEqual(['assigned', 'noFreeSeat', 'noFreeSeat']);
    await expectAssigned(subscription, 1);
  });

  it('[FAULTS] of 500 requests at once on two nodes for 60 seats, exactly 60 succeed and none fails', async () => {
    const tenantId = newId('ten');
    const users = await people(tenantId, 500);
    const subscription = await bought(tenantId, 60);
    const nodes = [new KeyedMutex(), new KeyedMutex()];
    const rows = await Promise.all(
      users.map((user, i) =>
        nodes[i % 2]!.runExclusive(subscription._id, () => assign(subscription, [user._id])),
      ),
    );
    const all = outcomes(rows.flat());
    expect(all.filter((outcome) => outcome === 'assigned')).toHaveLength(60);
    expect(all.filter((outcome) => outcome === 'noFreeSeat')).toHaveLength(440);
    await expectAssigned(subscription, 60);
  });

  it('[OWN-3] licenses a user once, whichever of two subscriptions comes first', async () => {
    const tenantId = newId('ten');
    const users = await people(tenantId, 20);
    const [first, second] = [await bought(tenantId, 20), await bought(tenantId, 20)];
    const ids = users.map((user) => user._id);
    const rows = await Promise.all(ids.flatMap((id) => [assign(first, [id]), assign(second, [id])]));
    const all = outcomes(rows.flat());
    expect(all.filter((outcome) => outcome === 'assigned')).toHaveLength(20);
    expect(all.filter((outcome) => outcome === 'alreadyLicensed')).toHaveLength(20);
    expect(await collectionsOf(database).licenses.countDocuments({ tenantId })).toBe(20);
  });

  it('[OWN-3] does not license a user who is deleted meanwhile', async () => {
    const tenantId = newId('ten');
    const [user] = await people(tenantId, 1);
    const subscription = await bought(tenantId, 1);
    const attempt = database.transaction(async (session) => {
      const current = await subscriptions.get(tenantId, subscription._id, session);
      // Deleted after the snapshot of the first attempt, which must not see it and yet not miss it.
      await collectionsOf(database).users.updateOne({ _id: user!._id }, { $set: { state: 'deleted' } });
      return assignments.assign(
        session,
        { tenantId, subscription: current, users: [user!._id], by: 'usr_admin' },
        assignOutcome,
        NOW,
      );
    });
    expect(outcomes(await attempt)).toEqual(['noSuchUser']);
    await expectAssigned(subscription, 0);
  });
});

describe('a central seat for a user licensed by self-service', () => {
  it('[ADM-6] switches the license in one write and frees the old seat', async () => {
    const tenantId = newId('ten');
    const [a, b] = await people(tenantId, 2);
    const own = await bought(tenantId, 5);
    const central = await bought(tenantId, 5, { origin: 'central' });
    await assign(own, [a!._id]);
    const before = await collectionsOf(database).licenses.findOne({ tenantId, userId: a!._id });
    expect(outcomes(await assign(central, [a!._id, b!._id]))).toEqual(['switched', 'assigned']);
    const after = await collectionsOf(database).licenses.find({ tenantId, userId: a!._id }).toArray();
    expect(after.map((license) => [license._id, license.subscriptionId])).toEqual([
      [before?._id, central._id],
    ]);
    await expectAssigned(own, 0);
    await expectAssigned(central, 2);
  });

  it('[ADM-6, MOV-6] leaves a license alone whose subscription an operation holds, or that is central', async () => {
    const tenantId = newId('ten');
    const [a, b] = await people(tenantId, 2);
    const held = await bought(tenantId, 5, {
      operationId: 'op_1',
      seats: { purchased: 5, assigned: 1, reservations: [] },
    });
    await collectionsOf(database).licenses.insertOne(aLicense(held, a!._id));
    const [one, two] = [
      await bought(tenantId, 5, { origin: 'central' }),
      await bought(tenantId, 5, { origin: 'central' }),
    ];
    await assign(one, [b!._id]);
    expect(outcomes(await assign(two, [a!._id, b!._id]))).toEqual(['alreadyLicensed', 'alreadyLicensed']);
    await expectAssigned(held, 1);
    await expectAssigned(two, 0);
  });
});

describe('a batch that removes', () => {
  it("[OWN-3] takes only this subscription's licenses and gives the seats back", async () => {
    const tenantId = newId('ten');
    const [a, b, c] = await people(tenantId, 3);
    const [mine, other] = [await bought(tenantId, 5), await bought(tenantId, 5)];
    await assign(mine, [a!._id, b!._id]);
    await assign(other, [c!._id]);
    const rows = await remove(mine, [a!.email, c!._id, 'nobody', a!._id]);
    expect(rows).toEqual([
      { user: a!.email, userId: a!._id, outcome: 'removed' },
      { user: c!._id, userId: c!._id, outcome: 'notLicensed' },
      { user: 'nobody', userId: null, outcome: 'notLicensed' },
    ]);
    await expectAssigned(mine, 1);
    await expectAssigned(other, 1);
  });

  it('[OWN-3] twice at once gives the seat back once', async () => {
    const tenantId = newId('ten');
    const [a] = await people(tenantId, 1);
    const subscription = await bought(tenantId, 5);
    await assign(subscription, [a!._id]);
    const rows = await Promise.all([remove(subscription, [a!._id]), remove(subscription, [a!._id])]);
    expect(outcomes(rows.flat()).sort()).toEqual(['notLicensed', 'removed']);
    await expectAssigned(subscription, 0);
  });
});
