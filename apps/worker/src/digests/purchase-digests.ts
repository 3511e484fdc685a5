import { Inject, Injectable } from '@nestjs/common';
import { type Logger, newId } from '@commissary/platform';
import {
  Database,
  DatabaseClock,
  type DayOfPurchases,
  DigestEntriesRepository,
  mail,
  type NewEvent,
  tell,
  type UntoldDay,
  UsersRepository,
} from '@commissary/store';
import { MailWakeUp } from '../notifications/mail-wake-up.js';
import { LOGGER } from '../tokens.js';

const BATCH = 200;

/** Tells the admins who want it so of a day's purchases in one mail; days that were missed are made up for. [ADM-8] */
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

  /** Returns how many days of tenants were told of by this call. */
  async sweep(): Promise<number> {
    let told = 0;
    for (;;) {
      const days = await this.entries.untoldDays(this.clock.now(), BATCH);
      const done = await this.tellAll(days);
      told += done;
      if (days.length < BATCH || done === 0) return told;
    }
  }

  private async tellAll(days: readonly UntoldDay[]): Promise<number> {
    let told = 0;
    for (const day of days) {
      try {
        if (await this.tellOf(day)) told += 1;
      } catch (error) {
        // One that fails keeps no other waiting; it is untold still.
        const { name, message } = error as Error;
        this.logger.error({ ...day, error: `${name}: ${message}` }, 'digest failed');
      }
    }
    return told;
  }

  /** False if another worker did. */
  private async tellOf(day: UntoldDay): Promise<boolean> {
    const eventId = newId('evt');
    const notificationIds = await this.database.transaction(async (session) => {
      const now = this.clock.now();
      const bought = await this.entries.take(session, day, eventId, now);
      if (!bought) return null;
      const admins = await this.users.adminsOf(day.tenantId, session);
      const event = digestEvent(day, bought, admins);
      const told = await tell(this.database, session, now, { events: [{ ...event, id: eventId }] });
      return told.notificationIds;
    });
    if (notificationIds === null) return false;
    await this.mails.wake(day.tenantId, notificationIds);
    return true;
  }
}

const digestEvent = (
  { tenantId, on }: UntoldDay,
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
