import { afterAll } from '@jest/globals';
import { Database } from '@commissary/store';
import { eventually } from './eventually.js';
import { stack } from './stack.js';

let connecting: Promise<Database> | undefined;

afterAll(async () => {
  await (await connecting)?.close();
});

/** The product's database, for fixtures that no request can make and for looking that nothing has changed. */
export const database = (): Promise<Database> =>
  (connecting ??= Database.connect({ uri: stack().mongoUri, appName: 'commissary-e2e' }));

const fingerprints = async (): Promise<Record<string, string>> => {
  const { db } = await database();
  const answer = await db.command({ dbHash: 1 });
  return answer['collections'] as Record<string, string>;
};

/** Resolves once all accepted work has ended and all mail is out. */
export const quiet = async (): Promise<void> => {
  const { collections } = await database();
  await eventually('nothing is at work', async () => {
    const [open, queued] = await Promise.all([
      collections.operations.countDocuments({ status: { $in: ['accepted', 'running'] } }),
      collections.notifications.countDocuments({ status: 'queued' }),
    ]);
    return open + queued === 0 ? true : undefined;
  });
};

/** Does something, and names the collections in which a byte has changed by it. */
export const changedBy = async (work: () => Promise<unknown>): Promise<string[]> => {
  const before = await fingerprints();
  await work();
  const after = await fingerprints();
  return Object.keys(after).filter((name) => before[name] !== after[name]);
};
