/** Child processes that never outlive us, and the two ways of ending early. */
import { spawn } from 'node:child_process';
import path from 'node:path';

export const ROOT = path.resolve(import.meta.dirname, '..');
export const EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };
const GRACE_MS = 1_000;

/** One sentence that says what to do. */
export class Failure extends Error {}

export class Interrupted extends Error {
  constructor(exitCode) {
    super('interrupted');
    this.exitCode = exitCode;
  }
}

export const say = (line) => process.stderr.write(`${line}\n`);

const killGroup = (child, signal) => {
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It has ended already.
  }
};

/**
 * Runs a program and resolves with `{code, signal, output}`.
 * With `abort` (a signal) it has a process group of its own, all of which ends with the abort; the promise then rejects.
 * With `forward` it shares ours and is sent the signals that we are.
 */
export const runChild = (command, args, { abort, forward = false, stdio = ['ignore', 'pipe', 'pipe'] }) =>
  new Promise((resolve, reject) => {
    abort?.throwIfAborted();
    const child = spawn(command, args, { cwd: ROOT, stdio, detached: abort !== undefined });
    let output = '';
    child.stdout?.setEncoding('utf8').on('data', (text) => (output += text));
    child.stderr?.setEncoding('utf8').on('data', (text) => (output += text));
    const end = () => {
      killGroup(child, 'SIGTERM');
      setTimeout(() => killGroup(child, 'SIGKILL'), GRACE_MS).unref();
    };
    abort?.addEventListener('abort', end, { once: true });
    const pass = (signal) => child.kill(signal);
    if (forward) for (const name of Object.keys(EXIT_CODES)) process.on(name, pass);
    child.once('error', (error) =>
      reject(new Failure(`${command} could not be started (${error.message}): is it on PATH?`)),
    );
    child.once('close', (code, signal) => {
      abort?.removeEventListener('abort', end);
      for (const name of Object.keys(EXIT_CODES)) process.off(name, pass);
      if (abort?.aborted) reject(abort.reason);
      else resolve({ code, signal, output });
    });
  });
