import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fetch } from '@commissary/stack/http';
import { Redis } from 'ioredis';
import { MongoClient } from 'mongodb';
import { pidOf, restarted, runDir, stack } from '../../e2e/support/stack.js';
import { eventually } from '../../e2e/support/eventually.js';

/** Kills a part the hard way; resolves when the supervisor has started it again. */
export const killedAndBack = async (name: string): Promise<void> => {
  const pid = pidOf(name);
  process.kill(pid, 'SIGKILL');
  await restarted(name, pid);
};

/** One short connection, so that a Redis that dies takes nothing of the test with it. */
export const withRedis = async <T>(work: (redis: Redis) => Promise<T>): Promise<T> => {
  const redis = new Redis(stack().redisUrl, { lazyConnect: true, retryStrategy: () => null });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    return await work(redis);
  } finally {
    redis.disconnect();
  }
};

export const redisAnswers = (): Promise<string> =>
  eventually('Redis answers', () => withRedis((redis) => redis.ping()).catch(() => undefined));

/** As a Redis that keeps no append-only file: the killed process leaves nothing to start from. */
export const redisKilledWithItsData = async (): Promise<void> => {
  const folder = path.join(runDir(), 'data/redis');
  for (const name of readdirSync(folder)) rmSync(path.join(folder, name), { recursive: true });
  await killedAndBack('redis-server');
  await redisAnswers();
};

const STEPPED_DOWN_SECONDS = 2;

/** The one member of the set gives up being primary, with everybody's connections, and is elected again after 2 s. */
export const mongodSteppedDown = async (): Promise<void> => {
  const client = new MongoClient(stack().mongoUri);
  try {
    const command = { replSetStepDown: STEPPED_DOWN_SECONDS, secondaryCatchUpPeriodSecs: 0, force: true };
    await client.db('admin').command(command);
  } finally {
    await client.close();
  }
};

export type MailFault = 'none' | 'refuse451' | 'refuse550' | 'dropAfterData' | 'down';

export const mailFault = async (mode: MailFault, count?: number): Promise<void> => {
  const response = await fetch(`${stack().mailUrl}/faults`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ mode, ...(count !== undefined && { count }) }),
  });
  if (!response.ok) throw new Error(`the mail catcher answered ${response.status}`);
};
