import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fetch } from '@commissary/stack/http';
import type { StackFile } from '../../support/stack-process.js';
import { eventually } from './eventually.js';

export const runDir = (): string => {
  const folder = process.env['COMMISSARY_E2E_RUN_DIR'];
  if (folder === undefined) throw new Error('the end-to-end stack does not run');
  return folder;
};

/** Where everything is now; read anew each time, for pids change when a process is started again. */
export const stack = (): StackFile =>
  JSON.parse(readFileSync(path.join(runDir(), 'stack.json'), 'utf8')) as StackFile;

export const pidOf = (name: string): number => {
  const found = stack().processes.find((process) => process.name === name);
  if (!found) throw new Error(`${name} is not running`);
  return found.pid;
};

export const signal = (name: string, what: NodeJS.Signals): number => {
  const pid = pidOf(name);
  process.kill(pid, what);
  return pid;
};

/** Resolves when the process has another pid than before. */
export const restarted = async (name: string, before: number): Promise<void> => {
  await eventually(`${name} is started again`, async () => {
    const pid = stack().processes.find((each) => each.name === name)?.pid;
    return pid !== undefined && pid !== before ? true : undefined;
  });
};

export const gatewayReady = async (): Promise<void> => {
  await eventually('the gateway is ready', async () => {
    const response = await fetch(`${stack().gatewayUrl}/readyz`).catch(() => null);
    await response?.arrayBuffer();
    return response?.ok ? true : undefined;
  });
};
