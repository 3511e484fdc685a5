import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from '../database.js';
import { isDuplicateKey } from '../database-errors.js';
import { MIGRATIONS } from './migrations.js';

export interface MigrateOptions {
  /** Names this process to others that wait for it. */
  holder: string;
  /** Told each step before it is done, in one sentence. */
  say?: (line: string) => void;
}

/** This process has lost the right to migrate: it was silent for too long, and another one goes on. */
export class MigrationLockLostError extends Error {
  override readonly name = 'MigrationLockLostError';
}

/** The database is at another schema version than this program. */
export class SchemaVersionError extends Error {
  override readonly name = 'SchemaVersionError';
}

const LOCK = 'migrate';
/** Another process takes over after this long without a sign of life, ms. */
const LOCK_MS = 30_000;
const WAIT_MS = 500;

/**
 * Makes the migrations that the database lacks, one process at a time; others wait, and find nothing left to do. A migration that
 * was killed is gone on with. Rejects with `SchemaVersionError` for a database of a newer version. Returns the ids of what was done. [OPS-8]
 */
export const migrate = async (
  database: Database,
  { holder, say = () => undefined }: MigrateOptions,
): Promise<string[]> => {
  refuseNewer(await appliedTo(database));
  await takeLock(database, holder, say);
  const renewing = setInterval(() => void renewLock(database, holder).catch(() => undefined), LOCK_MS / 3);
  try {
    return await makeMissing(database, holder, say);
  } finally {
    clearInterval(renewing);
    await database.models.migrationLocks.deleteOne({ _id: LOCK, holder });
  }
};

/** What `migrate` would do now, a sentence each; changes nothing. */
export const planMigrations = async (database: Database): Promise<string[]> => {
  const applied = await appliedTo(database);
  refuseNewer(applied);
  const plan: string[] = [];
  for (const migration of MIGRATIONS.filter(({ id }) => applied.get(id) !== true)) {
    plan.push(`Migration ${migration.id} would be made.`);
    for await (const { what } of migration.steps(database)) plan.push(`It would ${what}.`);
  }
  return plan;
};

/** For a process that serves: rejects with `SchemaVersionError` unless the database is at this program's schema version. [OPS-8] */
export const requireMigrated = async (database: Database): Promise<void> => {
  const applied = await appliedTo(database);
  refuseNewer(applied);
  const missing = MIGRATIONS.find(({ id }) => applied.get(id) !== true);
  if (!missing) return;
  throw new SchemaVersionError(
    `The database lacks the migration ${missing.id}: run "npm run migrate" (in the image: node apps/worker/dist/migrate.js), then start again.`,
  );
};

const makeMissing = async (
  database: Database,
  holder: string,
  say: (line: string) => void,
): Promise<string[]> => {
  const { migrations } = database.models;
  const applied = await appliedTo(database);
  const made: string[] = [];
  for (const migration of MIGRATIONS.filter(({ id }) => applied.get(id) !== true)) {
    const { id } = migration;
    say(`Migration ${id} ${applied.has(id) ? 'goes on' : 'begins'}.`);
    await migrations.updateOne(
      { _id: id },
      { $setOnInsert: { startedAt: await database.serverTime(), endedAt: null } },
      { upsert: true },
    );
    for await (const step of migration.steps(database)) {
      await requireLock(database, holder);
      say(`It will ${step.what}.`);
      await step.run();
    }
    await migrations.updateOne({ _id: id }, { $set: { endedAt: await database.serverTime() } });
    made.push(id);
  }
  return made;
};

/** Migrations that the database has seen, and whether each was done to its end. */
const appliedTo = async ({ models }: Database): Promise<ReadonlyMap<string, boolean>> => {
  const rows = await models.migrations.find().lean();
  return new Map(rows.map(({ _id, endedAt }) => [_id, endedAt !== null]));
};

const refuseNewer = (applied: ReadonlyMap<string, boolean>): void => {
  const known = new Set(MIGRATIONS.map(({ id }) => id));
  const newer = [...applied.keys()].find((id) => !known.has(id));
  if (newer === undefined) return;
  throw new SchemaVersionError(
    `The database has the migration ${newer} of a newer version: start a program of that version.`,
  );
};

const lockEnd = { $add: ['$$NOW', LOCK_MS] };

const takeLock = async (database: Database, holder: string, say: (line: string) => void): Promise<void> => {
  const { migrationLocks } = database.models;
  for (let waited = false; ; waited = true) {
    // `$expr` cannot be asked of an upsert: the lock is made first, and then taken.
    await migrationLocks
      .updateOne({ _id: LOCK }, { $setOnInsert: { holder, until: new Date(0) } }, { upsert: true })
      .catch(ignoreDuplicate);
    const { matchedCount } = await migrationLocks.updateOne(
      { _id: LOCK, $expr: { $lte: ['$until', '$$NOW'] } },
      [{ $set: { holder: { $literal: holder }, until: lockEnd } }],
      { updatePipeline: true },
    );
    if (matchedCount === 1) return;
    if (!waited) say('Another process migrates this database; this one waits for it.');
    await delay(WAIT_MS);
  }
};

const requireLock = async (database: Database, holder: string): Promise<void> => {
  if (await renewLock(database, holder)) return;
  throw new MigrationLockLostError('Another process goes on with the migrations.');
};

const renewLock = async ({ models }: Database, holder: string): Promise<boolean> => {
  const { matchedCount } = await models.migrationLocks.updateOne(
    { _id: LOCK, holder },
    [{ $set: { until: lockEnd } }],
    { updatePipeline: true },
  );
  return matchedCount === 1;
};

const ignoreDuplicate = (error: unknown): void => {
  if (!isDuplicateKey(error)) throw error;
};
