import type { PipelineStage } from 'mongoose';
import { type OutcomeReason, USABLE_STATUSES, type UserOutcome } from '@commissary/domain';
import type { Database, Session } from '../database.js';
import type { OperationDocument, OperationOf, OperationResultDocument } from '../collections/index.js';
import { insertAll } from '../insert-all.js';

/** What a take-over needs to know of one license of the subscription it is about. */
export interface HeldLicense {
  userId: string;
  /** The user was deleted while the operation held the subscription. */
  userDeleted: boolean;
}

/** Where a chunk ends; null where there is none. */
export const lastUserOf = (chunk: readonly HeldLicense[]): string | null => chunk.at(-1)?.userId ?? null;

/** User ids; null: no bound. */
export interface Between {
  /** Exclusive. */
  above: string | null;
  /** Inclusive. */
  upTo: string | null;
}

export interface SeatTransfer {
  /** Licenses that the source has no more, moved or removed. */
  left: number;
  /** Seats taken at the target. */
  fromReservation: number;
  fromFree: number;
}

/** Whose licenses are written. */
export interface LicensesOf {
  tenantId: string;
  subscriptionId: string;
}

/**
 * The index over users serves as well where the tenant has this subscription alone; a plan kept from there would read every
 * license of the next tenant.
 */
export const BY_SUBSCRIPTION = { tenantId: 1, subscriptionId: 1, userId: 1 } as const;

const LIVING = { userDeletedAt: { $exists: false } } as const;

const span = (sorted: readonly string[]) => ({ $gte: sorted[0] ?? '', $lte: sorted.at(-1) ?? '' });

/** A move's tail numbers its results from here on: behind those of the head, however many these become. */
export const FIRST_TAIL_SEQ = 100_000_000;

/** Licenses changed between the reading of a chunk and its commit: read it again. */
export class ChunkChangedError extends Error {
  override readonly name = 'ChunkChangedError';
}

/** Reads and writes of licenses by the chunk, in the order of user ids; no query per user. */
export class LicenseChunks {
  constructor(private readonly database: Database) {}

  private get licenses() {
    return this.database.models.licenses;
  }

  /** The next licenses of a subscription between two user ids. */
  async next(of: LicensesOf, { above, upTo }: Between, limit: number): Promise<HeldLicense[]> {
    const bounds = { ...(above !== null && { $gt: above }), ...(upTo !== null && { $lte: upTo }) };
    const { tenantId, subscriptionId } = of;
    const between = Object.keys(bounds).length > 0 && { userId: bounds };
    const order = { userId: 1 } as const;
    const [userIds, deleted] = await Promise.all([
      this.userIds([
        { $match: { tenantId, subscriptionId, ...between } },
        { $sort: order },
        { $limit: limit },
      ]),
      this.database.models.leftLicenses
        .find({ subscriptionId, ...between, tenantId }, { _id: 0, userId: 1 }, { sort: order, limit })
        .lean(),
    ]);
    const gone = new Set(deleted.map((license) => license.userId));
    return userIds.map((userId) => ({ userId, userDeleted: gone.has(userId) }));
  }

  /** The user with so many licenses between (`skip`) and `above`; null where there are not as many. */
  async userAt(
    { tenantId, subscriptionId }: LicensesOf,
    above: string | null,
    skip: number,
  ): Promise<string | null> {
    const license = await this.licenses
      .findOne(
        { tenantId, subscriptionId, ...(above !== null && { userId: { $gt: above } }) },
        { _id: 0, userId: 1 },
        { sort: { userId: 1 }, skip, hint: BY_SUBSCRIPTION },
      )
      .lean();
    return license?.userId ?? null;
  }

  /** Read from the index alone, and as one array: four times as fast as a document per license. */
  private async userIds(selection: PipelineStage[]): Promise<string[]> {
    const [found] = await this.licenses.aggregate<{ userIds: string[] }>(
      [...selection, { $group: { _id: null, userIds: { $push: '$userId' } } }],
      { hint: BY_SUBSCRIPTION },
    );
    return found?.userIds ?? [];
  }

  /**
   * Those of the users who hold a license of the product, and whether it can be used. Read in the snapshot of
   * the move itself: a license given meanwhile conflicts with the moved one, and the transaction runs again.
   */
  async holders(
    session: Session,
    tenantId: string,
    productId: string,
    userIds: readonly string[],
  ): Promise<ReadonlyMap<string, { usable: boolean }>> {
    const rows = await this.licenses
      .find(
        { tenantId, productId, userId: { $in: [...userIds] } },
        { _id: 0, userId: 1, subscriptionId: 1 },
        { session },
      )
      .lean();
    if (rows.length === 0) return new Map();
    const theirs = [...new Set(rows.map((row) => row.subscriptionId))];
    const working = await this.database.models.subscriptions
      .find(
        { _id: { $in: theirs }, tenantId, status: { $in: [...USABLE_STATUSES] } },
        { _id: 1 },
        { session },
      )
      .lean();
    const usable = new Set(working.map(({ _id }) => _id));
    return new Map(rows.map((row) => [row.userId, { usable: usable.has(row.subscriptionId) }]));
  }

  /**
   * One write moves them: no user is without a license at any time. [MOV-4]
   * Throws `ChunkChangedError` if they are not the ones that were read. `between`: they are all that the subscription has
   * from the first to the last, deleted users aside; nobody gets a license of a subscription that an operation holds, so that
   * the same number there are the same ones, found without naming each.
   */
  async move(
    session: Session,
    from: LicensesOf,
    to: { subscriptionId: string; productId: string },
    users: { userIds: readonly string[]; between: boolean },
  ): Promise<void> {
    if (users.userIds.length === 0) return;
    const { modifiedCount } = await this.licenses.updateMany(
      { ...from, userId: users.between ? span(users.userIds) : { $in: [...users.userIds] }, ...LIVING },
      { $set: { subscriptionId: to.subscriptionId, productId: to.productId } },
      { session, hint: BY_SUBSCRIPTION },
    );
    if (modifiedCount !== users.userIds.length) {
      throw new ChunkChangedError('licenses changed under the move');
    }
  }

  /** Throws `ChunkChangedError` if one of them is gone. */
  async remove(session: Session, from: LicensesOf, licenses: readonly HeldLicense[]): Promise<void> {
    if (licenses.length === 0) return;
    const userIds = licenses.map((license) => license.userId);
    const left = licenses.filter((license) => license.userDeleted).map((license) => license.userId);
    if (left.length > 0) {
      const { subscriptionId, tenantId } = from;
      const theirs = { subscriptionId, userId: { $in: left }, tenantId };
      await this.database.models.leftLicenses.deleteMany(theirs, { session });
    }
    const { deletedCount } = await this.licenses.deleteMany(
      { ...from, userId: { $in: userIds } },
      { session, hint: BY_SUBSCRIPTION },
    );
    if (deletedCount !== userIds.length) throw new ChunkChangedError('licenses changed under the removal');
  }

  /**
   * Removes those of living users, all that the subscription has from the first of them to the last, as `move` with `between`.
   * Throws `ChunkChangedError` if there is another number, for a user was deleted since they were read.
   */
  async removeLiving(session: Session, from: LicensesOf, userIds: readonly string[]): Promise<void> {
    if (userIds.length === 0) return;
    const { deletedCount } = await this.licenses.deleteMany(
      { ...from, userId: span(userIds), ...LIVING },
      { session, hint: BY_SUBSCRIPTION },
    );
    if (deletedCount !== userIds.length) throw new ChunkChangedError('licenses changed under the sweep');
  }

  /** Lowers (or raises) the counter of assigned seats. */
  async countAssigned(session: Session, tenantId: string, subscriptionId: string, by: number): Promise<void> {
    if (by === 0) return;
    await this.database.models.subscriptions.updateOne(
      { _id: subscriptionId, tenantId },
      { $inc: { 'seats.assigned': by } },
      { session },
    );
  }

  /**
   * The counters follow licenses that left a move's source: `left` fewer are assigned there, and seats of the target become
   * assigned, out of the operation's reservation first, then out of the free ones. [MOV-2]
   */
  async transferSeats(session: Session, operation: OperationOf<'move'>, seats: SeatTransfer): Promise<void> {
    const { tenantId, subscriptionId, request } = operation;
    if (subscriptionId === null) throw new Error(`${operation._id} names no source`);
    const taken = seats.fromReservation + seats.fromFree;
    if (taken === 0) return this.countAssigned(session, tenantId, subscriptionId, -seats.left);
    const source = {
      filter: { _id: subscriptionId, tenantId },
      update: { $inc: { 'seats.assigned': -seats.left } },
    };
    const target = {
      filter: {
        _id: request.targetSubscriptionId,
        tenantId,
        'seats.reservations': {
          $elemMatch: { operationId: operation._id, seats: { $gte: seats.fromReservation } },
        },
      },
      update: {
        $inc: { 'seats.assigned': taken, 'seats.reservations.$.seats': -seats.fromReservation },
      },
    };
    const { matchedCount } = await this.database.models.subscriptions.bulkWrite(
      [{ updateOne: source }, { updateOne: target }],
      { session },
    );
    if (matchedCount !== 2)
      throw new Error(`${request.targetSubscriptionId} has not the seats reserved for ${operation._id}`);
  }

  /** The outcomes of one chunk, by the users' ids; `seq` is its place among the operation's results. */
  async recordOutcomes(
    session: Session,
    operation: Pick<OperationDocument, '_id' | 'tenantId'>,
    seq: number,
    groups: { outcome: UserOutcome; reason: OutcomeReason | null; userIds: string[] }[],
    now: Date,
  ): Promise<void> {
    const row: OperationResultDocument = {
      _id: `${operation._id}:${seq}`,
      tenantId: operation.tenantId,
      operationId: operation._id,
      seq,
      groups: groups.filter((group) => group.userIds.length > 0),
      at: now,
    };
    await insertAll(this.database.models.operationResults, [row], session);
  }
}
