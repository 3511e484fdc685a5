/** `npm run audit`: proves the invariants of the running stack, or of the MongoDB that the environment names. [RUN-5, OPS-5] */
import { Command } from 'commander';
import { type AuditContext, type AuditReport, QueueView, runAudit } from '@commissary/audit';
import { SimulatorJournal } from '@commissary/payments';
import { BadSettingError, type DatabaseEnv, readDatabaseEnv } from '@commissary/platform';
import { Database } from '@commissary/store';
import { defaultRunDir } from '../paths.js';
import { StackError } from '../stack-error.js';
import { readStackFile } from '../supervisor/stack-file.js';
import { runCommandLine } from './command.js';

interface Flags {
  json?: true;
  runDir?: string;
}

const parse = (argv: readonly string[]): Flags =>
  new Command('npm run audit --')
    .description('Checks every invariant, prints each violation on a line, and changes nothing.')
    .option('--json', 'print the report as one JSON line')
    .option('--run-dir <folder>', 'folder of the running stack (.run)')
    .parse(argv, { from: 'user' })
    .opts<Flags>();

/** What is looked at: the folder that was named, else MONGODB_URI, else the stack in the default folder. */
const whatToLookAt = ({ runDir }: Flags): DatabaseEnv => {
  if (runDir === undefined && process.env['MONGODB_URI']) return readDatabaseEnv();
  const stack = readStackFile(runDir ?? defaultRunDir());
  return readDatabaseEnv({
    MONGODB_URI: stack.mongoUri ?? undefined,
    REDIS_URL: stack.redisUrl ?? undefined,
    PAYMENTS_URL: stack.paymentsUrl ?? undefined,
    QUEUE_PREFIX: process.env['QUEUE_PREFIX'],
  });
};

const connect = async (env: DatabaseEnv): Promise<Database> => {
  const database = await Database.connect({ uri: env.MONGODB_URI, appName: 'commissary-audit' }).catch(
    (error: unknown) => {
      throw new StackError(
        `MongoDB cannot be reached (${(error as Error).message}): start it, or set MONGODB_URI.`,
      );
    },
  );
  const collections = await database.existingCollections();
  if (collections.some(({ name }) => name === 'tenants')) return database;
  await database.close();
  throw new StackError(
    `There is nothing to look at: the database ${database.connection.name} holds no Commissary data; start a stack with "npm start", or set MONGODB_URI to one that has.`,
  );
};

const queuesOf = async (env: DatabaseEnv): Promise<QueueView | undefined> => {
  if (env.REDIS_URL === undefined) return undefined;
  return QueueView.connect(env.REDIS_URL, env.QUEUE_PREFIX).catch((error: unknown) => {
    throw new StackError(
      `${(error as Error).message}: start it, or leave REDIS_URL unset to audit without it.`,
    );
  });
};

const audit = async (env: DatabaseEnv): Promise<AuditReport> => {
  const database = await connect(env);
  let queues: QueueView | undefined;
  try {
    queues = await queuesOf(env);
    const context: AuditContext = { database, queues };
    if (env.PAYMENTS_URL !== undefined) context.journal = new SimulatorJournal(env.PAYMENTS_URL);
    return await runAudit(context);
  } finally {
    await queues?.close();
    await database.close();
  }
};

const print = ({ violations, notChecked, checked }: AuditReport): void => {
  const counts = Object.entries(checked).map(([name, count]) => `${count} ${name}`);
  console.log(`Checked ${counts.join(', ')}.`);
  for (const omitted of notChecked) console.log(`Not checked: ${omitted}.`);
  for (const { invariant, subject, detail } of violations) console.log(`${invariant} ${subject} ${detail}`);
  console.log(`${violations.length} violations`);
};

runCommandLine(async () => {
  const flags = parse(process.argv.slice(2));
  try {
    const report = await audit(whatToLookAt(flags));
    if (flags.json) console.log(JSON.stringify(report));
    else print(report);
    return report.violations.length === 0 ? 0 : 1;
  } catch (error) {
    throw error instanceof BadSettingError ? new StackError(error.message) : error;
  }
});
