/** Ends the stack of the fault tests, if one was started, and removes its data. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
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

export default async function clear() {
  const folder = globalThis.commissaryFaults;
  const lock = path.join(folder, 'supervisor.json');
  if (existsSync(lock)) {
    const { pid } = JSON.parse(readFileSync(lock, 'utf8'));
    if (alive(pid)) process.kill(pid, 'SIGTERM');
    // Its own lock goes last; the process may stay a zombie of ours for a moment longer.
    while (existsSync(lock) && alive(pid)) await delay(50);
  }
  rmSync(folder, { recursive: true, force: true });
}
