/**
 * Starts one mongod and one redis-server for the whole run, as processes of the embedded stack, and tells the
 * test files where they are: TEST_MONGODB_URI and TEST_REDIS_URL.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { makeDataFolder } from './data-folder.mjs';
import stopServices from './stop-services.mjs';

const START = path.resolve(import.meta.dirname, '../../../stack/dist/commands/start.js');
/** The first start may have to fetch the two programs. */
const START_TIMEOUT_MS = 180_000;

export default async function startServices() {
  if (!existsSync(START)) throw new Error('the embedded stack is not built: run `npm run build` first');
  const runDir = mkdtempSync(path.join(tmpdir(), 'commissary-test-'));
  const dataDir = makeDataFolder();
  const only = ['--only', 'mongod,redis-server'];
  const folders = ['--run-dir', runDir, '--data', dataDir];
  const child = spawn(process.execPath, [START, '--with-parent', ...only, ...folders], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // Should Jest end without its teardown.
  process.once('exit', () => child.kill('SIGTERM'));
  globalThis.commissaryTestServices = { child, folders: [runDir, dataDir] };
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));

  // Jest runs no teardown after a setup that failed.
  const stack = await stackFile(child, path.join(runDir, 'stack.json'), () => output).catch(async (error) => {
    await stopServices();
    throw error;
  });
  process.env.TEST_MONGODB_URI = stack.mongoUri;
  process.env.TEST_REDIS_URL = stack.redisUrl;
}

/** stack.json is written once everything answers; it appears whole, for it is renamed into place. */
async function stackFile(child, file, output) {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline) {
    if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8'));
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`the embedded stack did not start:\n${output()}`);
    }
    await delay(50);
  }
  child.kill('SIGTERM');
  throw new Error(`the embedded stack was not ready within ${START_TIMEOUT_MS / 1000} s:\n${output()}`);
}
