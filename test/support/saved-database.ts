import type { Document } from 'mongodb';
import { COLLECTION_NAMES, type Database } from '@commissary/store';
import { dbOf } from './driver.js';

/** A small database as it was, to begin each test from. */
export class SavedDatabase {
  private constructor(
    private readonly database: Database,
    private readonly contents: ReadonlyMap<string, Document[]>,
  ) {}

  static async save(database: Database): Promise<SavedDatabase> {
    const contents = new Map<string, Document[]>();
    for (const name of COLLECTION_NAMES)
      contents.set(name, await dbOf(database).collection(name).find().toArray());
    return new SavedDatabase(database, contents);
  }

  async restore(): Promise<void> {
    for (const [name, documents] of this.contents) {
      await dbOf(this.database).collection(name).deleteMany({});
      if (documents.length > 0) await dbOf(this.database).collection(name).insertMany(documents);
    }
  }
}
