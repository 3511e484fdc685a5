/**
 * Which processes a supervisor has started, in a file that outlives it: its watchdog, or the next start, ends
 * those that a killed supervisor left behind. A process is known by its pid and the moment it began, since pids are reused.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

export interface ProcessEntry {
  name: string;
  pid: number;
  birth: string;
}

/** When the process began, in the system's own words; null if there is none, or only its zombie. */
export const birthOf = (pid: number): string | null => {
  if (process.platform !== 'linux') {
    const { stdout, status } = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' });
    return status === 0 && stdout.trim() !== '' ? stdout.trim() : null;
  }
  try {
    const line = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Past the name, which may hold anything: state is the first field, the start time the twentieth.
    const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? null);
  } catch {
    return null;
  }
};

export const entryOf = (name: string, pid: number): ProcessEntry => ({
  name,
  pid,
  birth: birthOf(pid) ?? '',
});

export const isAlive = (entry: ProcessEntry): boolean => birthOf(entry.pid) === entry.birth;

/** Replaces the file in one step, so that no reader sees half of it. */
export const writeJsonAtomically = (file: string, content: unknown): void => {
  const temporary = `${file}.${process.pid}.tmp`;
  writeFileSync(temporary, `${JSON.stringify(content, null, 2)}\n`);
  renameSync(temporary, file);
};

export const readTable = (file: string): ProcessEntry[] => {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ProcessEntry[];
  } catch {
    return [];
  }
};

const signalAll = (entries: readonly ProcessEntry[], signal: NodeJS.Signals): void => {
  for (const entry of entries) {
    try {
      if (isAlive(entry)) process.kill(entry.pid, signal);
    } catch {
      // It ended between the look and the signal.
    }
  }
};

const POLL_MS = 50;

/** Ends every living process of the table: SIGTERM, and SIGKILL after `graceMs`. Resolves when none is left. */
export const reap = async (file: string, graceMs: number): Promise<void> => {
  const entries = readTable(file);
  signalAll(entries, 'SIGTERM');
  const deadline = Date.now() + graceMs;
  while (entries.some(isAlive) && Date.now() < deadline) await delay(POLL_MS);
  signalAll(entries, 'SIGKILL');
  while (entries.some(isAlive)) await delay(POLL_MS);
};
