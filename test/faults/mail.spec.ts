import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@commissary/platform';
import { database } from '../e2e/support/database.js';
import { eventually } from '../e2e/support/eventually.js';
import { mailsTo } from '../e2e/support/outside.js';
import { adminOf, newcomer } from '../e2e/support/people.js';
import { type Person } from '../e2e/support/person.js';
import { buy } from '../e2e/support/shop.js';
import { ensureFaultStack } from './support/fault-stack.js';
import { expectNothingWrong } from './support/nothing-wrong.js';
import { mailFault } from './support/outsiders.js';
import { type Service, startWorker } from './support/service.js';

let purchaser: Person;
let admin: Person;
let subscriptionId: string;

beforeAll(async () => {
  await ensureFaultStack();
  admin = await adminOf('contoso.example');
  purchaser = await newcomer();
  const worker = await startWorker({ queues: ['purchases'] });
  ({ subscriptionId } = await buy(purchaser));
  await worker.stop();
});
afterEach(async () => {
  await mailFault('none');
  await expectNothingWrong();
});

/** The gateway queues a mail to the purchaser; a word in it tells it from the others. */
const askedToCancel = async (): Promise<string> => {
  const word = newId('req');
  const path = `/v1/subscriptions/${subscriptionId}/cancellation-request`;
  const { status } = await admin.post(path, { message: `Please see ${word}.` });
  expect(status).toBeLessThan(300);
  return word;
};

const arrived = async (word: string) =>
  (await mailsTo(purchaser.email)).filter((mail) => mail.text.includes(word));

/** The mail's row of the outbox, once it has come to its end. */
const endOf = (word: string) =>
  eventually(`the mail about ${word} has ended`, async () => {
    const { collections } = await database();
    const rows = await collections.notifications.find({ recipientUserId: purchaser.userId }).toArray();
    const row = rows.find(({ params }) => JSON.stringify(params).includes(word));
    return row?.status === 'queued' ? undefined : row;
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
    ['is down', 'down', 2, { status: 'sent', attempts: 3 }, 1],
    ['says 4xx', 'refuse451', 2, { status: 'sent', attempts: 3 }, 1],
    ['says 5xx', 'refuse550', 1, { status: 'failed', attempts: 1 }, 0],
    ['drops the connection after the final dot', 'dropAfterData', 1, { status: 'sent', attempts: 2 }, 2],
  ] as const)('and %s', async (_what, mode, count, end, copies) => {
    await withWorker(async () => {
      await mailFault(mode, count);
      const word = await askedToCancel();
      expect(await endOf(word)).toMatchObject(end);
      const mails = await arrived(word);
      expect(mails).toHaveLength(copies);
      expect(new Set(mails.map(({ messageId }) => messageId)).size).toBe(Math.min(1, copies));
    });
  });

  it('a worker killed right after the server took the mail sends it again, with the same Message-ID', async () => {
    const dying = await startWorker({
      queues: ['notifications'],
      failpoints: { 'notification.sent': 'kill' },
    });
    const word = await askedToCancel();
    expect((await dying.exited).signal).toBe('SIGKILL');
    await withWorker(async () => {
      expect(await endOf(word)).toMatchObject({ status: 'sent', attempts: 2 });
    });
    const mails = await arrived(word);
    expect(mails).toHaveLength(2);
    expect(new Set(mails.map(({ messageId }) => messageId)).size).toBe(1);
  });
});
