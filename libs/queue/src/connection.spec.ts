import { afterEach, describe, expect, it } from '@jest/globals';
import { Cluster, Redis } from 'ioredis';
import { producerConnection, type QueueConnection, workerConnection } from './connection.js';

/** A port nobody listens on. */
const NOWHERE = '127.0.0.1:1';

const open: QueueConnection[] = [];

afterEach(() => {
  for (const connection of open.splice(0)) connection.disconnect();
});

const both = (url: string): [producer: QueueConnection, worker: QueueConnection] => {
  const producer = producerConnection(url);
  const worker = workerConnection(producer);
  open.push(producer, worker);
  return [producer, worker];
};

describe('the connections of queues', () => {
  it('fail fast for producers and are patient for workers, on one server', () => {
    const [producer, worker] = both(`redis://user:secret@${NOWHERE}/3`);
    expect(producer).toBeInstanceOf(Redis);
    expect(producer.options).toMatchObject({ enableOfflineQueue: false, maxRetriesPerRequest: 1, db: 3 });
    expect(worker.options).toMatchObject({
      enableOfflineQueue: true,
      maxRetriesPerRequest: null,
      db: 3,
      username: 'user',
      password: 'secret',
    });
  });

  it('fail fast for producers and are patient for workers, on a cluster', () => {
    const [producer, worker] = both(`redis+cluster://user:secret@${NOWHERE},127.0.0.1:2`);
    expect(producer).toBeInstanceOf(Cluster);
    expect(producer.options).toMatchObject({
      enableOfflineQueue: false,
      redisOptions: { maxRetriesPerRequest: 1, username: 'user', password: 'secret' },
    });
    expect(worker).toBeInstanceOf(Cluster);
    expect(worker.options).toMatchObject({
      enableOfflineQueue: true,
      redisOptions: { maxRetriesPerRequest: null, username: 'user', password: 'secret' },
    });
  });

  it.each([`redis://${NOWHERE}`, `redis+cluster://${NOWHERE}`])(
    'refuse a command at once for a producer while %s is away',
    async (url) => {
      const [producer] = both(url);
      const asked = performance.now();
      await expect(producer.get('key')).rejects.toThrow();
      expect(performance.now() - asked).toBeLessThan(1_000);
    },
  );

  it('say so when they are given no address of Redis', () => {
    expect(() => producerConnection('http://127.0.0.1')).toThrow('REDIS_URL is no address of Redis');
  });
});
