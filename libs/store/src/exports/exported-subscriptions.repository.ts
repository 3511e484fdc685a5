import { notFound } from '@commissary/domain';
import type { Database } from '../database.js';
import type { SubscriptionDocument } from '../collections/index.js';

/** What a file of users says of the subscription that licenses them. */
export type ExportedSubscription = Pick<
  SubscriptionDocument,
  '_id' | 'tenantId' | 'productName' | 'purchaserId'
>;

/** The subscriptions that an admin has chosen for a file of their users. [ADM-3] */
export class ExportedSubscriptions {
  constructor(private readonly database: Database) {}

  /** The subscriptions in the order of their ids as given. Throws `not_found` if one is unknown or another tenant's. */
  async get(tenantId: string, ids: readonly string[]): Promise<ExportedSubscription[]> {
    const rows = await this.database.models.subscriptions
      .find({ _id: { $in: [...ids] }, tenantId }, { tenantId: 1, productName: 1, purchaserId: 1 })
      .lean();
    const found = new Map(rows.map((row) => [row._id, row]));
    return ids.map((id) => {
      const subscription = found.get(id);
      if (!subscription) throw notFound();
      return subscription;
    });
  }
}
