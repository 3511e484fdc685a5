import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { eventually } from '../../e2e/support/eventually.js';
import { runDir, stack } from '../../e2e/support/stack.js';
import { ROOT } from '../../support/stack-process.js';

const START_WITHIN_MS = 180_000;

/** Full size by `FAULTS=full`, a small one otherwise. */
export const FULL = process.env['FAULTS'] === 'full';

/**
 * The stack that the fault tests of one Jest worker share, with the gateway and without a worker of ours: each test starts its
 * own ones, with the failpoints it needs. The first test starts it; it ends with the test run.
 */
export const ensureFaultStack = async (): Promise<void> => {
  const file = path.join(runDir(), 'stack.json');
  if (existsSync(file)) return;
  const start = path.join(ROOT, 'stack/dist/commands/start.js');
  const args = ['--with-parent', '--only', 'gateway,mail', '--run-dir', runDir()];
  mkdirSync(runDir(), { recursive: true });
  const logFile = path.join(runDir(), 'start.log');
  const log = openSync(logFile, 'a');
  const child = spawn(process.execPath, [start, ...args], { stdio: ['ignore', log, log] });
  closeSync(log);
  await eventually(
    'the stack of the fault tests is up',
    async () => {
      if (child.exitCode !== null)
        throw new Error(`the stack did not start: ${readFileSync(logFile, 'utf8')}`);
      return existsSync(file) ? true : undefined;
    },
    START_WITHIN_MS,
  );
  // It outlives this test file.
  child.unref();
};

/** What the gateway and a worker need to know, as the stack gives it to its own. */
export const serviceEnvironment = (): Record<string, string> => {
  const at = stack();
  const inherited = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !entry[0].startsWith('npm_'),
  );
  return {
    ...Object.fromEntries(inherited),
    NODE_ENV: 'test',
    HOST: '127.0.0.1',
    PORT: '0',
    LOG_LEVEL: 'info',
    MONGODB_URI: at.mongoUri,
    REDIS_URL: at.redisUrl,
    PAYMENTS: 'simulator',
    PAYMENTS_URL: at.paymentsUrl,
    PUBLIC_URL: at.gatewayUrl,
    SMTP_URL: at.smtpUrl,
    OIDC_ISSUER: at.issuer,
    OIDC_AUDIENCE: 'urn:commissary:api',
    SESSION_SECRET: 'only-for-a-gateway-of-the-fault-tests',
  };
};
