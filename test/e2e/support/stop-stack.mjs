/** Stops what start-stack started, and removes its data. */
import { once } from 'node:events';
import { rmSync } from 'node:fs';

export default async function stopStack() {
  const stack = globalThis.commissaryEndToEnd;
  if (!stack) return;
  const { child, runDir } = stack;
  if (child.exitCode === null && child.signalCode === null) {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  }
  rmSync(runDir, { recursive: true, force: true });
}
