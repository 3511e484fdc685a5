import { randomUUID } from 'node:crypto';
import { JobProducer } from '@commissary/queue';
import { eventually } from './eventually.js';
import { stack } from './stack.js';

/** The scheduler's own job, out of turn; Redis may just have been killed. */
export const lookForDue = async (): Promise<void> => {
  const producer = JobProducer.connect({ redisUrl: stack().redisUrl, prefix: 'commissary' });
  const job = { name: 'lifecycle.sweep', payload: { v: 1 }, jobId: `sweep-${randomUUID()}` } as const;
  try {
    await eventually('Redis takes the sweep', async () => (await producer.enqueue(job)) || undefined);
  } finally {
    await producer.close();
  }
};
