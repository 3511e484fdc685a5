import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from '@commissary/store';
import { collectionsOf } from '../../support/driver.js';

const LOOK_EVERY_MS = 500;

interface Watched {
  operationId: string;
  source: string;
  target: string;
  users: number;
  /** Whose deletion has been asked for by now. */
  leaving: ReadonlySet<string>;
}

/**
 * Looks at a move until `isOver`: nobody is ever without a license, nobody has two, and its progress never falls. Says what was wrong.
 * While MongoDB is away there is nothing to be seen. [MOV-3, MOV-4]
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
    // Asked after the snapshot was taken: nobody is missed who may have left before it.
    return { licenses: count, least: users - leaving.size, handled: done + skipped + failed };
  });
