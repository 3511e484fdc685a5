import { fetch } from '@commissary/stack/http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { MailSender } from '@commissary/mail';
import { createLogger, Failpoints, NO_FAILPOINTS } from '@commissary/platform';
import {
  Database,
  DatabaseClock,
  mail,
  type NotificationDocument,
  NotificationsRepository,
  type NewEventOf,
  recordChange,
  type UserDocument,
  migrate,
} from '@commissary/store';
import { SendNotificationHandler } from '@commissary/worker';
import { testServices } from '../support/database.js';
import { aUser } from '../support/documents.js';
import { startStackProcess, type StackProcess } from '../support/stack-process.js';
import { collectionsOf } from '../support/driver.js';

interface CaughtMail {
  to: string[];
  subject: string;
  messageId: string;
  template: string;
  headers: Record<string, string>;
  text: string;
  html: string;
}

const HOUR = 3_600_000;
const TENANT = 'ten_contoso';
const services = testServices();
let catcher: StackProcess;
let database: Database;
let clock: DatabaseClock;
let sender: MailSender;
let notifications: NotificationsRepository;
let handler: SendNotificationHandler;

beforeAll(async () => {
  catcher = await startStackProcess(['--only', 'mail']);
  database = await Database.connect({ uri: services.mongodbUri, appName: 'test' });
  await migrate(database, { holder: 'test' });
  clock = await DatabaseClock.start(database);
  notifications = new NotificationsRepository(database);
});

beforeEach(() => {
  sender = new MailSender({ smtpUrl: catcher.file().smtpUrl, from: 'Commissary <no-reply@vendor.example>' });
  handler = handlerWith(NO_FAILPOINTS);
});

afterEach(async () => {
  sender.close();
  await faults('none');
});

afterAll(async () => {
  clock.stop();
  await database.close();
  await services.remove();
  await catcher.stop();
});

const handlerWith = (failpoints: Failpoints, worker = 'worker-1'): SendNotificationHandler =>
  new SendNotificationHandler({
    notifications,
    sender,
    publicUrl: 'https://buy.vendor.example',
    worker,
    clock,
    logger: createLogger('test', 'silent'),
    failpoints,
  });

const faults = async (mode: string, count?: number): Promise<void> => {
  const answer = await fetch(`${catcher.file().mailUrl}/faults`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ mode, count }),
  });
  expect(answer.status).toBe(200);
};

const mailsTo = async (address: string): Promise<CaughtMail[]> => {
  const answer = await fetch(`${catcher.file().mailUrl}/messages?to=${encodeURIComponent(address)}`);
  return ((await answer.json()) as { items: CaughtMail[] }).items;
};

/** A user and a mail to them, queued as any change queues its mails. */
const queued = async (fields: Partial<UserDocument> = {}, createdAt = new Date()) => {
  const user = aUser(TENANT, fields);
  await collectionsOf(database).users.insertOne(user);
  const event: NewEventOf<'license.removed'> = {
    tenantId: TENANT,
    type: 'license.removed',
    subjectId: 'sub_1',
    operationId: null,
    data: { removed: [user._id] },
    mails: [mail('accessRemoved', user._id, { subscriptionId: 'sub_1', productName: 'Power BI Pro' })],
  };
  const { notificationIds } = await database.transaction((session) =>
    recordChange(database, session, createdAt, { events: [event] }),
  );
  return { user, job: { v: 1 as const, tenantId: TENANT, notificationId: notificationIds[0]! } };
};

type Job = Awaited<ReturnType<typeof queued>>['job'];

const row = async ({ notificationId }: Job): Promise<NotificationDocument> =>
  (await collectionsOf(database).notifications.findOne({ _id: notificationId }))!;

/** Lets the time pass that a row waits for: its next attempt, or the end of a dead worker's lease. */
const becomeDue = async ({ notificationId }: Job): Promise<void> => {
  await collectionsOf(database).notifications.updateOne({ _id: notificationId }, [
    {
      $set: {
        nextAttemptAt: { $subtract: ['$$NOW', 1] },
        lease: { $cond: ['$lease', { until: { $subtract: ['$$NOW', 1] }, worker: '$lease.worker' }, null] },
      },
    },
  ]);
};

describe('sending the outbox', () => {
  it('[MSG-3] sends one mail however often its job runs, at once or one after the other', async () => {
    const { user, job } = await queued();
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => handler.handle(job)));
    expect(outcomes.filter(({ kind }) => kind === 'done').length).toBeGreaterThanOrEqual(1);
    expect(await handler.handle(job)).toEqual({ kind: 'done' });
    expect(await mailsTo(user.email)).toHaveLength(1);
    expect(await row(job)).toMatchObject({
      status: 'sent',
      attempts: 1,
      fence: 1,
      lease: null,
      lastError: null,
    });
    expect((await row(job)).endedAt).toBeInstanceOf(Date);
  });

  it('[MSG-1, MSG-3] writes its headers and both parts, and keeps a hostile name out of the others', async () => {
    const displayName = 'Eve "x" <all@x.example>\r\nBcc: all@x.example, b@x.example';
    const { user, job } = await queued({ displayName });
    await handler.handle(job);
    const [sent] = await mailsTo(user.email);
    expect(sent).toMatchObject({
      to: [user.email],
      subject: 'You no longer have access to Power BI Pro',
      messageId: `<${job.notificationId}@vendor.example>`,
      template: 'accessRemoved',
    });
    expect(sent?.headers['auto-submitted']).toBe('auto-generated');
    expect(sent?.headers['from']).toBe('Commissary <no-reply@vendor.example>');
    expect(sent?.headers).not.toHaveProperty('bcc');
    expect(sent?.headers['to']).toBe(
      `"Eve \\"x\\" <all@x.example> Bcc: all@x.example, b@x.example" <${user.email}>`,
    );
    expect(sent?.text).toContain('Contact your IT admin');
    expect(sent?.html).toContain('Contact your IT admin');
  });

  it('[MSG-3] waits after 451 and delivers when its time has come, not before', async () => {
    const { user, job } = await queued();
    await faults('refuse451', 1);
    expect(await handler.handle(job)).toEqual({ kind: 'done' });
    const waiting = await row(job);
    expect(waiting).toMatchObject({
      status: 'queued',
      attempts: 1,
      lastError: '451',
      lease: null,
      endedAt: null,
    });
    const waitMs = waiting.nextAttemptAt.getTime() - clock.now().getTime();
    expect(waitMs).toBeLessThanOrEqual(1_000);

    await collectionsOf(database).notifications.updateOne({ _id: job.notificationId }, [
      { $set: { nextAttemptAt: { $add: ['$$NOW', HOUR] } } },
    ]);
    const early = await handler.handle(job);
    expect(early.kind === 'later' && early.inMs).toBeGreaterThan(HOUR / 2);
    expect(await mailsTo(user.email)).toHaveLength(0);

    await becomeDue(job);
    await handler.handle(job);
    expect(await mailsTo(user.email)).toHaveLength(1);
    expect(await row(job)).toMatchObject({ status: 'sent', attempts: 2 });
  });

  it('[MSG-3] gives up at once, and for good, on 550', async () => {
    const { user, job } = await queued();
    await faults('refuse550', 1);
    await handler.handle(job);
    expect(await row(job)).toMatchObject({ status: 'failed', attempts: 1, lastError: '550', lease: null });
    await becomeDue(job);
    expect(await handler.handle(job)).toEqual({ kind: 'done' });
    expect(await mailsTo(user.email)).toHaveLength(0);
    expect(await row(job)).toMatchObject({ status: 'failed', attempts: 1 });
  });

  it('[MSG-3] sends again under the same Message-ID when the answer was lost', async () => {
    const { user, job } = await queued();
    await faults('dropAfterData', 1);
    await handler.handle(job);
    expect(await row(job)).toMatchObject({ status: 'queued', attempts: 1 });
    await becomeDue(job);
    await handler.handle(job);
    const ids = (await mailsTo(user.email)).map(({ messageId }) => messageId);
    expect(ids).toEqual([`<${job.notificationId}@vendor.example>`, `<${job.notificationId}@vendor.example>`]);
    expect(await row(job)).toMatchObject({ status: 'sent', attempts: 2 });
  });

  it('[MSG-3] sends again under the same Message-ID after a death between the answer and its record', async () => {
    const { user, job } = await queued();
    const dying = handlerWith(new Failpoints('notification.sent=throw'));
    await expect(dying.handle(job)).rejects.toThrow('failpoint');
    expect((await handler.handle(job)).kind).toBe('later');
    await becomeDue(job);
    await handler.handle(job);
    expect(new Set((await mailsTo(user.email)).map(({ messageId }) => messageId)).size).toBe(1);
    expect(await mailsTo(user.email)).toHaveLength(2);
    expect(await row(job)).toMatchObject({ status: 'sent', attempts: 2 });
  });

  it('[MSG-3] tries again while the server is down', async () => {
    const { user, job } = await queued();
    await faults('down');
    await handler.handle(job);
    expect(await row(job)).toMatchObject({
      status: 'queued',
      attempts: 1,
      lastError: expect.stringMatching(/^E/),
    });
    await faults('none');
    await becomeDue(job);
    await handler.handle(job);
    expect(await mailsTo(user.email)).toHaveLength(1);
  });

  it('[MSG-3] gives up after a day of refusals', async () => {
    const { job } = await queued({}, new Date(Date.now() - 24 * HOUR));
    await faults('refuse451', 1);
    await handler.handle(job);
    expect(await row(job)).toMatchObject({ status: 'failed', lastError: '451', lease: null });
    expect((await row(job)).endedAt).toBeInstanceOf(Date);
  });

  it('[MSG-3] sends nothing to a deleted recipient, and says why', async () => {
    const { user, job } = await queued({ state: 'deleted' });
    await handler.handle(job);
    expect(await row(job)).toMatchObject({ status: 'failed', lastError: 'recipient_deleted' });
    expect(await mailsTo(user.email)).toHaveLength(0);
  });

  it.each([
    'a@one.example, b@two.example',
    'a@one.example\r\nBcc: b@two.example',
    'a@one.example>\r\nRCPT TO:<b@two.example',
    '<a@one.example> b@two.example',
    'a@one.example b',
    'nobody',
  ])('[MSG-3] sends nothing to %j, which is not one address', async (email) => {
    const { job } = await queued({ email });
    await handler.handle(job);
    expect(await row(job)).toMatchObject({ status: 'failed', lastError: 'bad_address' });
    for (const address of ['a@one.example', 'b@two.example']) expect(await mailsTo(address)).toHaveLength(0);
  });

  it('leaves another tenant’s notification alone', async () => {
    const { user, job } = await queued();
    expect(await handler.handle({ ...job, tenantId: 'ten_other' })).toEqual({ kind: 'done' });
    expect(await mailsTo(user.email)).toHaveLength(0);
    expect(await row(job)).toMatchObject({ status: 'queued', attempts: 0 });
  });
});

describe('the outbox', () => {
  const claimed = async (job: Job, worker: string): Promise<NotificationDocument> => {
    const claim = await notifications.claim(job.tenantId, job.notificationId, worker);
    if (claim.kind !== 'claimed') throw new Error(`not claimed: ${claim.kind}`);
    return claim.notification;
  };

  it('[MSG-3] refuses every write of a run that was overtaken', async () => {
    const { job } = await queued();
    const frozen = await claimed(job, 'frozen');
    await becomeDue(job);
    const current = await claimed(job, 'current');
    expect(await notifications.renew(frozen)).toBe(false);
    expect(await notifications.recordSent(frozen)).toBe(false);
    expect(await notifications.recordFailed(frozen, '550')).toBe(false);
    expect(await notifications.recordRetry(frozen, '451', 1_000)).toBeNull();
    expect(await notifications.renew(current)).toBe(true);
    expect(await notifications.recordSent(current)).toBe(true);
    expect(await notifications.recordSent(current)).toBe(false);
  });

  it('[OPS-4] lists what is due and held by nobody', async () => {
    const due = await queued();
    const held = await queued();
    const waiting = await queued({}, new Date(Date.now() + HOUR));
    await claimed(held.job, 'other');
    const ids = async () => (await notifications.dueNotifications(1_000)).map(({ _id }) => _id);
    expect(await ids()).toContain(due.job.notificationId);
    expect(await ids()).not.toContain(held.job.notificationId);
    expect(await ids()).not.toContain(waiting.job.notificationId);
    await becomeDue(held.job);
    expect(await ids()).toContain(held.job.notificationId);
    expect(await notifications.dueNotifications(1)).toHaveLength(1);
  });
});
