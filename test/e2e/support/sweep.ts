import { randomUUID } from 'node:crypto';
import { JobProducer } from '@commissary/queue';
import { stack } from './stack.js';

/** The scheduler's own job, out of turn. */
export const lookForDue = async (): Promise<void> => {
  const producer = new JobProducer({ redisUrl: stack().redisUrl, prefix: 'commissary' });
  const job = { name: 'lifecycle.sweep', payload: { v: 1 }, jobId: `sweep-${randomUUID()}` } as const;
  const taken = await producer.enqueue(job);
  await producer.close();
  if (!taken) throw new Error('Redis did not take the sweep');
};
