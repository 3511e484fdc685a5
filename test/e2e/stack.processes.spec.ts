import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fetch } from '@commissary/stack/http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { MongoClient } from 'mongodb';
import { lives } from '../support/processes.js';
import { runStackCommand } from '../support/run-command.js';
import { ROOT, startStackProcess, type StackProcess } from '../support/stack-process.js';

const START = path.join(ROOT, 'stack/dist/commands/start.js');
const WITHIN_MS = 20_000;

const until = async (what: string, holds: () => boolean | Promise<boolean>): Promise<void> => {
  const deadline = Date.now() + WITHIN_MS;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`${what}: not within ${WITHIN_MS / 1000} s`);
    await delay(25);
  }
};

const pidOf = (stack: StackProcess, name: string): number | undefined =>
  stack.file().processes.find((each) => each.name === name)?.pid;

describe('processes of the embedded stack', () => {
  let stack: StackProcess;

  beforeAll(async () => {
    stack = await startStackProcess(['--only', 'mongod,redis-server,payments,mail']);
  });
  afterAll(() => stack.stop());

  it('RUN-2 stack.json names every process and where it answers', async () => {
    const file = stack.file();
    expect(file.processes.map(({ name }) => name)).toEqual(['mongod', 'redis-server', 'payments', 'mail']);
    for (const { pid } of file.processes) expect(lives(pid)).toBe(true);
    expect(file).toMatchObject({ gatewayUrl: null, issuer: null });
    expect((await fetch(`${file.paymentsUrl}/healthz`)).status).toBe(200);
    expect((await fetch(`${file.mailUrl}/messages`)).status).toBe(200);
  });

  it('RUN-2 mongod is a replica set of one with transactions, redis-server keeps an append-only file and evicts nothing', async () => {
    const { mongoUri, redisUrl } = stack.file();
    const client = await new MongoClient(mongoUri).connect();
    const redis = new Redis(redisUrl);
    try {
      await client.withSession((session) =>
        session.withTransaction(async () => {
          await client.db().collection('probe').insertOne({ n: 1 }, { session });
        }),
      );
      expect(await client.db().collection('probe').countDocuments()).toBe(1);
      expect(await redis.config('GET', 'appendonly')).toEqual(['appendonly', 'yes']);
      expect(await redis.config('GET', 'appendfsync')).toEqual(['appendfsync', 'everysec']);
      expect(await redis.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction']);
    } finally {
      redis.disconnect();
      await client.close();
    }
  });

  it.each(['mongod', 'redis-server', 'payments', 'mail'])(
    'RUN-2 %s is started again after kill -9',
    async (name) => {
      const before = pidOf(stack, name) ?? 0;
      process.kill(before, 'SIGKILL');
      await until(`${name} again`, () => {
        const now = pidOf(stack, name);
        return now !== undefined && now !== before && lives(now);
      });
    },
  );

  it('RUN-2 a second stack in the same folder is refused in one sentence', async () => {
    const { exitCode, stderr } = await runStackCommand('start', ['--run-dir', stack.runDir]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^A stack is already running in .+ \(process \d+\): .+\.\n$/);
    expect(existsSync(path.join(stack.runDir, 'stack.json'))).toBe(true);
  });

  it('RUN-2 a port that is taken is named in one sentence', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const runDir = mkdtempSync(path.join(tmpdir(), 'commissary-port-'));
    try {
      const args = ['--run-dir', runDir, '--port', String(port)];
      const { exitCode, stderr } = await runStackCommand('start', args);
      expect(exitCode).toBe(1);
      expect(stderr).toBe(
        `Port ${port} is taken: choose another with --port, or leave --port out for a free one.\n`,
      );
    } finally {
      server.close();
      rmSync(runDir, { recursive: true });
    }
  });
});

describe('ends of the embedded stack', () => {
  let runDir: string;
  afterEach(() => rmSync(runDir, { recursive: true, force: true }));

  const begin = (args: string[]) => {
    runDir = mkdtempSync(path.join(tmpdir(), 'commissary-end-'));
    return spawn(process.execPath, [START, '--with-parent', '--run-dir', runDir, ...args], {
      stdio: 'ignore',
    });
  };
  const table = (): { pid: number }[] => {
    const file = path.join(runDir, 'processes.json');
    return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { pid: number }[]) : [];
  };

  it('RUN-2 kill -9 of the supervisor leaves no process behind', async () => {
    const supervisor = begin(['--only', 'redis-server,payments,mail']);
    await until('up', () => existsSync(path.join(runDir, 'stack.json')));
    const pids = table().map(({ pid }) => pid);
    expect(pids).toHaveLength(3);
    supervisor.kill('SIGKILL');
    await until('all gone', () => !pids.some(lives));
    await until('cleared', () => !existsSync(path.join(runDir, 'stack.json')));
  });

  it.each([0, 1, 2])('RUN-2 Ctrl-C while it starts, once %i processes run, leaves none', async (running) => {
    const supervisor = begin(['--only', 'redis-server,payments,mail']);
    const ended = once(supervisor, 'exit') as Promise<[number | null]>;
    await until(
      'some run',
      () => existsSync(path.join(runDir, 'processes.json')) && table().length >= running,
    );
    const pids = table().map(({ pid }) => pid);
    supervisor.kill('SIGINT');
    expect([0, 130]).toContain((await ended)[0]);
    expect(pids.filter(lives)).toEqual([]);
    expect(table()).toEqual([]);
  });
});

describe('kept data', () => {
  it('RUN-2 --data outlives a stop, on other ports too', async () => {
    const data = mkdtempSync(path.join(tmpdir(), 'commissary-data-'));
    const args = ['--only', 'mongod,redis-server', '--data', data];
    try {
      const first = await startStackProcess(args);
      const { mongoUri } = first.file();
      const client = await new MongoClient(mongoUri).connect();
      await client.db().collection('kept').insertOne({ n: 1 });
      await client.close();
      const redis = new Redis(first.file().redisUrl);
      await redis.set('kept', '1');
      redis.disconnect();
      await first.stop();

      const second = await startStackProcess(args);
      expect(second.file().mongoUri).not.toBe(mongoUri);
      const again = await new MongoClient(second.file().mongoUri).connect();
      const redisAgain = new Redis(second.file().redisUrl);
      expect(await again.db().collection('kept').countDocuments()).toBe(1);
      expect(await redisAgain.get('kept')).toBe('1');
      redisAgain.disconnect();
      await again.close();
      await second.stop();
    } finally {
      rmSync(data, { recursive: true });
    }
  });
});
