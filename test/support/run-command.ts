import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { ROOT } from './stack-process.js';

export interface CommandOutput {
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a command of the stack, such as `audit`, to its end; `environment` is added to this process's. */
export const runStackCommand = async (
  name: string,
  args: readonly string[],
  environment: Record<string, string> = {},
): Promise<CommandOutput> => {
  const file = path.join(ROOT, 'stack/dist/commands', `${name}.js`);
  const child = spawn(process.execPath, [file, ...args], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const [exitCode] = (await once(child, 'close')) as [number | null];
  return { exitCode, stdout, stderr };
};
