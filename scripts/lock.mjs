/** One installation or build at a time, for a second command may be started while the first still prepares. */
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Failure, ROOT, say } from './process.mjs';

const FOLDER = path.join(ROOT, '.run');
const LOCK = path.join(FOLDER, 'bootstrap.lock');
const POLL_MS = 200;

const ownerLives = () => {
  try {
    process.kill(Number(readFileSync(LOCK, 'utf8')), 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
};

const take = () => {
  const mine = `${LOCK}.${process.pid}`;
  try {
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(mine, String(process.pid));
    linkSync(mine, LOCK);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw new Failure(
      `The folder ${FOLDER} cannot be written (${error.code}): mend its rights or make room on the disk.`,
    );
  } finally {
    rmSync(mine, { force: true });
  }
};

export const withLock = async (signal, work) => {
  let told = false;
  while (!take()) {
    signal.throwIfAborted();
    if (!ownerLives()) rmSync(LOCK, { force: true });
    else if (!told) {
      told = true;
      say('Waiting for another command that installs or builds');
    }
    await delay(POLL_MS);
  }
  try {
    return await work();
  } finally {
    rmSync(LOCK, { force: true });
  }
};
