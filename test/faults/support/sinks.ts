import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fetch } from '@commissary/stack/http';
import type { Redis } from 'ioredis';
import { MongoClient } from 'mongodb';
import { runDir, stack } from '../../e2e/support/stack.js';
import { withRedis } from './outsiders.js';
import type { Service } from './service.js';

/** Where words can end up for good: its name and all that is in it. */
export interface Sink {
  where: string;
  text: string;
}

/** What the processes of the stack have written, and those of the test's own. */
export const logs = (services: readonly Service[]): Sink[] => {
  const folder = path.join(runDir(), 'logs');
  const files = readdirSync(folder).map((name) => ({
    where: `the log ${name}`,
    text: readFileSync(path.join(folder, name), 'utf8'),
  }));
  const own = services.map(({ pid, lines }) => ({
    where: `the log of process ${pid}`,
    text: lines.map((line) => JSON.stringify(line)).join('\n'),
  }));
  return [...files, ...own];
};

const SYSTEM_DATABASES = ['admin', 'config', 'local'];

/** Every document of every collection, a sink each. */
export const collections = async (): Promise<Sink[]> => {
  const client = new MongoClient(stack().mongoUri);
  try {
    const { databases } = await client.db().admin().listDatabases();
    const sinks: Sink[] = [];
    for (const { name } of databases.filter((each) => !SYSTEM_DATABASES.includes(each.name))) {
      for (const collection of await client.db(name).collections()) {
        const documents = await collection.find().toArray();
        const where = `the collection ${name}.${collection.collectionName}`;
        sinks.push({ where, text: documents.map((document) => JSON.stringify(document)).join('\n') });
      }
    }
    return sinks;
  } finally {
    await client.close();
  }
};

const valueOf = async (redis: Redis, key: string): Promise<unknown> => {
  switch (await redis.type(key)) {
    case 'string':
      return redis.get(key);
    case 'hash':
      return redis.hgetall(key);
    case 'list':
      return redis.lrange(key, 0, -1);
    case 'set':
      return redis.smembers(key);
    case 'zset':
      return redis.zrange(key, '0', '-1');
    case 'stream':
      return redis.xrange(key, '-', '+');
    default:
      return null;
  }
};

/** Every key and value of Redis, jobs and limits of rates alike. */
export const redisNow = (): Promise<Sink> =>
  withRedis(async (redis) => {
    const lines: string[] = [];
    for (const key of await redis.keys('*')) {
      lines.push(`${key} ${JSON.stringify(await valueOf(redis, key))}`);
    }
    return { where: 'Redis', text: lines.join('\n') };
  });

/** Every mail that was caught, headers and all. */
export const mails = async (): Promise<Sink> => {
  const response = await fetch(`${stack().mailUrl}/messages`);
  return { where: 'a mail', text: await response.text() };
};
