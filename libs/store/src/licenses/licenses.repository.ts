import { USABLE_STATUSES } from '@commissary/domain';
import type { Database } from '../database.js';
import type { LicenseDocument, SubscriptionDocument } from '../collections/index.js';

export interface LicensePage {
  limit: number;
  /** User id of the last row of the page before. */
  afterUserId?: string;
}

export interface UsableLicense {
  license: LicenseDocument;
  subscription: Pick<SubscriptionDocument, '_id' | 'productName' | 'purchaserId' | 'status'>;
}

const CHUNK = 10_000;

/** Licenses as they are looked at. */
export class LicensesRepository {
  constructor(private readonly database: Database) {}

  private get licenses() {
    return this.database.models.licenses;
  }

  /** The user's licenses that can be used: those whose subscription's holders have access. [BUY-5, SUB-1] */
  async usableBy(tenantId: string, userId: string): Promise<UsableLicense[]> {
    const licenses = await this.licenses.find({ tenantId, userId }).sort({ _id: -1 }).lean();
    const usable = await this.database.models.subscriptions
      .find(
        {
          _id: { $in: licenses.map((license) => license.subscriptionId) },
          tenantId,
          status: { $in: [...USABLE_STATUSES] },
        },
        { productName: 1, purchaserId: 1, status: 1 },
      )
      .lean();
    const byId = new Map(usable.map((subscription) => [subscription._id, subscription]));
    return licenses.flatMap((license) => {
      const subscription = byId.get(license.subscriptionId);
      return subscription ? [{ license, subscription }] : [];
    });
  }

  /** Products the user holds a license of, whatever the state of its subscription. */
  async productsHeldBy(tenantId: string, userId: string): Promise<ReadonlySet<string>> {
    const rows = await this.licenses.find({ tenantId, userId }, { _id: 0, productId: 1 }).lean();
    return new Set(rows.map((row) => row.productId));
  }

  /**
   * How many users of a subscription hold a license of another product, which a move to it will not need seats for, and how many
   * of them cannot use it, for its subscription is disabled or deleted. [MOV-2, MOV-4]
   * Goes through the smaller of the two sets by chunks of ids and counts each in the other by index: about 5 s for a
   * million against a million. Not a snapshot: what it misses the move itself sees, user by user.
   */
  async countHoldersAmong(
    tenantId: string,
    source: Pick<SubscriptionDocument, '_id' | 'seats'>,
    productId: string,
  ): Promise<{ holders: number; unusable: number }> {
    const others = await this.database.models.subscriptions
      .find({ tenantId, productId, 'seats.assigned': { $gt: 0 } }, { seats: 1, status: 1 })
      .lean();
    const dead = others.filter(({ status }) => !USABLE_STATUSES.includes(status));
    const inSource = { subscriptionId: source._id };
    const among = (some: typeof others): Promise<number> =>
      this.countInChunks(
        tenantId,
        some.map(({ _id }) => _id),
        inSource,
      );
    const licenses = others.reduce((sum, other) => sum + other.seats.assigned, 0);
    const [holders, unusable] = await Promise.all([
      licenses < source.seats.assigned
        ? among(others)
        : this.countInChunks(tenantId, [source._id], { productId }),
      among(dead),
    ]);
    return { holders, unusable };
  }

  private async countInChunks(
    tenantId: string,
    subscriptionIds: string[],
    among: { subscriptionId: string } | { productId: string },
  ): Promise<number> {
    let count = 0;
    if (subscriptionIds.length === 0) return count;
    const rows = this.licenses
      .find(
        { tenantId, subscriptionId: { $in: subscriptionIds } },
        { _id: 0, userId: 1 },
        { batchSize: CHUNK },
      )
      .lean()
      .cursor();
    let chunk: string[] = [];
    const countChunk = async () => {
      if (chunk.length > 0) {
        count += await this.licenses.countDocuments({ tenantId, ...among, userId: { $in: chunk } });
      }
      chunk = [];
    };
    for await (const { userId } of rows) {
      chunk.push(userId);
      if (chunk.length === CHUNK) await countChunk();
    }
    await countChunk();
    return count;
  }
}
