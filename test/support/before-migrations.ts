import { readFileSync } from 'node:fs';
import path from 'node:path';
import { BSON, type Db, type Document, type IndexDescription } from 'mongodb';
import { ROOT } from './stack-process.js';

/** A collection as the last version before the first migration left it, after the whole demo had run. */
interface OldCollection {
  indexes: IndexDescription[];
  /** A real document of each kind. */
  documents: (Document & { _id: string })[];
}

/** Collections by name: real documents, and every index that there was. */
export const oldCollections = (): Record<string, OldCollection> =>
  BSON.EJSON.parse(
    readFileSync(path.join(ROOT, 'test/integration/data/before-migrations.json'), 'utf8'),
  ) as Record<string, OldCollection>;

/** Fills an empty database with them, with their indexes. */
export const fillWithOld = async (db: Db): Promise<void> => {
  for (const [name, { indexes, documents }] of Object.entries(oldCollections())) {
    const collection = await db.createCollection<Document & { _id: string }>(name);
    if (indexes.length > 0) await collection.createIndexes(indexes);
    if (documents.length > 0) await collection.insertMany(documents);
  }
};
