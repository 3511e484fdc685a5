import { Redis } from 'ioredis';

/** A producer fails fast: a request must not wait for a Redis that is away. */
export const producerConnection = (url: string): Redis =>
  quiet(
    new Redis(url, {
      enableOfflineQueue: false,
      maxRetriesPerRequest: 1,
      connectTimeout: 2_000,
      retryStrategy,
    }),
  );

/** A worker is patient: it waits for Redis to come back, for as long as it takes. */
export const workerConnection = (url: string): Redis =>
  quiet(new Redis(url, { maxRetriesPerRequest: null, retryStrategy }));

const retryStrategy = (times: number): number => Math.min(100 * times, 1_000);

/** Without a listener ioredis prints each lost connection; those who use it are told by their commands' failures. */
const quiet = (redis: Redis): Redis => redis.on('error', () => undefined);
