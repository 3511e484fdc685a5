import type { QueueName } from '@commissary/contracts';
import type { QueueOptions } from 'bullmq';
import type { QueueConnection } from './connection.js';

/** What an application tells its queues; see REDIS_URL and QUEUE_PREFIX. */
export interface QueueSettings {
  redisUrl: string;
  prefix: string;
}

/**
 * The BullMQ prefix of one queue. Its braces make a hash tag of it, so that a Redis Cluster keeps all keys of a queue on one node,
 * which BullMQ's scripts need, and different queues on different ones.
 */
export const queuePrefix = (prefix: string, queue: QueueName): string => `{${prefix}:${queue}}`;

/** The options that all queues of a process share. */
export const sharedQueueOptions = (connection: QueueConnection): QueueOptions => ({
  connection,
  skipVersionCheck: true,
  defaultJobOptions: {
    // Ended jobs are kept for the dashboard only; a job's id holds the run's fence, so that a kept one never swallows a later one.
    removeOnComplete: { count: 1_000 },
    removeOnFail: { count: 1_000 },
    attempts: 1,
  },
});
