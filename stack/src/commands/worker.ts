/** `npm run worker -- license-moves`: one more worker for the running stack, up until Ctrl-C. [RUN-2, OPS-3] */
import { spawn } from 'node:child_process';
import { type QueueName, QUEUES } from '@commissary/contracts';
import { Command } from 'commander';
import { defaultRunDir } from '../paths.js';
import { StackError } from '../stack-error.js';
import { Guard } from '../supervisor/guard.js';
import { announceGuest } from '../supervisor/guests.js';
import type { ProcessSpec } from '../supervisor/managed-process.js';
import { Ports } from '../supervisor/ports.js';
import { runFolderPaths } from '../supervisor/run-folder.js';
import { workerSpec } from '../supervisor/services.js';
import { readStackFile, type StackFile } from '../supervisor/stack-file.js';
import { aborted, type Interruption, runCommandLine, sayOnStderr } from './command.js';

const GRACE_MS = 35_000;

const parse = (argv: readonly string[]): { queue: QueueName; runDir: string } => {
  const command = new Command('npm run worker --')
    .description('Adds a worker to the running stack.')
    .argument('<queue>', `one of ${QUEUES.join(', ')}`)
    .option('--run-dir <folder>', 'the folder of the running stack', defaultRunDir())
    .parse(argv, { from: 'user' });
  const [wanted] = command.args;
  const queue = QUEUES.find((name) => name === wanted);
  if (!queue) throw new StackError(`"${wanted ?? ''}" is no queue: choose from ${QUEUES.join(', ')}.`);
  return { queue, runDir: command.opts<{ runDir: string }>().runDir };
};

/** `worker:license-moves:2` beside the first. */
const freeName = ({ processes }: StackFile, queue: QueueName): string => {
  const names = new Set(processes.map(({ name }) => name));
  let number = 2;
  while (names.has(`worker:${queue}:${number}`)) number += 1;
  return `worker:${queue}:${number}`;
};

/** Runs the worker in the foreground, listed in `stack.json` while it lives; ends with its exit code. */
const runWorker = async (
  spec: ProcessSpec,
  runDir: string,
  { signal, onImpatience }: Interruption,
): Promise<number> => {
  signal.throwIfAborted();
  const child = spawn(spec.command, spec.args, {
    env: spec.env,
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: true,
  });
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
  const guest = announceGuest(runFolderPaths(runDir), spec.name, child.pid ?? 0);
  const guard = new Guard({ table: guest.file, leftovers: [guest.file] });
  void aborted(signal).then(() => child.kill('SIGTERM'));
  const kill = (): void => void child.kill('SIGKILL');
  onImpatience(kill);
  void aborted(signal).then(() => setTimeout(kill, GRACE_MS).unref());
  const code = await ended;
  guest.leave();
  await guard.dismiss();
  return code;
};

runCommandLine(async (interruption) => {
  const { queue, runDir } = parse(process.argv.slice(2));
  const stack = readStackFile(runDir);
  const name = freeName(stack, queue);
  const spec = workerSpec(name, queue, await new Ports().take('', undefined), stack);
  sayOnStderr(`Starting ${name}; Ctrl-C stops it`);
  return runWorker(spec, runDir, interruption);
});
