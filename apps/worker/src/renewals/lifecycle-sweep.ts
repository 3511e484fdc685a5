import { Inject, Injectable } from '@nestjs/common';
import { JOB_OF_OPERATION } from '@commissary/contracts';
import type { Logger } from '@commissary/platform';
import { JobProducer, wakeUpId } from '@commissary/queue';
import { DatabaseClock, type SubscriptionDocument, SubscriptionsRepository } from '@commissary/store';
import pMap from 'p-map';
import { MailWakeUp } from '../notifications/mail-wake-up.js';
import { LOGGER } from '../tokens.js';
import { LifecycleSteps, type Stepped } from './lifecycle-steps.js';

const BATCH = 200;
const AT_ONCE = 8;
/** Then it is another job's turn; the next sweep goes on. */
const BATCHES = 50;

/**
 * Looks for subscriptions of which something is due, the longest due first, and takes the step: a run that was missed is made up
 * for by the next. [BUY-9, SUB-3]
 */
@Injectable()
export class LifecycleSweep {
  constructor(
    private readonly subscriptions: SubscriptionsRepository,
    private readonly steps: LifecycleSteps,
    private readonly producer: JobProducer,
    private readonly mails: MailWakeUp,
    private readonly clock: DatabaseClock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Returns how many steps were taken. */
  async sweep(): Promise<number> {
    let taken = 0;
    for (let batch = 0; batch < BATCHES; batch += 1) {
      const due = await this.subscriptions.due(this.clock.now(), BATCH);
      const steps = await this.takeAll(due);
      taken += steps;
      // Where nothing could be done, the same would only be found again.
      if (steps === 0) break;
    }
    return taken;
  }

  private async takeAll(due: readonly SubscriptionDocument[]): Promise<number> {
    const taken = await pMap(due, (subscription) => this.take(subscription), { concurrency: AT_ONCE });
    return taken.filter(Boolean).length;
  }

  /** One that fails keeps no other waiting; it is due still. */
  private async take(subscription: SubscriptionDocument): Promise<boolean> {
    try {
      const stepped = await this.steps.take(subscription);
      if (stepped) await this.wake(subscription.tenantId, stepped);
      return stepped !== null;
    } catch (error) {
      const { name, message } = error as Error;
      this.logger.error({ subscription: subscription._id, error: `${name}: ${message}` }, 'step failed');
      return false;
    }
  }

  private async wake(tenantId: string, { operation, notificationIds }: Stepped): Promise<void> {
    if (operation) {
      const { _id: operationId, type, fence } = operation;
      const payload = { v: 1, operationId, tenantId } as const;
      await this.producer.enqueue({
        name: JOB_OF_OPERATION[type],
        payload,
        jobId: wakeUpId(operationId, fence),
      });
    }
    await this.mails.wake(tenantId, notificationIds);
  }
}
