import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from '@commissary/store';
import { collectionsOf } from '../../support/driver.js';

const LOOK_EVERY_MS = 500;

interface Watched {
  operationId: string;
  source: string;
  target: string;
  users: number;
  /** Users whose deletion has been asked for by now. */
  leaving: ReadonlySet<string>;
}

/**
 * Looks at a move again and again until `isOver`, and returns what was wrong: no user is ever without a license, no user has two,
 * and the progress never falls. Nothing is seen while MongoDB is away. [MOV-3, MOV-4]
 */
export const watchMove = async (
  database: Database,
  watched: Watched,
  isOver: () => boolean,
): Promise<string[]> => {
  const wrong = new Set<string>();
  let handled = 0;
  while (!isOver()) {
    await delay(LOOK_EVERY_MS);
    const seen = await look(database, watched).catch(() => null);
    if (seen === null) continue;
    const { licenses, least, handled: now } = seen;
    if (licenses < least || licenses > watched.users) {
      wrong.add(`${licenses} licenses were seen during the move of ${watched.users} users`);
    }
    if (now < handled) wrong.add(`the progress of ${watched.operationId} fell from ${handled} to ${now}`);
    handled = now;
  }
  return [...wrong];
};

const look = (database: Database, { operationId, source, target, users, leaving }: Watched) =>
  database.transaction(async (session) => {
    const { operations, licenses } = collectionsOf(database);
    const operation = await operations.findOne({ _id: operationId }, { session });
    const both = { subscriptionId: { $in: [source, target] } };
    const count = await licenses.countDocuments(both, { session });
    const { done = 0, skipped = 0, failed = 0 } = operation?.progress ?? {};
    // This is read after the snapshot was taken, so that it counts every user who may have left before it.
    return { licenses: count, least: users - leaving.size, handled: done + skipped + failed };
  });
