import type { Database } from '../database.js';
import type { LicenseDocument, SubscriptionDocument } from '../collections/index.js';
import { BY_SUBSCRIPTION } from '../takeover/license-chunks.js';
import { bytesOf, decoded } from './raw-documents.js';

/** Where a reader of holders is: behind a user, and not before a chunk of a sweep's results. */
export interface HoldersPlace {
  userId: string;
  /** Chunk of the sweep's results in which that user is, or the last one before. */
  seq: number;
}

/** A user with a seat of a subscription, or with one until the subscription was cancelled. */
export interface Holder {
  userId: string;
  /** Null where the license has been swept: when it was assigned went with it. */
  license: Pick<LicenseDocument, '_id' | 'assignedAt'> | null;
  /** Goes on behind this one. */
  place: HoldersPlace;
}

/** Holders by the column: for who keeps many of them for a while, as little as can be. */
export interface HolderColumns {
  userIds: string[];
  /** Milliseconds since 1970. */
  assignedAt: (number | null)[];
  /** Goes on behind the last one; null of none. */
  last: HoldersPlace | null;
}

type Subscription = Pick<SubscriptionDocument, '_id' | 'tenantId'>;
type License = Pick<LicenseDocument, '_id' | 'userId' | 'assignedAt'>;

const FIRST: HoldersPlace = { userId: '', seq: 0 };

/** Who holds a subscription's licenses, or held them last, in the order of user ids. [ADM-1, ADM-3, CAN-2] */
export class SubscriptionHolders {
  constructor(private readonly database: Database) {}

  /**
   * The next `limit` holders; fewer only at the end. Each call is a query of its own: a reader that is slow, or goes, leaves no
   * cursor open. A cancellation may sweep the licenses meanwhile, in the same order: those that are gone when the licenses are
   * read are in its results when these are read afterwards, so that nobody is missed or comes twice. [CAN-2]
   */
  async next(subscription: Subscription, after: HoldersPlace | null, limit: number): Promise<Holder[]> {
    const from = after ?? FIRST;
    const licensed = await this.licensed(subscription, from, limit, { userId: 1, assignedAt: 1 });
    const holders = licensed.map((bytes) => holderOf(decoded(bytes) as License, from.seq));
    const sweepId = await this.sweepOf(subscription);
    if (sweepId === null) return holders;
    const swept = await this.swept(sweepId, subscription.tenantId, from, limit);
    return inOrder(holders, swept, from.seq).slice(0, limit);
  }

  /** The same by the column, and lighter while nothing is swept. */
  async nextColumns(
    subscription: Subscription,
    after: HoldersPlace | null,
    limit: number,
  ): Promise<HolderColumns> {
    const from = after ?? FIRST;
    const licensed = await this.licensed(subscription, from, limit, { _id: 0, userId: 1, assignedAt: 1 });
    const columns = columnsOf(licensed, from.seq);
    if ((await this.sweepOf(subscription)) === null) return columns;
    const holders = await this.next(subscription, after, limit);
    return {
      userIds: holders.map((holder) => holder.userId),
      assignedAt: holders.map(({ license }) => license?.assignedAt.getTime() ?? null),
      last: holders.at(-1)?.place ?? null,
    };
  }

  private licensed(
    { _id: subscriptionId, tenantId }: Subscription,
    { userId }: HoldersPlace,
    limit: number,
    projection: Record<string, 0 | 1>,
  ): Promise<Uint8Array[]> {
    return bytesOf(
      this.database.models.licenses,
      { tenantId, subscriptionId, userId: { $gt: userId } },
      { projection, hint: BY_SUBSCRIPTION, sort: { userId: 1 }, limit, batchSize: limit },
    );
  }

  /** The cancellation that swept its licenses, or is about to. */
  protected async sweepOf({ _id: subscriptionId, tenantId }: Subscription): Promise<string | null> {
    const sweep = await this.database.models.operations
      .findOne(
        { subscriptionId, tenantId, type: 'cancellation', step: { $ne: null } },
        { _id: 1 },
        { sort: { _id: -1 } },
      )
      .lean();
    return sweep?._id ?? null;
  }

  /** Read chunk by chunk until there are enough; chunks follow each other in the order of user ids. */
  private async swept(
    operationId: string,
    tenantId: string,
    from: HoldersPlace,
    limit: number,
  ): Promise<Holder[]> {
    const found: Holder[] = [];
    let least = from.seq;
    while (found.length < limit) {
      const chunk = await this.database.models.operationResults
        .findOne({ operationId, tenantId, seq: { $gte: least } }, null, { sort: { seq: 1 } })
        .lean();
      if (!chunk) break;
      const { seq, groups } = chunk;
      const cut = groups.filter((group) => group.outcome === 'accessRemoved');
      for (const userId of cut.flatMap((group) => group.userIds)) {
        if (userId > from.userId) found.push({ userId, license: null, place: { userId, seq } });
      }
      least = seq + 1;
    }
    return found;
  }
}

const holderOf = (license: License, seq: number): Holder => ({
  userId: license.userId,
  license,
  place: { userId: license.userId, seq },
});

const columnsOf = (licenses: readonly Uint8Array[], seq: number): HolderColumns => {
  const columns: HolderColumns = { userIds: [], assignedAt: [], last: null };
  for (const bytes of licenses) {
    const { userId, assignedAt } = decoded(bytes) as License;
    columns.userIds.push(userId);
    columns.assignedAt.push(assignedAt.getTime());
  }
  const userId = columns.userIds.at(-1);
  if (userId !== undefined) columns.last = { userId, seq };
  return columns;
};

/** Both in the order of user ids; who was swept between the two reads is in both. */
const inOrder = (licensed: readonly Holder[], swept: readonly Holder[], firstSeq: number): Holder[] => {
  const licensedIds = new Set(licensed.map((holder) => holder.userId));
  const all = [...swept.filter((holder) => !licensedIds.has(holder.userId)), ...licensed];
  all.sort((a, b) => (a.userId < b.userId ? -1 : 1));
  let seq = firstSeq;
  return all.map(({ place, ...holder }) => {
    seq = Math.max(seq, holder.license === null ? place.seq : 0);
    return { ...holder, place: { userId: place.userId, seq } };
  });
};
