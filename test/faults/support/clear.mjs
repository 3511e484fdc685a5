/** Ends the stacks of the fault tests that were started, and removes their data. */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const alive = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

const end = async (folder) => {
  const lock = path.join(folder, 'supervisor.json');
  if (!existsSync(lock)) return;
  const { pid } = JSON.parse(readFileSync(lock, 'utf8'));
  if (alive(pid)) process.kill(pid, 'SIGTERM');
  // The lock goes last; the process may stay a zombie of ours for a moment longer.
  while (existsSync(lock) && alive(pid)) await delay(50);
};

export default async function clear() {
  const folder = globalThis.commissaryFaults;
  await Promise.all(readdirSync(folder).map((name) => end(path.join(folder, name))));
  rmSync(folder, { recursive: true, force: true });
}
