import type { UserView } from '@commissary/contracts';
import type { NotificationDocument } from '@commissary/store';
import { database } from '../../e2e/support/database.js';
import { eventually } from '../../e2e/support/eventually.js';
import { type Mail, mailsTo } from '../../e2e/support/outside.js';
import { newUser, person } from '../../e2e/support/people.js';
import { assign } from '../../e2e/support/shop.js';
import { type MailFault, mailFault } from '../support/outsiders.js';
import { startWorker } from '../support/service.js';
import { collectionsOf } from '../../support/driver.js';

/** Of one mail: what its row of the outbox says in the end, and what has arrived. */
export interface MailEnd {
  row: NotificationDocument;
  mails: Mail[];
}

const FAULTS: readonly MailFault[] = ['down', 'refuse451', 'refuse550', 'dropAfterData'];

const rowOf = async ({ id }: UserView): Promise<NotificationDocument | null> =>
  collectionsOf(await database()).notifications.findOne({ recipientUserId: id });

const endOf = async (user: UserView): Promise<MailEnd> => {
  const row = await eventually(
    `the mail to ${user.email} has ended`,
    async () => {
      const current = await rowOf(user);
      return current === null || current.status === 'queued' ? undefined : current;
    },
    60_000,
  );
  return { row, mails: await mailsTo(user.email) };
};

/** Somebody is given a license, and the gateway queues the one mail that tells so. */
const someoneToTell = async (subscriptionId: string): Promise<UserView> => {
  const user = await newUser({ domain: 'relecloud-org.example' });
  const owner = await person('user@relecloud-org.example');
  const [outcome] = await assign(owner, subscriptionId, [user.id]);
  if (outcome !== 'assigned') throw new Error(`the seat was not assigned: ${outcome ?? ''}`);
  return user;
};

/** A mail that meets a mail server with a fault; mended once the mail has been tried. */
const withFault = async (mode: MailFault, subscriptionId: string): Promise<MailEnd> => {
  await mailFault(mode);
  try {
    const user = await someoneToTell(subscriptionId);
    await eventually(`the mail to ${user.email} was tried`, async () => {
      const row = await rowOf(user);
      return row !== null && row.lastError !== null ? true : undefined;
    });
    await mailFault('none');
    return await endOf(user);
  } finally {
    await mailFault('none');
  }
};

/** Killed between the server's answer and the record of it. */
const killedAfterSending = async (subscriptionId: string): Promise<MailEnd> => {
  const dying = await startWorker({
    queues: ['notifications'],
    failpoints: { 'notification.sent': 'kill' },
  });
  // Whichever mail is the first: each that was sent and not recorded goes out again.
  const user = await someoneToTell(subscriptionId);
  await dying.ended('a mail was sent, and its sender died of it');
  const next = await startWorker({ queues: ['notifications'] });
  const end = await endOf(user);
  await next.stop();
  return end;
};

/** One mail for each way in which a mail server fails, and one for a worker that dies at the worst moment. */
export const mailStories = async (subscriptionId: string) => {
  const killed = await killedAfterSending(subscriptionId);
  const worker = await startWorker({ queues: ['notifications'] });
  const ends = new Map<MailFault, MailEnd>();
  for (const mode of FAULTS) ends.set(mode, await withFault(mode, subscriptionId));
  await worker.stop();
  return { killed, ends };
};
