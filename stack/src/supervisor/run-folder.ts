/** `.run`: who runs there, its processes, its logs, its data, and `stack.json`, which tells everyone else. [RUN-2] */
import { linkSync, mkdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { StackError } from '../stack-error.js';
import { entryOf, isAlive, type ProcessEntry, reap, writeJsonAtomically } from './process-table.js';

const REAP_GRACE_MS = 10_000;
/** What mongod alone takes before anything is in it, and some. */
const LEAST_FREE_BYTES = 500_000_000;

export interface RunFolderPaths {
  folder: string;
  stackFile: string;
  table: string;
  lock: string;
  logs: string;
  /** Where workers that were added by hand say that they live. */
  guests: string;
  data: string;
}

export const runFolderPaths = (folder: string, dataDir?: string): RunFolderPaths => ({
  folder,
  stackFile: path.join(folder, 'stack.json'),
  table: path.join(folder, 'processes.json'),
  lock: path.join(folder, 'supervisor.json'),
  logs: path.join(folder, 'logs'),
  guests: path.join(folder, 'guests'),
  data: dataDir === undefined ? path.join(folder, 'data') : path.resolve(dataDir),
});

export const logFileOf = (paths: RunFolderPaths, name: string): string =>
  path.join(paths.logs, `${name.replaceAll(':', '-')}.log`);

const ownerOf = (lock: string): ProcessEntry | null => {
  try {
    return JSON.parse(readFileSync(lock, 'utf8')) as ProcessEntry;
  } catch {
    return null;
  }
};

/** One supervisor per folder; throws `StackError` if another one lives. */
const takeLock = (paths: RunFolderPaths): void => {
  const mine = `${paths.lock}.${process.pid}`;
  writeFileSync(mine, JSON.stringify(entryOf('supervisor', process.pid)));
  try {
    for (;;) {
      try {
        linkSync(mine, paths.lock);
        return;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const owner = ownerOf(paths.lock);
      if (owner && isAlive(owner)) {
        throw new StackError(
          `A stack is already running in ${paths.folder} (process ${owner.pid}): stop it first, or start another with --run-dir.`,
        );
      }
      rmSync(paths.lock, { force: true });
    }
  } finally {
    rmSync(mine, { force: true });
  }
};

const refuseFullDisk = (folder: string): void => {
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize >= LEAST_FREE_BYTES) return;
  throw new StackError(
    `Only ${Math.floor((bavail * bsize) / 1e6)} MB are free in ${folder} and ${LEAST_FREE_BYTES / 1e6} MB are needed: make room, or choose another disk with --run-dir or --data.`,
  );
};

/** Takes the folder for this process and clears what an earlier stack left; data in `--data` is kept. */
export const openRunFolder = async (folder: string, dataDir?: string): Promise<RunFolderPaths> => {
  const paths = runFolderPaths(folder, dataDir);
  try {
    mkdirSync(folder, { recursive: true });
    takeLock(paths);
    await reap(paths.table, REAP_GRACE_MS);
    if (dataDir === undefined) rmSync(paths.data, { recursive: true, force: true });
    for (const stale of [paths.stackFile, paths.logs, paths.guests])
      rmSync(stale, { recursive: true, force: true });
    for (const needed of [paths.logs, paths.guests, paths.data]) mkdirSync(needed, { recursive: true });
    refuseFullDisk(paths.folder);
    refuseFullDisk(paths.data);
    writeJsonAtomically(paths.table, []);
    return paths;
  } catch (error) {
    if (ownerOf(paths.lock)?.pid === process.pid) closeRunFolder(paths);
    if (error instanceof StackError) throw error;
    throw new StackError(
      `The folder ${folder} cannot be used (${(error as Error).message}): choose another with --run-dir.`,
    );
  }
};

export const closeRunFolder = (paths: RunFolderPaths): void => {
  for (const file of [paths.stackFile, paths.table, paths.lock]) rmSync(file, { force: true });
};
