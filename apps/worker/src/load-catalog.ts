/**
 * The operator's program that makes files the catalog: `node apps/worker/dist/load-catalog.js products.json`. [BUY-7, ELG-3, ELG-6, RUN-7]
 * Reads MONGODB_URI. Exit 0 with what changed, or 1 with what is wrong; then nothing was written.
 */
import { readFile } from 'node:fs/promises';
import { type CatalogFiles, parseCatalogFiles } from '@commissary/contracts';
import { CatalogRefusedError } from '@commissary/domain';
import { readDatabaseEnv } from '@commissary/platform';
import { Database, DatabaseClock, loadCatalog, requireMigrated } from '@commissary/store';
import { type CommandLine, parseCommandLine } from './catalog-loading/command-line.js';
import { describeChanges } from './catalog-loading/describe-changes.js';

const readJson = async (file: string | undefined): Promise<unknown> => {
  if (file === undefined) return undefined;
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new Error(`${file} cannot be read: ${(error as Error).message}`);
  });
  try {
    // Some editors begin a file with a mark of its encoding.
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new Error(`${file} is not JSON: ${(error as Error).message}`, { cause: error });
  }
};

const readFiles = async ({
  products,
  markets,
  rules,
  training,
}: CommandLine['files']): Promise<CatalogFiles> =>
  parseCatalogFiles({
    products: await readJson(products),
    markets: await readJson(markets),
    rules: await readJson(rules),
    training: await readJson(training),
  });

const connect = (uri: string): Promise<Database> =>
  Database.connect({ uri, appName: 'commissary-load-catalog' }).catch((error: unknown) => {
    throw new Error(`MongoDB cannot be reached: ${(error as Error).message}`, { cause: error });
  });

const run = async (): Promise<void> => {
  const { files, dryRun } = parseCommandLine(process.argv.slice(2));
  const { MONGODB_URI } = readDatabaseEnv();
  const catalog = await readFiles(files);
  const database = await connect(MONGODB_URI);
  let clock: DatabaseClock | undefined;
  try {
    clock = await DatabaseClock.start(database);
    await requireMigrated(database);
    const changes = await loadCatalog(database, catalog, { now: clock.now(), dryRun });
    for (const line of describeChanges(changes)) process.stdout.write(`${line}\n`);
    if (dryRun) process.stdout.write('Dry run: nothing was written.\n');
  } finally {
    clock?.stop();
    await database.close();
  }
};

run().catch((error: unknown) => {
  const advice = error instanceof CatalogRefusedError ? '\nThe catalog was not changed.' : '';
  process.stderr.write(`${(error as Error).message}${advice}\n`);
  process.exitCode = 1;
});
