import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { lives } from '../support/processes.js';
import { ROOT, startStackProcess, type StackProcess } from '../support/stack-process.js';

const WITHIN_MS = 30_000;
const ADDED = 'worker:license-moves:2';

describe('workers added to a running stack', () => {
  let stack: StackProcess;
  beforeAll(async () => {
    stack = await startStackProcess(['--only', 'worker:license-moves']);
  });
  afterAll(() => stack.stop());

  const pids = (): number[] =>
    stack.file().processes.flatMap(({ name, pid }) => (name === ADDED ? [pid] : []));
  const until = async (holds: () => boolean): Promise<void> => {
    const deadline = Date.now() + WITHIN_MS;
    while (!holds()) {
      if (Date.now() > deadline) throw new Error(`not within ${WITHIN_MS / 1000} s: ${holds.toString()}`);
      await delay(25);
    }
  };
  const add = () => {
    const command = path.join(ROOT, 'stack/dist/commands/worker.js');
    const args = [command, 'license-moves', '--run-dir', stack.runDir];
    return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  };

  it('RUN-2 OPS-3 a worker is listed while it lives, and Ctrl-C ends it in order', async () => {
    const command = add();
    let output = '';
    command.stdout.on('data', (text: Buffer) => (output += text.toString()));
    const ended = once(command, 'close') as Promise<[number | null]>;
    await until(() => pids().length === 1 && output.includes('worker started'));
    command.kill('SIGINT');
    expect((await ended)[0]).toBe(0);
    await until(() => pids().length === 0);
    expect(stack.file().processes.map(({ name }) => name)).toContain('worker:license-moves');
  });

  it('RUN-2 kill -9 of the command ends its worker too', async () => {
    const command = add();
    await until(() => pids().length === 1);
    const [pid = 0] = pids();
    command.kill('SIGKILL');
    await until(() => pids().length === 0);
    await until(() => !lives(pid));
  });
});
