import type { Database } from '../database.js';

/** One change of the database. Running it again after it was done, or half done, changes nothing more. */
export interface Step {
  /** What it does, after "would" or "will": `create the index due of operations`. */
  what: string;
  run(): Promise<unknown>;
}

/** A change of the database's schema, which each database makes once and in order. [OPS-8] */
export interface Migration {
  /** Sorts by its number; never changed once it was released. */
  id: string;
  /** `declaredFingerprint()` of the version that came with it, so that no change of a declaration lacks its migration. */
  fingerprint: string;
  /** What is left to do, in order; nothing where all was done. A migration that was killed goes on from there. */
  steps(database: Database): AsyncIterable<Step>;
}
