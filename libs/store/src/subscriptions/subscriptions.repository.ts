import type { mongo, QueryFilter } from 'mongoose';
import {
  freeSeats,
  type Lifecycle,
  LIVING_STATUSES,
  nextDueAt,
  notFound,
  operationInProgress,
  type Origin,
  ORIGINS,
  requireSeats,
  SUBSCRIPTION_PATHS,
  SUBSCRIPTION_STATUSES,
  type SubscriptionStatus,
} from '@commissary/domain';
import type { Database, Session } from '../database.js';
import type { SubscriptionDocument } from '../collections/index.js';
import type { Page } from '../operations/operations.repository.js';
import { newestMatches } from '../search/newest-matches.js';
import { insertAll } from '../insert-all.js';
import { acrossTenants } from '../schema/tenancy.js';

export interface SubscriptionFilter {
  origin?: Origin;
  status?: SubscriptionStatus;
  productId?: string;
  purchaserId?: string;
  /** Start of the product's name, of the purchaser's name or e-mail, or of a word of a name. */
  q?: string;
}

/** What an operation, its purchaser or time changes of a subscription. */
export type SubscriptionChange = Partial<
  Pick<
    SubscriptionDocument,
    | 'status'
    | 'autoRenew'
    | 'expiresAt'
    | 'termStartedAt'
    | 'unitPrice'
    | 'purchasePrice'
    | 'paymentMethodId'
    | 'operationId'
  >
> & {
  /** Seats. */
  purchased?: number;
  lifecycle?: Partial<Omit<Lifecycle, 'dueAt'>>;
};

const SEARCH = { byKey: 'byKey', byTime: 'byTime' };

const OF_ORIGIN = { tenantId: 1, origin: 1, status: 1, _id: -1 } as const;

const indexFor = ({ origin, status, productId, purchaserId }: SubscriptionFilter): mongo.Hint => {
  if (purchaserId) return 'ofPurchaser';
  if (productId) return 'ofProduct';
  return origin || status ? OF_ORIGIN : SEARCH.byTime;
};

/** An index is in the order of ids within one origin and status alone: each is named, and MongoDB merges what it finds of them. */
const each = ({
  origin,
  status,
  productId,
  purchaserId,
}: SubscriptionFilter): QueryFilter<SubscriptionDocument> =>
  origin || status || productId || purchaserId
    ? { origin: { $in: [...ORIGINS] }, status: { $in: [...SUBSCRIPTION_STATUSES] } }
    : {};

const requirePath = (from: SubscriptionStatus, to: SubscriptionStatus): void => {
  if (!SUBSCRIPTION_PATHS[from].includes(to)) throw new Error(`no path from ${from} to ${to}`);
};

export class SubscriptionsRepository {
  constructor(private readonly database: Database) {}

  private get subscriptions() {
    return this.database.models.subscriptions;
  }

  /** Throws `not_found` for unknown and foreign ids alike. */
  async get(tenantId: string, subscriptionId: string, session?: Session): Promise<SubscriptionDocument> {
    const subscription = await this.subscriptions
      .findOne({ _id: subscriptionId, tenantId }, null, { session })
      .lean();
    if (!subscription) throw notFound();
    return subscription;
  }

  /** Newest first, each filter and each pair of them along an index. [ADM-1] */
  async list(tenantId: string, filter: SubscriptionFilter, page: Page): Promise<SubscriptionDocument[]> {
    const { origin, status, productId, purchaserId, q } = filter;
    const { after, limit } = page;
    const given: QueryFilter<SubscriptionDocument> = {
      tenantId,
      ...(origin && { origin }),
      ...(status && { status }),
      ...(productId && { productId }),
      ...(purchaserId && { purchaserId }),
    };
    if (q) return newestMatches(this.subscriptions, { filter: given, q, after, limit }, SEARCH);
    return this.subscriptions
      .find({ ...each(filter), ...given, ...(after && { _id: { $lt: after } }) }, null, {
        sort: { _id: -1 },
        limit,
        hint: indexFor(filter),
      })
      .lean();
  }

  async insert(session: Session, subscription: SubscriptionDocument): Promise<void> {
    await insertAll(this.subscriptions, [subscription], session);
  }

  /**
   * Takes the lock for an operation: one at a time per subscription, and, but for a change of seats, none while its seats are
   * promised to a move. [MOV-2, MOV-6]
   * Throws `operation_in_progress` with the holder, or `not_found`.
   */
  async lock(
    session: Session,
    tenantId: string,
    subscriptionId: string,
    operationId: string,
    options: { whileReserved: boolean } = { whileReserved: false },
  ): Promise<SubscriptionDocument> {
    const locked = await this.subscriptions
      .findOneAndUpdate(
        {
          _id: subscriptionId,
          tenantId,
          operationId: null,
          ...(!options.whileReserved && { 'seats.reservations': { $size: 0 } }),
        },
        { $set: { operationId }, $inc: { version: 1 } },
        { session, returnDocument: 'after' },
      )
      .lean();
    if (locked) return locked;
    const current = await this.get(tenantId, subscriptionId, session);
    throw operationInProgress(current.operationId ?? current.seats.reservations[0]?.operationId ?? '');
  }

  /** Gives the lock back, if this operation holds it. */
  async unlock(
    session: Session,
    tenantId: string,
    subscriptionId: string,
    operationId: string,
  ): Promise<void> {
    await this.subscriptions.updateOne(
      { _id: subscriptionId, tenantId, operationId },
      { $set: { operationId: null }, $inc: { version: 1 } },
      { session },
    );
  }

  /**
   * Promises seats of an unlocked, active subscription to an operation. [MOV-2]
   * Throws `seats_short` with the shortfall, `operation_in_progress` or `not_found`. A reservation of no seats is made too:
   * it keeps the target from being taken over while users are on their way.
   */
  async reserve(
    session: Session,
    tenantId: string,
    subscriptionId: string,
    operationId: string,
    seats: number,
  ): Promise<void> {
    const subscription = await this.get(tenantId, subscriptionId, session);
    if (subscription.operationId !== null) throw operationInProgress(subscription.operationId);
    requireSeats(subscription.seats, seats);
    // The snapshot was read above: a concurrent change of this document aborts one of the two transactions.
    await this.subscriptions.updateOne(
      { _id: subscriptionId, tenantId },
      { $push: { 'seats.reservations': { operationId, seats } }, $inc: { version: 1 } },
      { session },
    );
  }

  /** Gives back what is left of an operation's reservation. */
  async releaseReservation(
    session: Session,
    tenantId: string,
    subscriptionId: string,
    operationId: string,
  ): Promise<void> {
    await this.subscriptions.updateOne(
      { _id: subscriptionId, tenantId },
      { $pull: { 'seats.reservations': { operationId } }, $inc: { version: 1 } },
      { session },
    );
  }

  /**
   * Ends a subscription for good, under the lock of the operation that does it. [MOV-5, CAN-2]
   * With `requireEmpty` only when nobody is licensed by it any more. False if it did not match.
   */
  async markDeleted(
    session: Session,
    subscription: Pick<SubscriptionDocument, '_id' | 'tenantId'>,
    operationId: string,
    options: { now: Date; requireEmpty: boolean; unlock: boolean },
  ): Promise<boolean> {
    const { modifiedCount } = await this.subscriptions.updateOne(
      {
        _id: subscription._id,
        tenantId: subscription.tenantId,
        operationId,
        status: { $in: [...LIVING_STATUSES] },
        ...(options.requireEmpty && { 'seats.assigned': 0 }),
      },
      {
        $set: {
          status: 'deleted',
          autoRenew: false,
          renewsAt: null,
          'lifecycle.dueAt': null,
          ...(options.unlock && { operationId: null }),
        },
        $push: { history: { status: 'deleted', at: options.now } },
        $inc: { version: 1 },
      },
      { session },
    );
    return modifiedCount === 1;
  }

  /**
   * Writes what changed of a subscription that was read in this transaction, and when something is due next. Returns it as it is
   * now. Seat counters are others': only `purchased` is set here, where it is given.
   */
  async change(
    session: Session,
    subscription: SubscriptionDocument,
    { lifecycle, status, purchased, ...fields }: SubscriptionChange,
    now: Date,
  ): Promise<SubscriptionDocument> {
    const changed: SubscriptionDocument = {
      ...subscription,
      ...fields,
      seats: { ...subscription.seats, ...(purchased !== undefined && { purchased }) },
      lifecycle: { ...subscription.lifecycle, ...lifecycle },
    };
    const isNew = status !== undefined && status !== subscription.status;
    if (isNew) {
      requirePath(subscription.status, status);
      changed.status = status;
      changed.history = [...subscription.history, { status, at: now }];
    }
    changed.renewsAt = changed.autoRenew ? changed.expiresAt : null;
    // Seats are kept for a renewal that will be.
    if (!changed.autoRenew) changed.lifecycle.seatsAtRenewal = null;
    changed.lifecycle.dueAt = nextDueAt(changed);
    changed.version += 1;
    const { renewsAt, version, history } = changed;
    const { matchedCount } = await this.subscriptions.updateOne(
      { _id: subscription._id, tenantId: subscription.tenantId, version: subscription.version },
      {
        $set: {
          ...fields,
          ...(isNew && { status, history }),
          ...(purchased !== undefined && { 'seats.purchased': purchased }),
          lifecycle: changed.lifecycle,
          renewsAt,
          version,
        },
      },
      { session },
    );
    if (matchedCount !== 1) throw new Error(`${subscription._id} was not read in this transaction`);
    return changed;
  }

  /** Subscriptions of all tenants of which something is due, the longest due first; none that an operation is at work on. [BUY-9, SUB-3] */
  async due(now: Date, limit: number): Promise<SubscriptionDocument[]> {
    return this.subscriptions
      .find(
        { 'lifecycle.dueAt': { $lte: now }, operationId: null, 'seats.reservations': { $size: 0 } },
        null,
        { sort: { 'lifecycle.dueAt': 1 }, limit, ...acrossTenants('scheduler: whatever is due') },
      )
      .lean();
  }

  /** Free seats plus what is left of the operation's own reservation: how many more it may place. */
  static seatsAvailableTo(
    subscription: SubscriptionDocument,
    operationId: string,
  ): { reserved: number; free: number } {
    const own = subscription.seats.reservations.find((r) => r.operationId === operationId);
    return { reserved: own?.seats ?? 0, free: freeSeats(subscription.seats) };
  }
}
