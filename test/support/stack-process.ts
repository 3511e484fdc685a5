import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export const ROOT = path.resolve(__dirname, '../..');

/** `stack.json`, as API.md has it; only what was started is there. */
export interface StackFile {
  gatewayUrl: string;
  mongoUri: string;
  redisUrl: string;
  smtpUrl: string;
  mailUrl: string;
  issuer: string;
  paymentsUrl: string;
  processes: { name: string; pid: number }[];
}

export interface StackProcess {
  runDir: string;
  /** Reads `stack.json` anew, for pids change when a process is started again. */
  file(): StackFile;
  /** Stops every process of the stack and removes its data. */
  stop(): Promise<void>;
}

/** Starts an embedded stack of its own (`--only` etc. in `args`) and waits until all of it answers; at most 3 minutes. */
export async function startStackProcess(args: string[]): Promise<StackProcess> {
  const runDir = mkdtempSync(path.join(tmpdir(), 'commissary-stack-'));
  const start = path.join(ROOT, 'stack/dist/commands/start.js');
  const child = spawn(process.execPath, [start, '--with-parent', '--run-dir', runDir, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  }
  const running = (): boolean => child.exitCode === null && child.signalCode === null;
  const stop = async (): Promise<void> => {
    if (running()) child.kill('SIGTERM');
    await ended;
    rmSync(runDir, { recursive: true, force: true });
  };

  const stackJson = path.join(runDir, 'stack.json');
  const deadline = Date.now() + 180_000;
  while (!existsSync(stackJson)) {
    if (!running() || Date.now() > deadline) {
      await stop();
      throw new Error(`the embedded stack did not start:\n${output}`);
    }
    await delay(50);
  }
  return { runDir, file: () => JSON.parse(readFileSync(stackJson, 'utf8')) as StackFile, stop };
}
