/** Stripe's own mock server, a Go module: answers every request that Stripe's OpenAPI document allows, and no other. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const MODULE = 'github.com/stripe/stripe-mock';
const VERSION = 'v0.203.0';
const TRIES = 3;
/** Building it takes a minute the first time. */
export const STRIPE_MOCK_WITHIN_MS = 300_000;
const STARTS_WITHIN_MS = 20_000;

const cacheFolder = (): string =>
  path.join(process.env['XDG_CACHE_HOME'] || path.join(homedir(), '.cache'), 'commissary', 'binaries');

/** The program, built once for all clones. Throws one sentence that says what is missing. */
const resolveStripeMock = async (): Promise<string> => {
  const cache = cacheFolder();
  const program = path.join(cache, `stripe-mock-${VERSION}`);
  if (await exists(program)) return program;
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(path.join(cache, '.go-'));
  try {
    await install(folder);
    // In one step, so that two test runs at once do no harm.
    await rename(path.join(folder, 'stripe-mock'), program);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return program;
};

const install = async (folder: string): Promise<void> => {
  let why = '';
  for (let tries = 0; tries < TRIES; tries += 1) {
    try {
      await promisify(execFile)('go', ['install', `${MODULE}@${VERSION}`], {
        env: { ...process.env, GOBIN: folder },
        timeout: STRIPE_MOCK_WITHIN_MS / TRIES,
      });
      return;
    } catch (error) {
      const { stderr = '', message } = error as Error & { stderr?: string };
      why = stderr.trim().split('\n').at(-1) || message;
    }
  }
  throw new Error(
    `stripe-mock ${VERSION} cannot be built (${why}): install Go 1.22 or later and let it reach a Go module proxy.`,
  );
};

const exists = async (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

export interface StripeMock {
  url: string;
  stop(): Promise<void>;
}

/** On a free loopback port. `fixtures`: a file of answers, in place of all of its own. */
export const startStripeMock = async (fixtures?: string): Promise<StripeMock> => {
  const program = await resolveStripeMock();
  const addresses = ['-http-addr', '127.0.0.1:', '-https-addr', '127.0.0.1:'];
  const child = spawn(program, [...addresses, ...(fixtures === undefined ? [] : ['-fixtures', fixtures])], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const kill = (): boolean => child.kill('SIGKILL');
  process.once('exit', kill);
  const stop = async (): Promise<void> => {
    process.removeListener('exit', kill);
    kill();
    await gone;
  };
  try {
    return { url: `http://${await listening(child)}`, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};

const listening = async (child: ChildProcess): Promise<string> => {
  if (!child.stdout) throw new Error('no output');
  const lines = createInterface({ input: child.stdout });
  const timer = setTimeout(() => lines.close(), STARTS_WITHIN_MS);
  try {
    for await (const line of lines) {
      const address = /Listening for HTTP at address: (127\.0\.0\.1:\d+)/.exec(line)?.[1];
      if (address !== undefined) return address;
    }
  } finally {
    clearTimeout(timer);
    child.stdout.resume();
  }
  throw new Error('stripe-mock did not start');
};
