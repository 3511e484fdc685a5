/** Stops what start-services started, and removes its data. */
import { once } from 'node:events';
import { rmSync } from 'node:fs';

export default async function stopServices() {
  const services = globalThis.commissaryTestServices;
  if (!services) return;
  const { child, runDir } = services;
  if (child.exitCode === null && child.signalCode === null) {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  }
  rmSync(runDir, { recursive: true, force: true });
}
