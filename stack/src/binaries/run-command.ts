import { spawn } from 'node:child_process';

export interface CommandResult {
  /** Exit code; null if it could not be started or was killed. */
  code: number | null;
  stdout: string;
  stderr: string;
}

/**
 * Runs a program to its end. It gets a process group of its own, so that an abort ends it with all it started.
 * Never rejects but for an abort.
 */
export const runCommand = (
  command: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<CommandResult> =>
  new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const result: CommandResult = { code: null, stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (result.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (result.stderr += text));
    const abort = (): void => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    };
    signal.addEventListener('abort', abort, { once: true });
    child.once('error', (error) => {
      signal.removeEventListener('abort', abort);
      resolve({ ...result, stderr: error.message });
    });
    child.once('close', (code) => {
      signal.removeEventListener('abort', abort);
      if (signal.aborted) reject(signal.reason as Error);
      else resolve({ ...result, code });
    });
  });
