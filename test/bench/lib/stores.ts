import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';
import { type RunningStack, StackError, startStack } from '@commissary/stack';
import { Database, migrate } from '@commissary/store';
import { dbOf } from '../../support/driver.js';

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

export interface StoreCounters {
  /** Calls by command, those within scripts included. */
  redisCommands: Record<string, number>;
  /** `opcounters` of serverStatus: inserts and updates by the document, the rest by the command. */
  mongoOperations: Record<string, number>;
}

const OWN_PARTS = ['mongod', 'redis-server'];

/** The bench's own mongod (one-member replica set, journaled) and redis-server (AOF every second), on loopback. */
export class Stores {
  private constructor(
    readonly stack: RunningStack,
    /** Nothing but the stores: there are no programs that the queues are taken away from. */
    private readonly alone: boolean,
    readonly mongodbUri: string,
    readonly redisUrl: string,
    readonly mongodPid: number,
    readonly redisPid: number,
    readonly redis: Redis,
    readonly versions: { mongod: string; redis: string },
    private readonly root: Database,
  ) {}

  /** With `parts` of the stack beside them. Throws `StackError` for addresses that were given, or that are not of this machine. */
  static async start(
    say: (line: string) => void,
    signal: AbortSignal,
    parts: readonly string[] = OWN_PARTS,
  ): Promise<Stores> {
    for (const name of ['MONGODB_URI', 'REDIS_URL']) {
      if (process.env[name])
        throw new StackError(`The bench empties the stores it measures and starts its own: unset ${name}.`);
    }
    const runDir = mkdtempSync(path.join(tmpdir(), 'commissary-bench-'));
    const stack = await startStack({
      only: parts,
      runDir,
      restart: false,
      say,
      signal,
    });
    try {
      return await Stores.of(stack, parts === OWN_PARTS);
    } catch (error) {
      await stack.stop();
      throw error;
    }
  }

  private static async of(stack: RunningStack, alone: boolean): Promise<Stores> {
    const { mongoUri, redisUrl, processes } = stack.describe();
    const pidOf = (name: string) => processes.find((each) => each.name === name)?.pid;
    const [mongodPid, redisPid] = [pidOf('mongod'), pidOf('redis-server')];
    if (!mongoUri || !redisUrl || !mongodPid || !redisPid) throw new StackError('The stores did not start.');
    for (const url of [mongoUri, redisUrl]) refuseUnlessLoopback(url);
    const redis = new Redis(redisUrl);
    const root = await Database.connect({ uri: mongoUri, appName: 'commissary-bench' });
    const { version } = (await dbOf(root).admin().serverInfo()) as { version: string };
    const redisVersion = /redis_version:(\S+)/.exec(await redis.info('server'))?.[1] ?? '';
    const versions = { mongod: version, redis: redisVersion };
    return new Stores(stack, alone, mongoUri, redisUrl, mongodPid, redisPid, redis, versions, root);
  }

  /** Of all processes of the stack. */
  get pids(): number[] {
    return this.stack.describe().processes.map((each) => each.pid);
  }

  /** The URI with another database in its path. */
  uriOf(databaseName: string): string {
    const uri = new URL(this.mongodbUri);
    uri.pathname = `/${databaseName}`;
    return uri.href;
  }

  /** A migrated database of that name. The caller closes it. */
  async open(databaseName: string): Promise<Database> {
    const database = await Database.connect({ uri: this.uriOf(databaseName), appName: 'commissary-bench' });
    await migrate(database, { holder: 'test' });
    return database;
  }

  /** Everything written so far is on disk, so that no later slice pays for it; the queues are empty, unless others are at work on them. */
  async settle(): Promise<void> {
    if (this.alone) await this.redis.flushall();
    await dbOf(this.root).admin().command({ fsync: 1 });
  }

  async counters(): Promise<StoreCounters> {
    const { opcounters } = (await dbOf(this.root).admin().serverStatus()) as {
      opcounters: Record<string, unknown>;
    };
    const mongoOperations = Object.fromEntries(
      Object.entries(opcounters).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
    );
    const redisCommands = Object.fromEntries(
      [...(await this.redis.info('commandstats')).matchAll(/cmdstat_([^:]+):calls=(\d+)/g)].map((match) => [
        match[1] ?? '',
        Number(match[2]),
      ]),
    );
    return { mongoOperations, redisCommands };
  }

  /** Memory of redis-server in use, in bytes. */
  async redisBytes(): Promise<number> {
    return Number(/used_memory:(\d+)/.exec(await this.redis.info('memory'))?.[1] ?? 0);
  }

  async stop(): Promise<void> {
    this.redis.disconnect();
    await this.root.close();
    await this.stack.stop();
    rmSync(this.stack.runDir, { recursive: true, force: true });
  }
}

const refuseUnlessLoopback = (url: string): void => {
  if (!LOOPBACK.has(new URL(url).hostname)) {
    throw new StackError('The bench measures stores of its own on this machine alone.');
  }
};

export const countersBetween = (before: StoreCounters, after: StoreCounters): StoreCounters => ({
  redisCommands: difference(before.redisCommands, after.redisCommands),
  mongoOperations: difference(before.mongoOperations, after.mongoOperations),
});

const difference = (before: Record<string, number>, after: Record<string, number>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(after)
      .map(([name, count]) => [name, count - (before[name] ?? 0)] as const)
      .filter(([, count]) => count > 0),
  );
