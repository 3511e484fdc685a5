/** Stops what start-services started, and removes its data. */
import { once } from 'node:events';
import { rmSync } from 'node:fs';

export default async function stopServices() {
  const services = globalThis.commissaryTestServices;
  if (!services) return;
  const { child, folders } = services;
  if (child.exitCode === null && child.signalCode === null) {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  }
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}
