/** The way queues invite to: one job per user, each a write. */
import { type Job, Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { Database } from '@commissary/store';
import type { OpenSide, StoreAddresses } from '../lib/side-contract.js';
import type { NaiveMoveTask } from './naive-move.js';
import { collectionsOf } from '../../support/driver.js';

const CONCURRENCY = 50;
const BULK = 1_000;

interface UserJob {
  tenantId: string;
  userId: string;
  sourceId: string;
  targetId: string;
}

export const open = async (at: StoreAddresses): Promise<OpenSide<NaiveMoveTask, void>> => {
  const database = await Database.connect({ uri: at.mongodbUri, appName: 'bench-naive' });
  const connections = [
    new Redis(at.redisUrl),
    new Redis(at.redisUrl, { maxRetriesPerRequest: null }),
  ] as const;
  const common = { prefix: at.queuePrefix, skipVersionCheck: true };
  const queue = new Queue<UserJob>('move-user', { ...common, connection: connections[0] });
  const { licenses } = collectionsOf(database);
  let left = 0;
  let whenDone: (() => void) | null = null;
  const worker = new Worker<UserJob>(
    'move-user',
    async ({ data: { tenantId, userId, sourceId, targetId } }: Job<UserJob>) => {
      await licenses.updateOne(
        { tenantId, userId, subscriptionId: sourceId },
        { $set: { subscriptionId: targetId } },
      );
    },
    { ...common, connection: connections[1], concurrency: CONCURRENCY },
  );
  worker.on('completed', () => {
    left -= 1;
    if (left === 0) whenDone?.();
  });
  return {
    run: async ({ userIds, tenantId, sourceId, targetId }) => {
      left = userIds.length;
      const done = new Promise<void>((resolve) => (whenDone = resolve));
      for (let from = 0; from < userIds.length; from += BULK) {
        const users = userIds.slice(from, from + BULK);
        const opts = { removeOnComplete: true };
        await queue.addBulk(
          users.map((userId) => ({ name: 'move', data: { tenantId, userId, sourceId, targetId }, opts })),
        );
      }
      await done;
    },
    close: async () => {
      await worker.close();
      await queue.close();
      for (const connection of connections) connection.disconnect();
      await database.close();
    },
  };
};
