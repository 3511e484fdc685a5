import { defineCollection } from '../schema/define-collection.js';
import { nullable, required } from '../schema/fields.js';

/** A migration that was begun, and when it was done. [OPS-8] */
export interface MigrationDocument {
  /** Such as `0001-declared-collections`. */
  _id: string;
  startedAt: Date;
  /** Null while it is under way, or was killed. */
  endedAt: Date | null;
}

export const migrations = defineCollection<MigrationDocument>('migrations', {
  owner: 'platform',
  retention: null,
  fields: { _id: required(String), startedAt: required(Date), endedAt: nullable(Date) },
  indexes: [],
});

/** The one process that may migrate now. */
export interface MigrationLockDocument {
  _id: string;
  holder: string;
  until: Date;
}

export const migrationLocks = defineCollection<MigrationLockDocument>('migrationLocks', {
  owner: 'platform',
  retention: null,
  fields: { _id: required(String), holder: required(String), until: required(Date) },
  indexes: [],
});
