import { LIVING_STATUSES } from '@commissary/domain';
import type { Database, Session } from '../database.js';
import type { SubscriptionDocument, UserDocument } from '../collections/index.js';

type Purchaser = Pick<UserDocument, '_id' | 'tenantId'>;

/** The living subscriptions of a purchaser: how many there are, and the newest of them. */
export interface LivingSubscriptions {
  count: number;
  newest: Pick<SubscriptionDocument, '_id' | 'productName' | 'seats'>[];
}

/** What a purchaser who is disabled or deleted leaves behind, and whether the admins have been told of it. [SUB-2, DATA-1] */
export class PurchaserDepartures {
  constructor(private readonly database: Database) {}

  /** At most `limit` of the subscriptions are returned, the newest first; all of them are counted. */
  async livingSubscriptions(
    session: Session,
    { _id: purchaserId, tenantId }: Purchaser,
    limit: number,
  ): Promise<LivingSubscriptions> {
    const { subscriptions } = this.database.models;
    const living = { tenantId, purchaserId, status: { $in: [...LIVING_STATUSES] } };
    const count = await subscriptions.countDocuments(living, { session });
    if (count === 0) return { count, newest: [] };
    const newest = await subscriptions
      .find(living, { productName: 1, seats: 1 }, { session })
      .sort({ _id: -1 })
      .limit(limit)
      .lean();
    return { count, newest };
  }

  /** Records that the admins were told at `now`, so that they are not told again when the account is deleted. */
  async markTold(session: Session, { _id, tenantId }: Purchaser, now: Date): Promise<void> {
    await this.database.models.users.updateOne(
      { _id, tenantId },
      { $set: { leaveToldAt: now } },
      { session },
    );
  }
}
