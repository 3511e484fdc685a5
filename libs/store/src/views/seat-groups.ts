import { LIVING_STATUSES, type Origin, reservedSeats } from '@commissary/domain';
import type { Model, QueryFilter } from 'mongoose';
import type { SubscriptionDocument } from '../collections/index.js';

/** Seats summed over subscriptions; purchased = assigned + reserved + free. */
export interface SeatSums {
  purchased: number;
  assigned: number;
  reserved: number;
}

export type GroupedSubscription = Pick<
  SubscriptionDocument,
  '_id' | 'productName' | 'origin' | 'status' | 'isTrial' | 'seats' | 'expiresAt'
>;

/** What one purchaser has of one product. */
export interface SeatGroup extends SeatSums {
  productId: string;
  /** The name it was bought by last. */
  productName: string;
  /** Null: nobody in person, as of central subscriptions. */
  purchaserId: string | null;
  subscriptionCount: number;
  /** The first of them; `subscriptionCount` are there. */
  subscriptions: GroupedSubscription[];
}

/** The last group of the page before. */
export interface GroupKey {
  productId: string;
  purchaserId: string | null;
}

export interface GroupsAsked {
  tenantId: string;
  origin?: Origin | undefined;
  productId?: string | undefined;
  after?: GroupKey | undefined;
  limit: number;
}

/** So many subscriptions of a group are named. */
const NAMED_MAX = 20;

export const LIVING = { $in: [...LIVING_STATUSES] };

/**
 * Living subscriptions by product and purchaser, in that order, so that a cursor stays valid while rows come and go. Goes along the
 * index `livingSeats` and reads the rows of the page and no more, whatever the tenant's size. [ADM-2, ADM-4]
 */
export const seatGroups = async (
  subscriptions: Model<SubscriptionDocument>,
  asked: GroupsAsked,
): Promise<SeatGroup[]> => {
  const groups: SeatGroup[] = [];
  const rows = subscriptions
    .find(
      filterOf(asked),
      {
        productId: 1,
        productName: 1,
        purchaserId: 1,
        origin: 1,
        status: 1,
        isTrial: 1,
        seats: 1,
        expiresAt: 1,
      },
      { sort: { productId: 1, purchaserId: 1, _id: 1 }, batchSize: asked.limit + 1, hint: 'livingSeats' },
    )
    .lean()
    .cursor();
  // Leaving the loop closes the server's cursor.
  for await (const row of rows) {
    let group = groups.at(-1);
    if (group?.productId !== row.productId || group.purchaserId !== row.purchaserId) {
      if (groups.length === asked.limit) break;
      group = emptyGroup(row);
      groups.push(group);
    }
    add(group, row);
  }
  return groups;
};

const filterOf = ({ tenantId, origin, productId, after }: GroupsAsked): QueryFilter<SubscriptionDocument> => {
  const common = { tenantId, status: LIVING, ...(origin && { origin }) };
  // A contract has no purchaser: that much of the index is enough.
  const nobody = origin === 'central' && { purchaserId: null };
  if (!after) return { ...common, ...(productId !== undefined && { productId }), ...nobody };
  const rest = { ...common, productId: after.productId, purchaserId: { $gt: after.purchaserId ?? '' } };
  if (productId !== undefined) return rest;
  return { $or: [rest, { ...common, productId: { $gt: after.productId }, ...nobody }] };
};

type Row = GroupedSubscription & Pick<SubscriptionDocument, 'productId' | 'purchaserId'>;

const emptyGroup = ({ productId, productName, purchaserId }: Row): SeatGroup => ({
  productId,
  productName,
  purchaserId,
  purchased: 0,
  assigned: 0,
  reserved: 0,
  subscriptionCount: 0,
  subscriptions: [],
});

const add = (group: SeatGroup, row: Row): void => {
  group.purchased += row.seats.purchased;
  group.assigned += row.seats.assigned;
  group.reserved += reservedSeats(row.seats);
  group.subscriptionCount += 1;
  group.productName = row.productName;
  if (group.subscriptions.length < NAMED_MAX) group.subscriptions.push(row);
};
