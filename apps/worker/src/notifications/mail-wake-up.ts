import { Injectable } from '@nestjs/common';
import { JobProducer, wakeUpId } from '@commissary/queue';

/** Enqueues freshly queued mails, so that they need not wait for the dispatcher. Best effort: MongoDB has them. */
@Injectable()
export class MailWakeUp {
  constructor(private readonly producer: JobProducer) {}

  async wake(tenantId: string, notificationIds: readonly string[]): Promise<void> {
    await this.producer.enqueueAll(
      notificationIds.map((notificationId) => ({
        name: 'notification.send' as const,
        payload: { v: 1 as const, notificationId, tenantId },
        jobId: wakeUpId(notificationId, 0),
      })),
    );
  }
}
