import { beforeEach, describe, expect, it } from '@jest/globals';
import { runAudit } from '@commissary/audit';
import { newId } from '@commissary/platform';
import {
  type NewEventOf,
  notificationOf,
  NotificationsRepository,
  operationsHealth,
  recordChange,
} from '@commissary/store';
import { workerSuite } from '../support/fixtures/suite.js';
import { collectionsOf } from '../support/driver.js';

const params = { subscriptionId: 'sub_1', productName: 'Power BI Pro' };
const mailing = { template: 'accessRemoved' as const, params };

const usersIn = (count: number): string[] => Array.from({ length: count }, () => newId('usr')).sort();

const owed = (userIds: string[]): NewEventOf<'access.removed'> => ({
  tenantId: 'ten_1',
  type: 'access.removed',
  subjectId: 'sub_1',
  operationId: null,
  data: { recipients: { accessRemoved: userIds } },
  mailing,
});

describe('e-mails for many, owed by their event until the outbox takes them', () => {
  const suite = workerSuite();

  const owe = async (...groups: string[][]): Promise<void> => {
    const { database, clock } = suite.world;
    const events = groups.map(owed);
    await database.transaction((session) => recordChange(database, session, clock.now(), { events }));
  };
  const inOutbox = async (): Promise<string[]> => {
    const rows = await collectionsOf(suite.world.database).notifications.find().toArray();
    return rows.map((row) => row.recipientUserId).sort();
  };
  const outbox = () => new NotificationsRepository(suite.world.database);

  beforeEach(async () => {
    const { events, notifications } = collectionsOf(suite.world.database);
    await Promise.all([events.deleteMany({}), notifications.deleteMany({})]);
  });

  it('[CAN-2] [MSG-3] each recipient has one mail, however many workers fill the outbox at once', async () => {
    const groups = [usersIn(300), usersIn(200), usersIn(100)];
    await owe(...groups);
    const { mailsQueued } = await operationsHealth(suite.world.database, new Date());
    expect({ mailsQueued, mails: await inOutbox() }).toEqual({ mailsQueued: 600, mails: [] });
    const answers = await Promise.all(Array.from({ length: 5 }, () => outbox().queueMailing()));
    while (await outbox().queueMailing()) answers.push(true);
    expect(answers.filter(Boolean)).toHaveLength(groups.length);
    expect(await inOutbox()).toEqual(groups.flat().sort());
    const row = await collectionsOf(suite.world.database).notifications.findOne();
    const event = await collectionsOf(suite.world.database).events.findOne({ _id: row!.eventId });
    expect(event).not.toHaveProperty('mailing');
    expect(row).toMatchObject({ ...mailing, tenantId: 'ten_1', status: 'queued', createdAt: event!.at });
    expect((await operationsHealth(suite.world.database, new Date())).mailsQueued).toBe(600);
  });

  it('[MSG-3] of a mailing that cannot be queued whole nothing is queued, and it waits on', async () => {
    const [twice = ''] = usersIn(1);
    await owe([...usersIn(50), twice, twice]);
    await expect(outbox().queueMailing()).rejects.toThrow('duplicate key');
    expect(await inOutbox()).toEqual([]);
    expect(await collectionsOf(suite.world.database).events.countDocuments({ mailing })).toBe(1);
  });

  it('[CAN-2] the dispatcher lets them in as the outbox empties, so that whose mail comes later waits for few', async () => {
    const groups = Array.from({ length: 4 }, () => usersIn(600));
    await owe(...groups);
    const { notifications } = collectionsOf(suite.world.database);
    const dispatcher = suite.worker.dispatcher(['notifications']);
    await dispatcher.tick();
    expect(await inOutbox()).toHaveLength(1_200);
    await dispatcher.tick();
    expect(await inOutbox()).toHaveLength(1_200);
    await notifications.updateMany({}, { $set: { status: 'sent' } });
    await dispatcher.tick();
    expect(await inOutbox()).toEqual(groups.flat().sort());
  });

  it('[OPS-5] the audit asks for no mail of a mailing, and names one lost or there too soon', async () => {
    const { database, clock } = suite.world;
    const { events, notifications } = collectionsOf(database);
    const named = async () => {
      const { violations } = await runAudit({ database });
      return violations.filter(({ invariant }) => invariant === 9).map(({ subject }) => subject);
    };
    const [user = ''] = usersIn(1);
    await owe([user]);
    const { _id } = (await events.findOne({ mailing }))!;
    expect(await named()).toEqual([]);
    await events.updateOne({ _id }, { $unset: { mailing: 1 } });
    expect(await named()).toEqual([_id]);
    await events.updateOne({ _id }, { $set: { mailing } });
    await notifications.insertOne(
      notificationOf({ _id, tenantId: 'ten_1' }, { ...mailing, recipientUserId: user }, clock.now()),
    );
    expect(await named()).toEqual([_id]);
    await notifications.deleteMany({});
  });
});
