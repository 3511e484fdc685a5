import type { Database } from '../database.js';
import type { OrderDocument } from '../collections/index.js';
import type { Page } from '../operations/operations.repository.js';

/** Orders as they are looked at; `OrdersRepository` writes them. */
export class OrderHistoryRepository {
  constructor(private readonly database: Database) {}

  /** Everything ordered for a subscription, newest first. [ADM-1] */
  async ofSubscription(tenantId: string, subscriptionId: string, page: Page): Promise<OrderDocument[]> {
    return this.database.models.orders
      .find({ tenantId, subscriptionId, ...(page.after && { _id: { $lt: page.after } }) })
      .sort({ _id: -1 })
      .limit(page.limit)
      .lean();
  }
}
