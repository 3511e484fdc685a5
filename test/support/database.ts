import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { expect } from '@jest/globals';
import { Redis } from 'ioredis';
import { MongoClient } from 'mongodb';

/** What one test file has to itself on the shared mongod and redis-server of the run. */
export interface TestServices {
  /** With the file's own database in its path, ready for `MONGODB_URI`. */
  mongodbUri: string;
  redisUrl: string;
  databaseName: string;
  /** BullMQ prefix of the file's own queues. */
  queuePrefix: string;
  /** Drops the database and the queues; call it in `afterAll`, after your own connections are closed. */
  remove(): Promise<void>;
}

/** Names of its own for the calling test file. Throws when the run has no services (a unit spec needs none). */
export function testServices(): TestServices {
  const label = path
    .basename(expect.getState().testPath ?? 'test')
    .replace(/\W.*$/, '')
    .slice(0, 20);
  const databaseName = `test_${label}_${randomBytes(4).toString('hex')}`;
  const redisUrl = required('TEST_REDIS_URL');
  const uri = new URL(required('TEST_MONGODB_URI'));
  uri.pathname = `/${databaseName}`;
  const mongodbUri = uri.href;
  return {
    mongodbUri,
    redisUrl,
    databaseName,
    queuePrefix: databaseName,
    remove: () => remove(mongodbUri, redisUrl, databaseName),
  };
}

async function remove(mongodbUri: string, redisUrl: string, prefix: string): Promise<void> {
  const mongo = new MongoClient(mongodbUri);
  const redis = new Redis(redisUrl);
  try {
    await mongo.db().dropDatabase();
    for await (const keys of redis.scanStream({ match: `{${prefix}:*`, count: 1000 }) as AsyncIterable<
      string[]
    >) {
      if (keys.length > 0) await redis.del(...keys);
    }
  } finally {
    await mongo.close();
    redis.disconnect();
  }
}

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: only the projects integration and e2e have services`);
  return value;
}
