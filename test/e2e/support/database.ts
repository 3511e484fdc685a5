import { afterAll } from '@jest/globals';
import { Database } from '@commissary/store';
import { eventually } from './eventually.js';
import { stack } from './stack.js';
import { lookForDue } from './sweep.js';
import { collectionsOf, dbOf } from '../../support/driver.js';

let connecting: Promise<Database> | undefined;

afterAll(async () => {
  await (await connecting)?.close();
});

/** The product's database, for fixtures that no request can make and for looking that nothing has changed. */
export const database = (): Promise<Database> =>
  (connecting ??= Database.connect({ uri: stack().mongoUri, appName: 'commissary-e2e' }));

const fingerprints = async (): Promise<Record<string, string>> => {
  const db = dbOf(await database());
  const answer = await db.command({ dbHash: 1 });
  return answer['collections'] as Record<string, string>;
};

/** Subscriptions on which the scheduler will do something at its next look. */
const dueNow = async (): Promise<number> => {
  const collections = collectionsOf(await database());
  return collections.subscriptions.countDocuments({
    'lifecycle.dueAt': { $lte: new Date() },
    operationId: null,
    'seats.reservations': { $size: 0 },
  });
};

/** Resolves once all accepted work has ended, nothing is due and all mail is out. */
export const quiet = async (): Promise<void> => {
  const collections = collectionsOf(await database());
  if ((await dueNow()) > 0) await lookForDue();
  await eventually('nothing is at work', async () => {
    const [due, open, queued, mailings] = await Promise.all([
      dueNow(),
      collections.operations.countDocuments({ status: { $in: ['accepted', 'running'] } }),
      collections.notifications.countDocuments({ status: 'queued' }),
      collections.events.countDocuments({ mailing: { $exists: true } }),
    ]);
    return due + open + queued + mailings === 0 ? true : undefined;
  });
};

const TRIES = 3;

/** What requests alone write: a change here is never the scheduler's. */
const BY_REQUESTS: readonly string[] = ['idempotency', 'policies', 'policyChanges', 'tenants'];

/**
 * Does something that is to change nothing, and names the collections in which a byte has changed by it. Again if the scheduler
 * may have done it, which comes to what became due in between, and does not come each time.
 */
export const changedBy = async (work: () => Promise<unknown>): Promise<string[]> => {
  let changed: string[] = [];
  for (let tries = 0; tries < TRIES; tries += 1) {
    const before = await fingerprints();
    await work();
    const after = await fingerprints();
    changed = Object.keys(after).filter((name) => before[name] !== after[name]);
    if (changed.length === 0 || changed.some((name) => BY_REQUESTS.includes(name))) break;
  }
  return changed;
};
