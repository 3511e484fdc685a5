import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { RunningStack, StackFile } from '@commissary/stack';
import { Redis } from 'ioredis';
import { MongoClient } from 'mongodb';
import type { SeededRandom } from '../../support/seeded-random.js';
import type { Extras } from './extras.js';

/** Injects a fault, and ends it where it would not end by itself. */
type Fault = (outside: Outside, random: SeededRandom) => Promise<void>;

/** Signals the processes of the stack and sets the faults of its simulators. */
export class Outside {
  private readonly frozen = new Set<number>();

  constructor(
    private readonly stack: RunningStack,
    readonly extras: Extras,
    private readonly say: (line: string) => void,
  ) {}

  get at(): StackFile {
    return this.stack.describe();
  }

  get dataDir(): string {
    return path.join(this.stack.runDir, 'data');
  }

  workers(): string[] {
    return this.at.processes.map(({ name }) => name).filter((name) => name.startsWith('worker:'));
  }

  /** Sends a signal and returns the process id; null where the process is just being started again. */
  signal(name: string, signal: NodeJS.Signals): number | null {
    const pid = this.at.processes.find((each) => each.name === name)?.pid;
    if (pid === undefined) return null;
    try {
      process.kill(pid, signal);
      this.say(`${signal} to ${name} (${pid})`);
      return pid;
    } catch {
      return null;
    }
  }

  async freeze(name: string, ms: number): Promise<void> {
    const pid = this.signal(name, 'SIGSTOP');
    if (pid === null) return;
    this.frozen.add(pid);
    this.say(`${name} is frozen for ${ms} ms`);
    await delay(ms);
    this.thaw(pid);
  }

  thawAll(): void {
    for (const pid of this.frozen) this.thaw(pid);
  }

  async put(url: string | null, body: unknown): Promise<void> {
    this.say(JSON.stringify(body));
    await fetch(`${url ?? ''}/faults`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(2_000),
    }).catch(() => undefined);
  }

  /** Does some work on Redis, and nothing where Redis does not answer because of an earlier fault. */
  async redis(work: (redis: Redis) => Promise<unknown>): Promise<void> {
    const options = {
      lazyConnect: true,
      connectTimeout: 2_000,
      commandTimeout: 2_000,
      retryStrategy: () => null,
    };
    const redis = new Redis(this.at.redisUrl ?? '', options);
    redis.on('error', () => undefined);
    try {
      await redis.connect();
      await work(redis);
    } catch {
      return;
    } finally {
      redis.disconnect();
    }
  }

  private thaw(pid: number): void {
    this.frozen.delete(pid);
    try {
      process.kill(pid, 'SIGCONT');
    } catch {
      return;
    }
  }
}

const killed =
  (name: string): Fault =>
  async (outside) => {
    outside.signal(name, 'SIGKILL');
  };

const frozen =
  (name: string, min: number, max: number): Fault =>
  (outside, random) =>
    outside.freeze(name, random.int(min, max));

const redisOutOfMemory: Fault = async (outside, random) => {
  await outside.redis((redis) => redis.config('SET', 'maxmemory', '1'));
  await delay(random.int(500, 3_000));
  await outside.redis((redis) => redis.config('SET', 'maxmemory', '0'));
};

const redisLosesItsData: Fault = async (outside) => {
  const folder = path.join(outside.dataDir, 'redis');
  for (const name of readdirSync(folder)) rmSync(path.join(folder, name), { recursive: true, force: true });
  outside.signal('redis-server', 'SIGKILL');
};

const mongodStepsDown: Fault = async (outside, random) => {
  const client = new MongoClient(outside.at.mongoUri ?? '', { serverSelectionTimeoutMS: 2_000 });
  const command = { replSetStepDown: random.int(1, 3), secondaryCatchUpPeriodSecs: 0, force: true };
  await client
    .db('admin')
    .command(command)
    .catch(() => undefined);
  await client.close();
};

const mailMisbehaves: Fault = async (outside, random) => {
  const mode = random.pick(['refuse451', 'refuse550', 'dropAfterData', 'down'] as const);
  await outside.put(outside.at.mailUrl, { mode, count: random.int(1, 10) });
};

const providerMisbehaves: Fault = async (outside, random) => {
  const mode = random.pick(['timeoutBefore', 'timeoutAfter', 'late', 'http500', 'dropResponse'] as const);
  await outside.put(outside.at.paymentsUrl, {
    mode,
    count: random.int(1, 3),
    delayMs: random.int(500, 7_000),
  });
};

export const FAULTS: Record<string, { weight: number; happen: Fault }> = {
  workerKilled: {
    weight: 8,
    happen: (outside, random) => killed(random.pick(outside.workers()))(outside, random),
  },
  workerFrozen: {
    weight: 4,
    happen: (outside, random) => outside.freeze(random.pick(outside.workers()), random.int(1_000, 15_000)),
  },
  workerAskedToStop: {
    weight: 3,
    happen: async (outside, random) => void outside.signal(random.pick(outside.workers()), 'SIGTERM'),
  },
  gatewayKilled: { weight: 3, happen: killed('gateway') },
  gatewayFrozen: { weight: 1, happen: frozen('gateway', 500, 4_000) },
  gatewayAskedToStop: { weight: 1, happen: async (outside) => void outside.signal('gateway', 'SIGTERM') },
  redisKilled: { weight: 2, happen: killed('redis-server') },
  redisLosesItsData: { weight: 2, happen: redisLosesItsData },
  redisFlushed: { weight: 2, happen: (outside) => outside.redis((redis) => redis.flushall()) },
  redisFrozen: { weight: 1, happen: frozen('redis-server', 500, 4_000) },
  redisOutOfMemory: { weight: 2, happen: redisOutOfMemory },
  mongodKilled: { weight: 2, happen: killed('mongod') },
  mongodAskedToStop: { weight: 1, happen: async (outside) => void outside.signal('mongod', 'SIGTERM') },
  mongodFrozen: { weight: 2, happen: frozen('mongod', 500, 8_000) },
  mongodStepsDown: { weight: 3, happen: mongodStepsDown },
  mailMisbehaves: { weight: 2, happen: mailMisbehaves },
  mailKilled: { weight: 1, happen: killed('mail') },
  providerMisbehaves: { weight: 4, happen: providerMisbehaves },
  providerKilled: { weight: 1, happen: killed('payments') },
  issuerKilled: { weight: 1, happen: killed('issuer') },
  workerFails: { weight: 4, happen: (outside, random) => outside.extras.workerThatFails(random) },
  workerWithWrongClock: {
    weight: 2,
    happen: (outside, random) => outside.extras.workerWithWrongClock(random),
  },
  gatewayFails: { weight: 2, happen: (outside, random) => outside.extras.gatewayThatFails(random) },
};

const WEIGHTS = Object.fromEntries(Object.entries(FAULTS).map(([name, { weight }]) => [name, weight]));

/** Injects faults at random moments until `isOver`; some last into the next one, and `heal` ends those that are left. */
export const harm = async (
  outside: Outside,
  random: SeededRandom,
  isOver: () => boolean,
  onFault: (name: string) => void,
): Promise<void> => {
  for (let count = 0; ; count += 1) {
    await delay(random.int(300, 3_000));
    if (isOver()) return;
    const name = random.weighted(WEIGHTS);
    onFault(name);
    void FAULTS[name]?.happen(outside, random.fork(`${name} ${count}`));
  }
};

/** Ends every fault that still lasts. */
export const heal = async (outside: Outside): Promise<void> => {
  outside.extras.endAll();
  outside.thawAll();
  await outside.redis((redis) => redis.config('SET', 'maxmemory', '0'));
  await outside.put(outside.at.mailUrl, { mode: 'none' });
  await outside.put(outside.at.paymentsUrl, { mode: 'none' });
};
