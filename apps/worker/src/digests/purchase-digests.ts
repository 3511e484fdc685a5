import { Inject, Injectable } from '@nestjs/common';
import { type Logger, newId } from '@commissary/platform';
import {
  Database,
  DatabaseClock,
  type DayOfPurchases,
  DigestEntriesRepository,
  mail,
  type NewEvent,
  recordChange,
  type DigestDay,
  UsersRepository,
} from '@commissary/store';
import { MailWakeUp } from '../notifications/mail-wake-up.js';
import { LOGGER } from '../tokens.js';

const BATCH = 200;

/** Sends the admins of a tenant that has chosen so one mail with the day's purchases; missed days are sent later. [ADM-8] */
@Injectable()
export class PurchaseDigests {
  constructor(
    private readonly database: Database,
    private readonly entries: DigestEntriesRepository,
    private readonly users: UsersRepository,
    private readonly mails: MailWakeUp,
    private readonly clock: DatabaseClock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Returns how many digests this call has recorded. */
  async sweep(): Promise<number> {
    let digested = 0;
    for (;;) {
      const days = await this.entries.daysToDigest(this.clock.now(), BATCH);
      const done = await this.digestAll(days);
      digested += done;
      if (days.length < BATCH || done === 0) return digested;
    }
  }

  private async digestAll(days: readonly DigestDay[]): Promise<number> {
    let digested = 0;
    for (const day of days) {
      try {
        if (await this.digestDay(day)) digested += 1;
      } catch (error) {
        // A failure delays no other digest; the next sweep tries this one again.
        const { name, message } = error as Error;
        this.logger.error({ ...day, error: `${name}: ${message}` }, 'digest failed');
      }
    }
    return digested;
  }

  /** False if another worker did. */
  private async digestDay(day: DigestDay): Promise<boolean> {
    const eventId = newId('evt');
    const notificationIds = await this.database.transaction(async (session) => {
      const now = this.clock.now();
      const bought = await this.entries.take(session, day, eventId, now);
      if (!bought) return null;
      const admins = await this.users.adminsOf(day.tenantId, session);
      const event = digestEvent(day, bought, admins);
      const recorded = await recordChange(this.database, session, now, {
        events: [{ ...event, id: eventId }],
      });
      return recorded.notificationIds;
    });
    if (notificationIds === null) return false;
    await this.mails.wake(day.tenantId, notificationIds);
    return true;
  }
}

const digestEvent = (
  { tenantId, on }: DigestDay,
  { purchases, count, totals }: DayOfPurchases,
  admins: readonly string[],
): NewEvent => ({
  tenantId,
  type: 'purchases.digested',
  subjectId: tenantId,
  operationId: null,
  data: { on, purchases: count, recipients: { purchaseDigest: admins } },
  mails: admins.map((admin) =>
    mail('purchaseDigest', admin, { on, purchases, purchaseCount: count, totals }),
  ),
});
