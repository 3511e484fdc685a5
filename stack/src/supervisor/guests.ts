/** Workers that `npm run worker` adds to a running stack: each says so in a file of its own, the supervisor lists them. [RUN-2] */
import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { entryOf, isAlive, type ProcessEntry, readTable, writeJsonAtomically } from './process-table.js';
import type { RunFolderPaths } from './run-folder.js';

const guestFile = (paths: RunFolderPaths): string => path.join(paths.guests, `${process.pid}.json`);

export interface Guest {
  /** Also the process table of the guest's own watchdog. */
  file: string;
  leave: () => void;
}

export const announceGuest = (paths: RunFolderPaths, name: string, pid: number): Guest => {
  const file = guestFile(paths);
  writeJsonAtomically(file, [entryOf(name, pid)]);
  return { file, leave: () => rmSync(file, { force: true }) };
};

/** Those that live, in order of name. */
export const livingGuests = (paths: RunFolderPaths): ProcessEntry[] => {
  const files = readdirSync(paths.guests).filter((name) => name.endsWith('.json'));
  const entries = files.flatMap((name) => readTable(path.join(paths.guests, name)));
  return entries.filter(isAlive).sort((a, b) => (a.name < b.name ? -1 : 1));
};
