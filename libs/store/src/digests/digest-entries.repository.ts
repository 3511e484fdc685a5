import type { NotificationParams } from '@commissary/contracts';
import { type Money, utcDay } from '@commissary/domain';
import type { Database, Session } from '../database.js';
import { acrossTenants } from '../schema/tenancy.js';

/** A tenant's day whose purchases are in no digest yet. */
export interface DigestDay {
  tenantId: string;
  /** UTC day, `YYYY-MM-DD`. */
  on: string;
}

/** A day's purchases: the first of them, how many there are, and their sums by currency. */
export interface DayOfPurchases {
  purchases: NotificationParams<'purchaseAlert'>[];
  count: number;
  totals: Money[];
}

/** So many purchases are named in a digest. */
const NAMED_MAX = 50;

/** A day's digest waits until the transactions that were open at the end of the day are over: the server ends each after a minute. */
const AFTER_MIDNIGHT_MS = 5 * 60_000;

/** Purchases that wait for the digest of their day. [ADM-8] */
export class DigestEntriesRepository {
  constructor(private readonly database: Database) {}

  private get entries() {
    return this.database.models.digestEntries;
  }

  /** Days that are over at `now`, the oldest first. */
  async daysToDigest(now: Date, limit: number): Promise<DigestDay[]> {
    const before = utcDay(new Date(now.getTime() - AFTER_MIDNIGHT_MS));
    const rows = await this.entries.aggregate<{ _id: DigestDay }>(
      [
        { $match: { toldAt: null, on: { $lt: before } } },
        { $group: { _id: { on: '$on', tenantId: '$tenantId' } } },
        { $sort: { _id: 1 } },
        { $limit: limit },
      ],
      acrossTenants('digests: days that nobody was told of'),
    );
    return rows.map((row) => row._id);
  }

  /**
   * Takes a day's purchases for the digest with that event; null if another has them. Two at once conflict in the entries, and
   * the transaction of one runs again and finds none.
   */
  async take(
    session: Session,
    { tenantId, on }: DigestDay,
    digestEventId: string,
    now: Date,
  ): Promise<DayOfPurchases | null> {
    const waiting = { tenantId, on, toldAt: null };
    const first = await this.entries
      .find(waiting, { purchase: 1 }, { session, sort: { _id: 1 }, limit: NAMED_MAX })
      .lean();
    if (first.length === 0) return null;
    const sums = await this.entries.aggregate<{ _id: string; amountMinor: number; count: number }>(
      [
        { $match: waiting },
        {
          $group: {
            _id: '$purchase.total.currency',
            amountMinor: { $sum: '$purchase.total.amountMinor' },
            count: { $sum: 1 },
          },
        },
        { $sort: { _id: 1 } },
      ],
      { session },
    );
    await this.entries.updateMany(waiting, { $set: { digestEventId, toldAt: now } }, { session });
    return {
      purchases: first.map(({ purchase }) => purchase),
      count: sums.reduce((count, sum) => count + sum.count, 0),
      totals: sums.map(({ _id: currency, amountMinor }) => ({ amountMinor, currency })),
    };
  }
}
