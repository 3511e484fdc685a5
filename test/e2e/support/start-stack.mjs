/**
 * Starts one whole stack for every end-to-end file, and tells them where it is: COMMISSARY_E2E_RUN_DIR. Given that
 * variable, the stack that runs there already is used, and left running.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import stopServices from '../../support/jest/stop-services.mjs';
import stopStack from './stop-stack.mjs';

const START = path.resolve(import.meta.dirname, '../../../stack/dist/commands/start.js');
/** The first start may have to fetch mongod and redis-server. */
const START_TIMEOUT_MS = 180_000;

export default async function startStack() {
  const given = process.env.COMMISSARY_E2E_RUN_DIR;
  if (given) {
    tellAddresses(JSON.parse(readFileSync(path.join(given, 'stack.json'), 'utf8')));
    return;
  }
  if (!existsSync(START)) throw new Error('the embedded stack is not built: run `npm run build` first');
  const runDir = mkdtempSync(path.join(tmpdir(), 'commissary-e2e-'));
  const child = spawn(process.execPath, [START, '--with-parent', '--run-dir', runDir], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, LOG_LEVEL: process.env.LOG_LEVEL ?? 'warn' },
  });
  // Should Jest end without its teardown.
  process.once('exit', () => child.kill('SIGTERM'));
  globalThis.commissaryEndToEnd = { child, runDir };
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
  // Jest runs no teardown after a setup that failed, neither ours nor that of the projects before.
  const stack = await stackFile(child, path.join(runDir, 'stack.json'), () => output).catch(async (error) => {
    await Promise.all([stopStack(), stopServices()]);
    throw error;
  });
  process.env.COMMISSARY_E2E_RUN_DIR = runDir;
  tellAddresses(stack);
}

function tellAddresses({ mongoUri, redisUrl }) {
  process.env.TEST_MONGODB_URI ??= mongoUri;
  process.env.TEST_REDIS_URL ??= redisUrl;
}

/** stack.json is written once everything answers; it appears whole, for it is renamed into place. */
async function stackFile(child, file, output) {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline) {
    if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8'));
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`the stack did not start:\n${output()}`);
    }
    await delay(50);
  }
  child.kill('SIGTERM');
  throw new Error(`the stack was not ready within ${START_TIMEOUT_MS / 1000} s:\n${output()}`);
}
