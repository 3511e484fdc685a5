/**
 * Where the stores of a test run keep their data: in memory where Linux offers that, for each test file has a database of its own,
 * and a mongod that syncs every new collection and index to a disk takes four times as long to create them.
 */
import { existsSync, mkdtempSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import { freemem, tmpdir } from 'node:os';
import path from 'node:path';

const IN_MEMORY = '/dev/shm';
const PREFIX = 'commissary-test-data-';
/** What the data of a whole run may grow to, and the memory that the processes of the run need beside it. */
const NEEDED_SPACE_BYTES = 3e9;
const NEEDED_MEMORY_BYTES = 8e9;

const fits = () => {
  if (!existsSync(IN_MEMORY)) return false;
  const { bavail, bsize } = statfsSync(IN_MEMORY);
  return bavail * bsize >= NEEDED_SPACE_BYTES && freemem() >= NEEDED_MEMORY_BYTES;
};

const lives = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
};

/** A run that was killed could not remove its data, which would go on using memory. */
const removeAbandoned = () => {
  for (const name of readdirSync(IN_MEMORY)) {
    if (!name.startsWith(PREFIX)) continue;
    const owner = Number(name.slice(PREFIX.length).split('-')[0]);
    if (!lives(owner)) rmSync(path.join(IN_MEMORY, name), { recursive: true, force: true });
  }
};

/** Makes an empty folder for this process; the caller removes it at the end of the run. */
export const makeDataFolder = () => {
  if (existsSync(IN_MEMORY)) removeAbandoned();
  return mkdtempSync(path.join(fits() ? IN_MEMORY : tmpdir(), `${PREFIX}${process.pid}-`));
};
