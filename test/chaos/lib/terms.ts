import { randomUUID } from 'node:crypto';
import { JobProducer } from '@commissary/queue';
import type { Database } from '@commissary/store';
import { ageSubscription } from '../../support/aged-subscription.js';
import type { Model } from './model.js';
import { collectionsOf } from '../../support/driver.js';

/** How far in the past a term ends that is made to end, in milliseconds. */
const OVERDUE_MS = 1_000;

/** Lets terms of subscriptions end before their time, so that the service renews them during the run. [BUY-9] */
export class Terms {
  private readonly producer: JobProducer;

  constructor(
    private readonly database: Database,
    redisUrl: string,
    private readonly model: Model,
  ) {
    this.producer = JobProducer.connect({ redisUrl, prefix: 'commissary' });
  }

  /** Only a subscription that no operation holds and that is paid until later is changed; the model is told of each change. */
  async end(subscriptionId: string): Promise<void> {
    try {
      const isChanged = await ageSubscription(
        this.database,
        subscriptionId,
        ({ expiresAt }) => expiresAt.getTime() - Date.now() + OVERDUE_MS,
        ({ status, operationId, autoRenew, expiresAt }) =>
          status === 'active' && operationId === null && autoRenew && expiresAt.getTime() > Date.now(),
      );
      if (isChanged) this.model.termEnded(subscriptionId, true);
    } catch {
      // MongoDB was away for longer than the driver tries, so that the change may have been made.
      this.model.termEnded(subscriptionId, false);
    }
    await this.lookForDue();
  }

  /** Asks for the scheduler's job out of turn; where Redis is away the scheduler's own turn comes later. */
  async lookForDue(): Promise<void> {
    await this.producer.enqueue({
      name: 'lifecycle.sweep',
      payload: { v: 1 },
      jobId: `chaos-${randomUUID()}`,
    });
  }

  /** How many subscriptions have a term that was made to end and that nothing has followed yet. */
  waiting(): Promise<number> {
    return collectionsOf(this.database).subscriptions.countDocuments({
      _id: { $in: [...this.model.termsEnded.keys()] },
      status: 'active',
      expiresAt: { $lte: new Date() },
    });
  }

  async close(): Promise<void> {
    await this.producer.close();
  }
}
