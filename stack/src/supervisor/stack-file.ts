/** `stack.json`: where everything is. Other programs read it (API.md, last section). */
import { readFileSync } from 'node:fs';
import { StackError } from '../stack-error.js';
import { isAlive, readTable } from './process-table.js';
import { runFolderPaths } from './run-folder.js';

export interface StackAddresses {
  /** Null for what was left out by `--only`. */
  gatewayUrl: string | null;
  mongoUri: string | null;
  redisUrl: string | null;
  smtpUrl: string | null;
  mailUrl: string | null;
  issuer: string | null;
  paymentsUrl: string | null;
}

export interface StackFile extends StackAddresses {
  processes: { name: string; pid: number }[];
}

/** The stack that runs in `runDir`. Throws `StackError` if none does. */
export const readStackFile = (runDir: string): StackFile => {
  const paths = runFolderPaths(runDir);
  try {
    const stack = JSON.parse(readFileSync(paths.stackFile, 'utf8')) as StackFile;
    if (readTable(paths.table).some(isAlive)) return stack;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  throw new StackError(
    `No stack is running in ${runDir}: start one with "npm start", or name its folder with --run-dir.`,
  );
};
