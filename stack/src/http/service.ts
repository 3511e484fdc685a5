/** How each of the stack's own processes starts and stops: settings from the environment, SIGTERM and SIGINT end it. */

export interface Service {
  url: string;
  stop: () => Promise<void>;
}

/** A setting of one of the stack's processes. Throws if it is not set. */
export const required = (name: string): string => {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`${name} is not set`);
  return value;
};

const fail = (name: string, error: unknown): void => {
  process.stderr.write(`${name}: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
};

/** Runs `start` and keeps the process up until a signal; anything unexpected ends it with exit code 1. */
export const runService = (
  name: string,
  start: (at: { host: string; port: number }) => Promise<Service>,
): void => {
  process.on('uncaughtException', (error) => fail(name, error));
  process.on('unhandledRejection', (reason) => fail(name, reason));
  const at = { host: process.env['HOST'] ?? '127.0.0.1', port: Number(process.env['PORT'] ?? 0) };
  void start(at).then(
    ({ url, stop }) => {
      process.stdout.write(`${name}: listening on ${url}\n`);
      const end = (): void => void stop().then(() => process.exit(0));
      process.once('SIGTERM', end);
      process.once('SIGINT', end);
    },
    (error: unknown) => fail(name, error),
  );
};
