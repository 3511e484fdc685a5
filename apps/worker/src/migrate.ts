/**
 * The deployer's program that brings the database to this version's schema: `node apps/worker/dist/migrate.js [--dry-run]`. [OPS-8]
 * Reads MONGODB_URI. Prints each step; exits with 0 once all is done, or with 1 and what is wrong. It may be killed and run again.
 */
import { hostname } from 'node:os';
import { parseArgs } from 'node:util';
import { readDatabaseEnv } from '@commissary/platform';
import { Database, migrate, planMigrations } from '@commissary/store';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const connect = (uri: string): Promise<Database> =>
  Database.connect({ uri, appName: 'commissary-migrate' }).catch((error: unknown) => {
    throw new Error(`MongoDB cannot be reached: ${(error as Error).message}`, { cause: error });
  });

const run = async (): Promise<void> => {
  const { values } = parseArgs({ options: { 'dry-run': { type: 'boolean', default: false } } });
  const database = await connect(readDatabaseEnv().MONGODB_URI);
  try {
    if (values['dry-run']) {
      const plan = await planMigrations(database);
      for (const line of plan) say(line);
      say(plan.length === 0 ? 'There is nothing to migrate.' : 'This was a dry run: nothing was changed.');
      return;
    }
    const made = await migrate(database, { holder: `${hostname()}:${process.pid}`, say });
    say(made.length === 0 ? 'There was nothing to migrate.' : `Migrated: ${made.join(', ')}.`);
  } finally {
    await database.close();
  }
};

run().catch((error: unknown) => {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
});
