import { utcDay } from '@commissary/domain';
import type { Database } from '../database.js';
import { isDuplicateKey } from '../database-errors.js';
import type { CapacitySampleDocument } from '../collections/index.js';
import { type GroupKey, LIVING, type SeatGroup, seatGroups } from './seat-groups.js';
import { acrossTenants } from '../schema/tenancy.js';

/** Another worker takes over the daily sampling when the one doing it has been silent for this long, ms. */
const SAMPLING_LEASE_MS = 10 * 60_000;

/**
 * Self-service capacity by product and purchaser, with a sample of each day. What is now is read from the subscriptions; what was
 * cannot be read from them (licenses that are gone leave nothing), so that it is written down once a day. [ADM-4]
 */
export class CapacityRepository {
  constructor(private readonly database: Database) {}

  private get samples() {
    return this.database.models.capacitySamples;
  }

  /** In the order of product ids, then of purchasers'. */
  async groups(
    tenantId: string,
    page: { limit: number; productId?: string | undefined; after?: GroupKey | undefined },
  ): Promise<SeatGroup[]> {
    return seatGroups(this.database.models.subscriptions, { tenantId, origin: 'selfService', ...page });
  }

  /** Samples of those groups from one UTC day on and before another (`YYYY-MM-DD`), oldest first. */
  async samplesOf(
    tenantId: string,
    groups: readonly GroupKey[],
    days: { from: string; before: string },
  ): Promise<CapacitySampleDocument[]> {
    if (groups.length === 0) return [];
    const of = groups.map(({ productId, purchaserId }) => ({
      tenantId,
      productId,
      purchaserId,
      on: { $gte: days.from, $lt: days.before },
    }));
    return this.samples.find({ $or: of }).sort({ on: 1 }).lean();
  }

  /**
   * Writes the samples of `now`'s UTC day, of all tenants, once: true if this call did it. The first sample of a day stands, so that a
   * run that died half-way is simply made again.
   */
  async sampleDay(now: Date): Promise<boolean> {
    const on = utcDay(now);
    if (!(await this.claimDay(on))) return false;
    await this.database.models.subscriptions.aggregate(
      [
        { $match: { origin: 'selfService', status: LIVING } },
        {
          $group: {
            _id: { tenantId: '$tenantId', productId: '$productId', purchaserId: '$purchaserId' },
            purchased: { $sum: '$seats.purchased' },
            assigned: { $sum: '$seats.assigned' },
            reserved: { $sum: { $sum: '$seats.reservations.seats' } },
          },
        },
        { $replaceWith: sampleOf(on, now) },
        { $merge: { into: this.samples.collection.name, whenMatched: 'keepExisting' } },
      ],
      acrossTenants("sampling: every tenant's capacity of a day"),
    );
    await this.database.models.capacityDays.updateOne({ _id: on }, { $set: { done: true } });
    return true;
  }

  /** One process at a time samples a day, and none that is done. */
  private async claimDay(on: string): Promise<boolean> {
    const days = this.database.models.capacityDays;
    // `$expr` cannot be asked of an upsert: first it is there, then it is taken.
    await days
      .updateOne({ _id: on }, { $setOnInsert: { done: false, until: new Date(0) } }, { upsert: true })
      .catch((error: unknown) => {
        if (!isDuplicateKey(error)) throw error;
      });
    const { matchedCount } = await days.updateOne(
      { _id: on, done: false, $expr: { $lte: ['$until', '$$NOW'] } },
      [{ $set: { until: { $add: ['$$NOW', SAMPLING_LEASE_MS] } } }],
      { updatePipeline: true },
    );
    return matchedCount === 1;
  }
}

const sampleOf = (on: string, at: Date) => ({
  _id: {
    $concat: [on, ':', '$_id.tenantId', ':', '$_id.productId', ':', { $ifNull: ['$_id.purchaserId', ''] }],
  },
  tenantId: '$_id.tenantId',
  productId: '$_id.productId',
  purchaserId: '$_id.purchaserId',
  on,
  at,
  purchased: '$purchased',
  assigned: '$assigned',
  reserved: '$reserved',
});
