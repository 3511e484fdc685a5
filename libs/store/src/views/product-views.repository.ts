import { notFound, type Origin } from '@commissary/domain';
import type { Database } from '../database.js';
import type { LicenseDocument, SubscriptionDocument } from '../collections/index.js';
import type { LicensePage } from '../licenses/licenses.repository.js';
import { LIVING, type SeatGroup, seatGroups, type SeatSums } from './seat-groups.js';

export interface ProductSeats extends SeatSums {
  _id: string;
  productName: string;
  subscriptions: number;
}

export interface ProductPage {
  limit: number;
  /** Id of the last product of the page before. */
  after?: string;
}

/** MongoDB merges what an index gives of so many values at once, and sorts what it finds of more in memory. */
const MERGED_MAX = 100;

type LicensedBy = Pick<SubscriptionDocument, '_id' | 'productId' | 'productName' | 'purchaserId'>;

/** Licenses by product, and within one by purchaser. [ADM-2] */
export class ProductViewsRepository {
  constructor(private readonly database: Database) {}

  private get subscriptions() {
    return this.database.models.subscriptions;
  }

  /** Each product once, in the order of ids: seats over its living subscriptions, of one origin or all. */
  async products(tenantId: string, origin: Origin | undefined, page: ProductPage): Promise<ProductSeats[]> {
    const { after, limit } = page;
    return this.subscriptions.aggregate<ProductSeats>([
      {
        $match: {
          tenantId,
          status: LIVING,
          ...(origin && { origin }),
          ...(after !== undefined && { productId: { $gt: after } }),
        },
      },
      {
        $group: {
          _id: '$productId',
          productName: { $last: '$productName' },
          purchased: { $sum: '$seats.purchased' },
          assigned: { $sum: '$seats.assigned' },
          reserved: { $sum: { $sum: '$seats.reservations.seats' } },
          subscriptions: { $sum: 1 },
        },
      },
      { $sort: { _id: 1 } },
      { $limit: limit },
    ]);
  }

  /** Who bought it, in the order of user ids; what nobody bought in person comes first. `after`: null for that. */
  async purchasers(
    tenantId: string,
    productId: string,
    origin: Origin | undefined,
    page: { limit: number; after?: string | null },
  ): Promise<SeatGroup[]> {
    const after = page.after === undefined ? undefined : { productId, purchaserId: page.after };
    return seatGroups(this.subscriptions, { tenantId, origin, productId, after, limit: page.limit });
  }

  /** Users licensed by what one purchaser (null: nobody in person) has of a product, in the order of user ids. Throws `not_found` if that is nothing. */
  async usersOf(
    tenantId: string,
    productId: string,
    purchaserId: string | null,
    page: LicensePage,
  ): Promise<{ license: LicenseDocument; subscription: LicensedBy }[]> {
    const bought: LicensedBy[] = await this.subscriptions
      .find(
        { tenantId, productId, purchaserId, status: LIVING },
        { productId: 1, productName: 1, purchaserId: 1 },
      )
      .lean();
    if (bought.length === 0) throw notFound();
    const byId = new Map(bought.map((subscription) => [subscription._id, subscription]));
    const licenses = await this.licensesOf(tenantId, [...byId.keys()], page);
    return licenses.flatMap((license) => {
      const subscription = byId.get(license.subscriptionId);
      return subscription ? [{ license, subscription }] : [];
    });
  }

  /** In the order of user ids, which an index gives of few subscriptions at once: their pages are merged here. */
  private async licensesOf(
    tenantId: string,
    subscriptionIds: readonly string[],
    { limit, afterUserId }: LicensePage,
  ): Promise<LicenseDocument[]> {
    const pages: LicenseDocument[][] = [];
    for (let from = 0; from < subscriptionIds.length; from += MERGED_MAX) {
      const subscriptionId = { $in: subscriptionIds.slice(from, from + MERGED_MAX) };
      const after = afterUserId !== undefined && { userId: { $gt: afterUserId } };
      const page = await this.database.models.licenses
        .find({ tenantId, subscriptionId, ...after }, null, {
          sort: { userId: 1 },
          limit,
          hint: { tenantId: 1, subscriptionId: 1, userId: 1 },
        })
        .lean();
      pages.push(page);
    }
    return pages
      .flat()
      .sort((a, b) => (a.userId < b.userId ? -1 : 1))
      .slice(0, limit);
  }
}
