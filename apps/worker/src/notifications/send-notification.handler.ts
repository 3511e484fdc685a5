import type { JobPayload } from '@commissary/contracts';
import { type MailSender, renderMail, type SendOutcome } from '@commissary/mail';
import type { Clock, Failpoints, Logger } from '@commissary/platform';
import { backoffMs, DONE, type JobOutcome, MAIL_BACKOFF } from '@commissary/queue';
import {
  NOTIFICATION_LEASE_MS,
  type NotificationDocument,
  type NotificationsRepository,
  type Recipient,
} from '@commissary/store';

export interface SendNotificationParts {
  notifications: NotificationsRepository;
  sender: MailSender;
  /** Where links in mails lead. */
  publicUrl: string;
  /** Name of this worker in leases. */
  worker: string;
  clock: Clock;
  logger: Logger;
  failpoints: Failpoints;
}

/**
 * Sends one row of the outbox. Twice the same job sends one mail: the claim lets one run in, and none once the row has ended.
 * Only a death between the server's answer and its record sends a second copy, with the same Message-ID. [MSG-3]
 */
export class SendNotificationHandler {
  constructor(private readonly parts: SendNotificationParts) {}

  /** `later` when the row is not due or another worker holds it; a retry is left to the dispatcher, which finds it in time. */
  async handle({ tenantId, notificationId }: JobPayload<'notification.send'>): Promise<JobOutcome> {
    const claim = await this.parts.notifications.claim(tenantId, notificationId, this.parts.worker);
    if (claim.kind === 'nothing') return DONE;
    if (claim.kind === 'later') {
      return { kind: 'later', inMs: claim.at.getTime() - this.parts.clock.now().getTime() };
    }
    await this.whileHeld(claim.notification, () => this.run(claim.notification));
    return DONE;
  }

  private async run(notification: NotificationDocument): Promise<void> {
    await this.parts.failpoints.hit('notification.claimed');
    const recipient = await this.parts.notifications.recipientOf(notification);
    if (!recipient) return this.fail(notification, 'recipient_deleted');
    const result = await this.deliver(notification, recipient);
    if (result.outcome === 'rejected') return this.fail(notification, result.reason);
    if (result.outcome === 'retry') return this.retry(notification, result.reason);
    await this.parts.failpoints.hit('notification.sent');
    const recorded = await this.parts.notifications.recordSent(notification);
    await this.parts.failpoints.hit('notification.recorded');
    if (!recorded) this.log(notification, 'lease_lost', 'mail sent by two runs');
  }

  private async deliver(notification: NotificationDocument, recipient: Recipient): Promise<SendOutcome> {
    const { sender, publicUrl } = this.parts;
    const messageId = sender.messageIdOf(notification._id);
    const { template } = notification;
    const request = { ...notification, recipient, links: { publicUrl }, messageId };
    const mail = await renderMail(request).catch((error: unknown) => {
      // A fault of ours: tried again like one of the server's, so that a corrected version sends it.
      this.parts.logger.error(
        { notificationId: notification._id, template, err: error },
        'mail not rendered',
      );
      return null;
    });
    if (!mail) return { outcome: 'retry', reason: 'render_failed' };
    const to = { name: recipient.displayName, address: recipient.email };
    return sender.send({ ...mail, messageId, template, to });
  }

  private async fail(notification: NotificationDocument, reason: string): Promise<void> {
    this.log(notification, reason, 'mail failed for good');
    await this.parts.notifications.recordFailed(notification, reason);
  }

  private async retry(notification: NotificationDocument, reason: string): Promise<void> {
    const delayMs = backoffMs(MAIL_BACKOFF, notification.attempts - 1);
    const row = await this.parts.notifications.recordRetry(notification, reason, delayMs);
    if (row) this.log(row, reason, row.status === 'failed' ? 'mail given up' : 'mail not sent yet');
  }

  /** Keeps the lease while the mail server takes its time; the usual mail is gone before the first renewal. */
  private async whileHeld(notification: NotificationDocument, work: () => Promise<void>): Promise<void> {
    const renewal = setInterval(() => {
      // A renewal that fails shows when the result is recorded.
      this.parts.notifications.renew(notification).catch(() => undefined);
    }, NOTIFICATION_LEASE_MS / 3);
    try {
      await work();
    } finally {
      clearInterval(renewal);
    }
  }

  private log(notification: NotificationDocument, reason: string, message: string): void {
    const { _id: notificationId, tenantId, template, attempts: attempt } = notification;
    this.parts.logger.warn({ notificationId, tenantId, template, attempt, reason }, message);
  }
}
