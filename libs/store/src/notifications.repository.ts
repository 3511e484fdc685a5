import type { mongo } from 'mongoose';
import { BATCHED_READ, BatchedTenantReads } from './batched-reads.js';
import type { Database } from './database.js';
import type { EventDocument, NotificationDocument, UserDocument } from './collections/index.js';
import { insertAll } from './insert-all.js';
import { notificationOf } from './record-change.js';
import { acrossTenants } from './schema/tenancy.js';

/** Longer than any mail takes that is not renewed; a killed worker's mails go on after it. */
export const NOTIFICATION_LEASE_MS = 10_000;

/** How long a mail that cannot be delivered is tried. [MSG-3] */
export const NOTIFICATION_RETRY_MS = 24 * 3600 * 1000;

export type NotificationClaim =
  | { kind: 'claimed'; notification: NotificationDocument }
  /** A live lease or a time that has not come: look again then. */
  | { kind: 'later'; at: Date }
  /** Sent, failed or unknown: nothing to do. */
  | { kind: 'nothing' };

/** Identifies one run of a claimed notification: its fence makes older runs' writes miss. */
export type NotificationRun = Pick<NotificationDocument, '_id' | 'tenantId' | 'fence'>;

export type DueNotification = Pick<NotificationDocument, '_id' | 'tenantId' | 'fence'>;
export type Recipient = Pick<UserDocument, '_id' | 'tenantId' | 'email' | 'displayName' | 'locale'>;

/** The outbox of e-mails: claims, leases and fenced results. Times are the server's own. [MSG-3] */
export class NotificationsRepository {
  private readonly recipients: BatchedTenantReads<Recipient>;

  constructor(private readonly database: Database) {
    this.recipients = new BatchedTenantReads((ids, tenantIds) =>
      database.models.users
        .find(
          { _id: { $in: ids }, tenantId: { $in: tenantIds }, state: { $ne: 'deleted' } },
          { tenantId: 1, email: 1, displayName: 1, locale: 1 },
          BATCHED_READ,
        )
        .lean<Recipient[]>(),
    );
  }

  private get notifications() {
    return this.database.models.notifications;
  }

  /** Compare-and-set on status, time and lease; counts the attempt. */
  async claim(tenantId: string, notificationId: string, worker: string): Promise<NotificationClaim> {
    const notification = await this.notifications
      .findOneAndUpdate(
        {
          _id: notificationId,
          tenantId,
          status: 'queued',
          $expr: { $and: [{ $lte: ['$nextAttemptAt', '$$NOW'] }, leaseIsFree] },
        },
        [
          {
            $set: {
              lease: { until: leaseEnd, worker: { $literal: worker } },
              fence: { $add: ['$fence', 1] },
              attempts: { $add: ['$attempts', 1] },
            },
          },
        ],
        { updatePipeline: true, returnDocument: 'after' },
      )
      .lean();
    return notification ? { kind: 'claimed', notification } : this.whyNotClaimed(tenantId, notificationId);
  }

  private async whyNotClaimed(tenantId: string, notificationId: string): Promise<NotificationClaim> {
    const row = await this.notifications.findOne({ _id: notificationId, tenantId, status: 'queued' }).lean();
    if (!row) return { kind: 'nothing' };
    const leased = row.lease?.until ?? new Date(0);
    return { kind: 'later', at: row.nextAttemptAt > leased ? row.nextAttemptAt : leased };
  }

  /** The mailbox a notification goes to; null once its user is deleted. */
  async recipientOf(notification: NotificationDocument): Promise<Recipient | null> {
    const { tenantId, recipientTenantId = tenantId, recipientUserId } = notification;
    return this.recipients.get(recipientTenantId, recipientUserId);
  }

  /** Extends the lease while a slow server takes its time; false when it is lost. */
  async renew(run: NotificationRun): Promise<boolean> {
    // One that was handed back meanwhile is not made again.
    return this.change(run, { 'lease.until': leaseEnd }, { lease: { $ne: null } });
  }

  /** The server took it. False when another run holds the row by now: then both have sent the same Message-ID. */
  async recordSent(run: NotificationRun): Promise<boolean> {
    return this.change(run, { status: 'sent', lease: null, endedAt: '$$NOW', lastError: null });
  }

  /** Given up for good. `reason` is a class of fault (a reply code, `recipient_deleted`), never a reply's text. */
  async recordFailed(run: NotificationRun, reason: string): Promise<boolean> {
    return this.change(run, {
      status: 'failed',
      lease: null,
      endedAt: '$$NOW',
      lastError: { $literal: reason },
    });
  }

  /**
   * To be tried again in `delayMs`, or given up if that is more than NOTIFICATION_RETRY_MS after it was queued.
   * Answers the row as it is now, null when another run holds it.
   */
  async recordRetry(
    run: NotificationRun,
    reason: string,
    delayMs: number,
  ): Promise<NotificationDocument | null> {
    const nextAttemptAt = { $add: ['$$NOW', delayMs] };
    const tooLate = { $gt: [nextAttemptAt, { $add: ['$createdAt', NOTIFICATION_RETRY_MS] }] };
    return this.notifications
      .findOneAndUpdate(
        heldBy(run),
        [
          {
            $set: {
              lease: null,
              lastError: { $literal: reason },
              nextAttemptAt,
              status: { $cond: [tooLate, 'failed', 'queued'] },
              endedAt: { $cond: [tooLate, '$$NOW', null] },
            },
          },
        ],
        { updatePipeline: true, returnDocument: 'after' },
      )
      .lean();
  }

  /**
   * Puts the mails of the oldest mailing in the outbox, all of them or none, and once however many workers do so; false where no
   * mailing waits. They count as queued since their event. [CAN-2]
   */
  async queueMailing(): Promise<boolean> {
    const { events } = this.database.models;
    return this.database.transaction(async (session) => {
      const event = await events
        .findOneAndUpdate(
          { mailing: { $exists: true } },
          { $unset: { mailing: 1 } },
          { sort: { at: 1 }, hint: MAILINGS, session, ...acrossTenants('dispatcher: the oldest mailing') },
        )
        .lean();
      if (!event?.mailing) return false;
      const { mailing, at } = event;
      const rows = recipientsOf(event, mailing.template).map((recipientUserId) =>
        notificationOf(event, { ...mailing, recipientUserId }, at),
      );
      await insertAll(this.notifications, rows, session);
      return true;
    });
  }

  /** Rows that are due and that no live lease holds, oldest first: what the dispatcher enqueues. [OPS-4] */
  async dueNotifications(limit: number): Promise<DueNotification[]> {
    return this.notifications
      .find(
        { status: 'queued', $expr: { $and: [{ $lte: ['$nextAttemptAt', '$$NOW'] }, leaseIsFree] } },
        { _id: 1, tenantId: 1, fence: 1 },
        { sort: { nextAttemptAt: 1 }, limit, ...acrossTenants('dispatcher: whatever is due') },
      )
      .lean();
  }

  private async change(
    run: NotificationRun,
    fields: mongo.Document,
    only: mongo.Document = {},
  ): Promise<boolean> {
    const held = { ...heldBy(run), ...only };
    const { matchedCount } = await this.notifications.updateOne(held, [{ $set: fields }], {
      updatePipeline: true,
    });
    return matchedCount === 1;
  }
}

/** The key of the index over them. */
const MAILINGS = { at: 1 } as const;

const recipientsOf = ({ _id, data }: EventDocument, template: string): string[] => {
  const { recipients } = data as { recipients?: Record<string, string[]> };
  const userIds = recipients?.[template];
  if (!Array.isArray(userIds)) throw new Error(`${_id} names nobody for ${template}`);
  return userIds;
};

const leaseEnd = { $add: ['$$NOW', NOTIFICATION_LEASE_MS] };
const leaseIsFree = { $lte: [{ $ifNull: ['$lease.until', new Date(0)] }, '$$NOW'] };

const heldBy = (run: NotificationRun) => ({
  _id: run._id,
  tenantId: run.tenantId,
  fence: run.fence,
  status: 'queued' as const,
});
