import type { Collection, Document, OptionalUnlessRequiredId } from 'mongodb';
import type { Session } from './database.js';

/** One row, the usual case, goes without the driver's machinery for many. */
export const insertAll = async <T extends Document>(
  collection: Collection<T>,
  rows: OptionalUnlessRequiredId<T>[],
  session: Session,
): Promise<void> => {
  const [first, ...more] = rows;
  if (first === undefined) return;
  if (more.length === 0) await collection.insertOne(first, { session });
  else await collection.insertMany(rows, { session });
};
