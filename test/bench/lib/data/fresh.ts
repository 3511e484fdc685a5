import type { CollectionName, Database } from '@commissary/store';
import { dbOf, migrateAgain } from '../../../support/driver.js';

/** Above this many documents a new collection is quicker than emptying the old one. */
const DROP_AT = 5_000;

/** Empties these collections; their indexes stay, or are made again. */
export const clear = async (database: Database, names: readonly CollectionName[]): Promise<void> => {
  const sizes = await Promise.all(
    names.map(
      async (name) => [name, await dbOf(database).collection(name).estimatedDocumentCount()] as const,
    ),
  );
  const large = sizes.filter(([, size]) => size > DROP_AT).map(([name]) => name);
  const small = sizes.filter(([, size]) => size > 0 && size <= DROP_AT).map(([name]) => name);
  await Promise.all(small.map((name) => dbOf(database).collection(name).deleteMany({})));
  for (const name of large) await dbOf(database).collection(name).drop();
  if (large.length > 0) await migrateAgain(database);
};

const BATCH = 10_000;

export const insertAll = async (
  database: Database,
  name: CollectionName,
  documents: readonly object[],
): Promise<void> => {
  for (let from = 0; from < documents.length; from += BATCH) {
    // The driver adds nothing to documents that have ids, so that the same ones can be inserted again.
    await dbOf(database)
      .collection(name)
      .insertMany(documents.slice(from, from + BATCH), { ordered: false });
  }
};
