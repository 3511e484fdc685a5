import { Injectable } from '@nestjs/common';
import { JobProducer, wakeUpId } from '@commissary/queue';
import { Groups } from '@commissary/store';

interface FreshMails {
  tenantId: string;
  notificationIds: readonly string[];
}

/** Changes whose mails are enqueued at once. */
const MOST = 64;

/** Enqueues freshly queued mails, so that they need not wait for the dispatcher. Best effort: MongoDB has them. */
@Injectable()
export class MailWakeUp {
  /** Mails that were committed together are enqueued together, in one round trip. */
  private readonly groups = new Groups<FreshMails, void>({
    together: async (mails) => {
      await this.enqueue(mails);
      return mails.map(() => undefined);
    },
    most: MOST,
  });

  constructor(private readonly producer: JobProducer) {}

  async wake(tenantId: string, notificationIds: readonly string[]): Promise<void> {
    if (notificationIds.length > 0) await this.groups.add({ tenantId, notificationIds });
  }

  private async enqueue(mails: readonly FreshMails[]): Promise<void> {
    await this.producer.enqueueAll(
      mails.flatMap(({ tenantId, notificationIds }) =>
        notificationIds.map((notificationId) => ({
          name: 'notification.send' as const,
          payload: { v: 1 as const, notificationId, tenantId },
          jobId: wakeUpId(notificationId, 0),
        })),
      ),
    );
  }
}
