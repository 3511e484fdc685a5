import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { Redis } from 'ioredis';
import { StackError } from '../stack-error.js';
import type { ProcessSpec } from './managed-process.js';
import { HOST } from './ports.js';

const TIMEOUT_MS = 3_000;

export const redisUrlOf = (port: number): string => `redis://${HOST}:${port}`;

const ping = async (url: string): Promise<void> => {
  const redis = new Redis(url, { lazyConnect: true, connectTimeout: TIMEOUT_MS, retryStrategy: () => null });
  let why: Error | undefined;
  redis.on('error', (error: Error) => (why = error));
  try {
    await redis.connect();
    await redis.ping();
  } catch (error) {
    throw why ?? error;
  } finally {
    redis.disconnect();
  }
};

/** redis-server with its append-only file on disk every second, and never evicting: a queue is no cache. */
export const redisSpec = (program: string, port: number, data: string): ProcessSpec => {
  const folder = path.join(data, 'redis');
  mkdirSync(folder, { recursive: true });
  const where = ['--bind', HOST, '--port', String(port), '--dir', folder];
  const kept = ['--appendonly', 'yes', '--appendfsync', 'everysec', '--save', ''];
  return {
    name: 'redis-server',
    command: program,
    args: [...where, ...kept, '--maxmemory-policy', 'noeviction', '--daemonize', 'no'],
    env: process.env,
    ready: () =>
      ping(redisUrlOf(port)).then(
        () => true,
        () => false,
      ),
  };
};

/** Throws `StackError` unless a Redis answers at the `REDIS_URL` that was given. */
export const checkGivenRedis = async (url: string): Promise<void> => {
  try {
    await ping(url);
  } catch (error) {
    throw new StackError(
      `Redis at REDIS_URL does not answer (${(error as Error).message}): start it, correct the variable, or unset it to have one started.`,
    );
  }
};
