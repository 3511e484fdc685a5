import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it } from '@jest/globals';
import { lives } from '../support/processes.js';
import { ROOT, type StackFile } from '../support/stack-process.js';
import { eventually } from './support/eventually.js';

describe('a signal to npm', () => {
  let runDir: string;
  let script: ChildProcess | null = null;
  let started: number[] = [];

  // What a signal should have ended and did not, would outlive its folder.
  afterEach(() => {
    for (const pid of started.filter(lives)) process.kill(pid, 'SIGKILL');
    started = [];
    script?.kill('SIGKILL');
    rmSync(runDir, { recursive: true, force: true });
  });

  /** A shell without job control makes what it starts in the background ignore SIGINT. */
  const startInBackground = async (): Promise<number> => {
    runDir = mkdtempSync(path.join(tmpdir(), 'commissary-signal-'));
    const command =
      'npm start -- --only redis-server,payments,mail --run-dir "$0" >"$0/output" 2>&1 & echo $!; wait $!';
    script = spawn('bash', ['-c', command, runDir], { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
    if (!script.stdout) throw new Error('the script has no output');
    const [line] = (await once(createInterface({ input: script.stdout }), 'line')) as [string];
    return Number(line);
  };

  const output = (): string => readFileSync(path.join(runDir, 'output'), 'utf8');
  const running = async (): Promise<StackFile> => {
    const file = path.join(runDir, 'stack.json');
    await eventually('the stack is up', async () => existsSync(file) || undefined, 90_000);
    await eventually('the command says so', async () => output().includes('Ctrl-C stops it') || undefined);
    return JSON.parse(readFileSync(file, 'utf8')) as StackFile;
  };

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'RUN-2 %s ends the stack in order, also in the background of a script',
    async (signal) => {
      const npm = await startInBackground();
      const { processes } = await running();
      expect(processes).toHaveLength(3);
      const pids = [npm, ...processes.map(({ pid }) => pid)];
      started = pids;
      process.kill(npm, signal);
      await eventually('the script has ended', async () => script?.exitCode !== null || undefined, 40_000);
      expect(pids.filter(lives)).toEqual([]);
      expect(output()).toMatch(/\nStopping\n/);
      expect(existsSync(path.join(runDir, 'stack.json'))).toBe(false);
    },
  );
});
