/** `npm run migrate`: brings the database of the running stack, or of MONGODB_URI, to this version's schema. [OPS-8] */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Command } from 'commander';
import { built, defaultRunDir } from '../paths.js';
import { StackError } from '../stack-error.js';
import { readStackFile } from '../supervisor/stack-file.js';
import { runCommandLine } from './command.js';

interface Flags {
  dryRun?: true;
  runDir?: string;
}

const parse = (argv: readonly string[]): Flags =>
  new Command('npm run migrate --')
    .description(
      "Brings the database to this version's schema, step by step; it may be stopped and run again.",
    )
    .option('--dry-run', 'say what would be done, and change nothing')
    .option('--run-dir <folder>', 'folder of the running stack (.run)')
    .parse(argv, { from: 'user' })
    .opts<Flags>();

/** The folder that was named, else MONGODB_URI, else the stack in the default folder. */
const uriOf = ({ runDir }: Flags): string => {
  const given = process.env['MONGODB_URI'];
  if (runDir === undefined && given) return given;
  const { mongoUri } = readStackFile(runDir ?? defaultRunDir());
  if (mongoUri === null) throw new StackError('The running stack has no MongoDB: set MONGODB_URI.');
  return mongoUri;
};

runCommandLine(async () => {
  const flags = parse(process.argv.slice(2));
  const program = built('apps/worker', 'migrate.js');
  const child = spawn(process.execPath, [program, ...(flags.dryRun ? ['--dry-run'] : [])], {
    stdio: 'inherit',
    env: { ...process.env, MONGODB_URI: uriOf(flags) },
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
});
