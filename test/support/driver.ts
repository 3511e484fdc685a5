import type { Collection, Db, Document, MongoClient } from 'mongodb';
import {
  COLLECTION_NAMES,
  type CollectionName,
  type Database,
  type DocumentOf,
  migrate,
} from '@commissary/store';

/** The driver's collections, typed: tests look at and change what is stored past mongoose and its checks. */
export type Collections = { [N in CollectionName]: DriverCollection<DocumentOf<N>> };

type DriverCollection<T> = [T] extends [Document] ? Collection<T> : never;

export const clientOf = (database: Database): MongoClient => database.connection.getClient();

export const dbOf = (database: Database): Db => {
  const { db } = database.connection;
  if (!db) throw new Error('the connection is closed');
  return db;
};

export const collectionsOf = (database: Database): Collections =>
  Object.fromEntries(
    COLLECTION_NAMES.map((name) => [name, dbOf(database).collection(name)]),
  ) as unknown as Collections;

/** Makes again what a test has dropped: the migrations are forgotten, and find what is missing. */
export const migrateAgain = async (database: Database): Promise<void> => {
  await collectionsOf(database).migrations.deleteMany({});
  await migrate(database, { holder: 'test' });
};

/** The option of an insertion that MongoDB does not check: of a wrong document, or of one that holds only what a test looks at. */
export const UNCHECKED = { bypassDocumentValidation: true };
