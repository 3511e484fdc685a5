import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { UserView } from '@commissary/contracts';
import { database, quiet } from '../e2e/support/database.js';
import { eventually } from '../e2e/support/eventually.js';
import { mailsTo } from '../e2e/support/outside.js';
import { newcomer, newUser } from '../e2e/support/people.js';
import { type Person } from '../e2e/support/person.js';
import { assign, buy } from '../e2e/support/shop.js';
import { ensureFaultStack } from './support/fault-stack.js';
import { expectNothingWrong } from './support/nothing-wrong.js';
import { mailFault } from './support/outsiders.js';
import { type Service, startWorker } from './support/service.js';

let purchaser: Person;
let subscriptionId: string;

beforeAll(async () => {
  await ensureFaultStack();
  purchaser = await newcomer();
  const worker = await startWorker();
  ({ subscriptionId } = await buy(purchaser, { quantity: 20 }));
  // From here on the only mail is the test's own: it alone meets the fault.
  await quiet();
  await worker.stop();
});
afterEach(async () => {
  await mailFault('none');
  await expectNothingWrong();
});

/** Somebody is given a license, and the gateway queues the one mail that tells so. */
const someoneToTell = async (): Promise<UserView> => {
  const user = await newUser();
  expect(await assign(purchaser, subscriptionId, [user.id])).toEqual(['assigned']);
  return user;
};

/** The mail's row of the outbox, once it has come to its end. */
const endOf = ({ id, email }: UserView) =>
  eventually(`the mail to ${email} has ended`, async () => {
    const { collections } = await database();
    const row = await collections.notifications.findOne({ recipientUserId: id });
    return row === null || row.status === 'queued' ? undefined : row;
  });

const withWorker = async (work: (worker: Service) => Promise<void>): Promise<void> => {
  const worker = await startWorker({ queues: ['notifications'] });
  try {
    await work(worker);
  } finally {
    await worker.stop();
  }
};

describe('a mail server that misbehaves [MSG-3]', () => {
  it.each([
    ['says 4xx', 'refuse451', 2, { status: 'sent', attempts: 3 }, 1],
    ['says 5xx', 'refuse550', 1, { status: 'failed', attempts: 1 }, 0],
    ['drops the connection after the final dot', 'dropAfterData', 1, { status: 'sent', attempts: 2 }, 2],
  ] as const)('and %s', async (_what, mode, count, end, copies) => {
    await withWorker(async () => {
      await mailFault(mode, count);
      const user = await someoneToTell();
      expect(await endOf(user)).toMatchObject(end);
      const mails = await mailsTo(user.email);
      expect(mails).toHaveLength(copies);
      expect(new Set(mails.map(({ messageId }) => messageId)).size).toBe(Math.min(1, copies));
    });
  });

  it('and is down: the mail waits for it', async () => {
    await withWorker(async () => {
      await mailFault('down');
      const user = await someoneToTell();
      await eventually('it was tried', async () => {
        const { collections } = await database();
        const row = await collections.notifications.findOne({ recipientUserId: user.id });
        return row !== null && row.lastError !== null ? true : undefined;
      });
      await mailFault('none');
      expect(await endOf(user)).toMatchObject({ status: 'sent', lastError: null });
      expect(await mailsTo(user.email)).toHaveLength(1);
    });
  });

  it('a worker killed right after the server took the mail sends it again, with the same Message-ID', async () => {
    const dying = await startWorker({
      queues: ['notifications'],
      failpoints: { 'notification.sent': 'kill' },
    });
    const user = await someoneToTell();
    expect((await dying.exited).signal).toBe('SIGKILL');
    await withWorker(async () => {
      expect(await endOf(user)).toMatchObject({ status: 'sent', attempts: 2 });
    });
    const mails = await mailsTo(user.email);
    expect(mails).toHaveLength(2);
    expect(new Set(mails.map(({ messageId }) => messageId)).size).toBe(1);
  });
});
