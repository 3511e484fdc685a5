/** What every command shares: a clear end for each way it can go, and a way to be told to stop. */
import { StackError } from '../stack-error.js';

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
const PARENT_POLL_MS = 500;
/** npm passes on a signal that the terminal has sent to this process as well: signals this close together are one request. */
const ONE_REQUEST_MS = 1_000;

export interface Interruption {
  /** Aborted by Ctrl-C, SIGTERM, the closed terminal, or the end of the parent process (`--with-parent`). */
  signal: AbortSignal;
  /** Called for each further request to stop: no more waiting. */
  onImpatience: (handler: () => void) => void;
}

/** `--with-parent`: ends with the process that started this one, however that ends. */
const watchParent = (stop: () => void): void => {
  if (!process.argv.includes('--with-parent')) return;
  const parent = process.ppid;
  const poll = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(poll);
    stop();
  }, PARENT_POLL_MS);
  poll.unref();
};

class Interrupted extends Error {
  constructor(readonly exitCode: number) {
    super('interrupted');
  }
}

const listen = (): Interruption => {
  const controller = new AbortController();
  const impatient: (() => void)[] = [];
  let askedAt = 0;
  const stop = (exitCode: number): void => {
    if (!controller.signal.aborted) {
      askedAt = performance.now();
      controller.abort(new Interrupted(exitCode));
    } else if (performance.now() - askedAt > ONE_REQUEST_MS) {
      for (const handler of impatient) handler();
    }
  };
  for (const [name, code] of Object.entries(EXIT_CODES)) process.on(name, () => stop(code));
  watchParent(() => stop(EXIT_CODES.SIGHUP));
  return { signal: controller.signal, onImpatience: (handler) => impatient.push(handler) };
};

/**
 * Runs a command to its end and exits with its code. A `StackError` is one sentence on stderr and exit code 1;
 * an interruption ends with 128 + the signal, unless the command returned a code of its own.
 */
export const runCommandLine = (main: (interruption: Interruption) => Promise<number>): void => {
  const interruption = listen();
  // A reader that has gone away (`| head`) is no reason to leave processes behind.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  main(interruption).then(
    (code) => process.exit(code),
    (error: unknown) => {
      // Whatever else went wrong once it was told to stop, went wrong because of that.
      const reason: unknown = interruption.signal.aborted ? interruption.signal.reason : error;
      if (reason instanceof Interrupted) process.exit(reason.exitCode);
      const text =
        error instanceof StackError ? error.message : error instanceof Error ? error.stack : String(error);
      process.stderr.write(`${text ?? ''}\n`);
      process.exit(1);
    },
  );
};

/** Resolves when the signal is aborted. */
export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

export const sayOnStderr = (line: string): void => void process.stderr.write(`${line}\n`);
