import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from '@commissary/store';
import type { Client } from './client.js';
import type { Terms } from './terms.js';
import { collectionsOf } from '../../support/driver.js';

const LOOK_EVERY_MS = 250;

export interface Quiet {
  isQuiet: boolean;
  seconds: number;
  /** How many operations the operator resumed after five deaths in a row had parked them. */
  resumed: number;
  /** How many mails wait for a later try; nothing else is left to do. */
  mailsWaiting: number;
  /** What was still open at the last look before there was nothing left, or before the time was up. */
  last: string[];
}

/**
 * Waits until no operation is open and every term that was made to end is followed by another or by the next status, at most
 * `withinMs`. The operator resumes what is parked, as after an outage; only deaths of workers may have parked it.
 */
export const quiet = async (
  database: Database,
  operator: Client,
  terms: Terms,
  withinMs: number,
): Promise<Quiet> => {
  const { operations, notifications, events } = collectionsOf(database);
  const began = performance.now();
  let resumed = 0;
  let last: string[] = [];
  for (;;) {
    const open = await operations
      .find(
        { status: { $nin: ['succeeded', 'rejected', 'failed', 'stopped'] } },
        { projection: { status: 1, type: 1, starts: 1, providerFailures: 1 } },
      )
      .toArray();
    for (const { _id, status } of open) {
      if (status === 'parked' && (await resume(operator, _id))) resumed += 1;
    }
    const due = await notifications.countDocuments({ status: 'queued', nextAttemptAt: { $lte: new Date() } });
    const ms = performance.now() - began;
    const mailings = await events.countDocuments({ mailing: { $exists: true } });
    const ended = await terms.waiting();
    if (ended > 0) await terms.lookForDue();
    const isQuiet = open.length + due + mailings + ended === 0;
    if (isQuiet || ms > withinMs) {
      const mailsWaiting = await notifications.countDocuments({ status: 'queued' });
      return { isQuiet, seconds: Math.round(ms / 100) / 10, resumed, mailsWaiting, last };
    }
    last = [
      ...open.map(
        ({ _id, type, status, starts, providerFailures }) =>
          `${_id}: ${type} ${status}, ${starts} starts, ${providerFailures} failures of the provider`,
      ),
      ...(ended > 0 ? [`${ended} subscriptions whose term is over`] : []),
      ...(due + mailings > 0 ? [`${due} mails, ${mailings} mailings`] : []),
    ];
    await delay(LOOK_EVERY_MS);
  }
};

const resume = async (operator: Client, id: string): Promise<boolean> => {
  const path = `/v1/operations/${id}/resume`;
  return (await operator.ask({ method: 'POST', path, body: {}, key: randomUUID() })).code === null;
};
