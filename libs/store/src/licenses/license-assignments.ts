import {
  type AssignOutcome,
  freeSeats,
  LIVING_STATUSES,
  type Origin,
  operationInProgress,
  type RemoveOutcome,
  type SubscriptionStatus,
  type UserState,
  type UserType,
} from '@commissary/domain';
import { newId } from '@commissary/platform';
import type { Database, Session } from '../database.js';
import type { LicenseDocument, SubscriptionDocument } from '../collections/index.js';
import { counterBehind, requireCounted } from '../subscriptions/counter-behind.js';
import { type Mentioned, mentionedUsers } from './mentioned-users.js';
import { insertAll } from '../insert-all.js';

/** A batch about the licenses of one subscription. */
export interface LicenseBatch {
  tenantId: string;
  subscription: SubscriptionDocument;
  /** Ids or e-mails, as the caller wrote them; who is named twice is dealt with once. */
  users: readonly string[];
  /** User id of who does it. */
  by: string;
}

/** What the rule about one user of a batch is told; `held` is a license of the product by any subscription. */
export interface AssigneeFacts {
  user: { type: UserType; state: UserState } | null;
  held: { origin: Origin; status: SubscriptionStatus; operationId: string | null } | null;
  target: { origin: Origin };
  freeSeats: number;
}

/** The rule itself, which is no business of the store. */
export type DecideAssignment = (facts: AssigneeFacts) => AssignOutcome;

export interface UserOutcomeRow<O> {
  /** As the caller wrote it. */
  user: string;
  /** Null if the tenant has no such user. */
  userId: string | null;
  outcome: O;
}

interface Held {
  license: LicenseDocument;
  subscription: Pick<SubscriptionDocument, '_id' | 'origin' | 'status' | 'operationId'>;
}

/**
 * Gives and takes licenses by the batch, inside a transaction of the caller's that has read the subscription.
 * The number of queries does not depend on the number of users. Whatever changes under the snapshot (a seat taken, a
 * lock, a license, a deleted user) conflicts with one of the writes here, and the transaction runs again.
 */
export class LicenseAssignments {
  constructor(private readonly database: Database) {}

  private get models() {
    return this.database.models;
  }

  /** One outcome per user in the order of the request: who comes first gets a seat. [OWN-3, ADM-6] */
  async assign(
    session: Session,
    batch: LicenseBatch,
    decide: DecideAssignment,
    now: Date,
  ): Promise<UserOutcomeRow<AssignOutcome>[]> {
    const mentioned = await mentionedUsers(this.database, session, batch.tenantId, batch.users);
    const held = await this.heldBy(session, batch, userIdsOf(mentioned));
    const rows = decideInOrder(batch.subscription, mentioned, held, decide);
    const assigned = userIdsWith(rows, 'assigned');
    const switched = userIdsWith(rows, 'switched').flatMap((userId) => held.get(userId) ?? []);
    await this.countSeats(session, batch.subscription, assigned.length + switched.length);
    await this.insertLicenses(session, batch, assigned, now);
    await this.switchLicenses(session, batch, switched, now);
    return rows;
  }

  /** One outcome per user in the order of the request. [OWN-3] */
  async remove(session: Session, batch: LicenseBatch): Promise<UserOutcomeRow<RemoveOutcome>[]> {
    const { tenantId, subscription } = batch;
    const mentioned = await mentionedUsers(this.database, session, tenantId, batch.users);
    const licenses = await this.models.licenses
      .find({ tenantId, subscriptionId: subscription._id, userId: { $in: userIdsOf(mentioned) } }, null, {
        session,
        batchSize: mentioned.length + 1,
      })
      .lean();
    const licensed = new Set(licenses.map((license) => license.userId));
    await this.countSeats(session, subscription, -licenses.length);
    if (licenses.length > 0) {
      const ids = licenses.map((license) => license._id);
      await this.models.licenses.deleteMany({ _id: { $in: ids }, tenantId }, { session });
    }
    return mentioned.map(({ asked, user }) => ({
      user: asked,
      userId: user?._id ?? null,
      outcome: user && licensed.has(user._id) ? 'removed' : 'notLicensed',
    }));
  }

  /** Licenses of the subscription's product that the users hold, each with the subscription it belongs to. */
  private async heldBy(
    session: Session,
    { tenantId, subscription }: LicenseBatch,
    userIds: string[],
  ): Promise<ReadonlyMap<string, Held>> {
    const licenses = await this.models.licenses
      .find({ tenantId, userId: { $in: userIds }, productId: subscription.productId }, null, {
        session,
        batchSize: userIds.length + 1,
      })
      .lean();
    const holders = [...new Set(licenses.map((license) => license.subscriptionId))];
    const subscriptions = await this.models.subscriptions
      .find(
        { _id: { $in: holders }, tenantId },
        { origin: 1, status: 1, operationId: 1 },
        { session, batchSize: holders.length + 1 },
      )
      .lean();
    const byId = new Map(subscriptions.map((found) => [found._id, found]));
    return new Map(
      licenses.flatMap((license) => {
        const holder = byId.get(license.subscriptionId);
        return holder ? [[license.userId, { license, subscription: holder }] as const] : [];
      }),
    );
  }

  /** Takes (or gives back) seats of an unlocked subscription, never more than are free. Throws `operation_in_progress`. */
  private async countSeats(session: Session, subscription: SubscriptionDocument, by: number): Promise<void> {
    if (by === 0) return;
    const taken = { $add: ['$seats.assigned', { $sum: '$seats.reservations.seats' }, by] };
    const changed = await this.models.subscriptions
      .findOneAndUpdate(
        {
          _id: subscription._id,
          tenantId: subscription.tenantId,
          status: { $in: [...LIVING_STATUSES] },
          operationId: null,
          ...(by > 0 && { $expr: { $lte: [taken, '$seats.purchased'] } }),
        },
        { $inc: { 'seats.assigned': by } },
        { session, returnDocument: 'after', projection: { seats: 1 } },
      )
      .lean();
    // The snapshot that was decided on allowed it, so that nothing but a caller without a check ends here.
    if (!changed) throw operationInProgress(subscription.operationId ?? '');
    requireCounted(changed);
  }

  private async insertLicenses(
    session: Session,
    { tenantId, subscription, by }: LicenseBatch,
    userIds: string[],
    now: Date,
  ): Promise<void> {
    if (userIds.length === 0) return;
    await this.models.users.updateMany(
      { _id: { $in: userIds }, tenantId },
      { $set: { licensedAt: now } },
      { session },
    );
    const licenses = userIds.map((userId) => ({
      _id: newId('lic'),
      tenantId,
      subscriptionId: subscription._id,
      productId: subscription.productId,
      userId,
      assignedAt: now,
      assignedBy: by,
    }));
    await insertAll(this.models.licenses, licenses, session);
  }

  /** One write moves the licenses, and the seats they had are free again. [ADM-6] */
  private async switchLicenses(
    session: Session,
    { tenantId, subscription, by }: LicenseBatch,
    switched: Held[],
    now: Date,
  ): Promise<void> {
    if (switched.length === 0) return;
    await this.models.licenses.updateMany(
      { _id: { $in: switched.map(({ license }) => license._id) }, tenantId },
      { $set: { subscriptionId: subscription._id, assignedAt: now, assignedBy: by } },
      { session },
    );
    await this.freeSeats(tenantId, switched, session);
  }

  /** One statement for all subscriptions that lose the same number of seats: often one each, whatever their number. */
  private async freeSeats(tenantId: string, switched: Held[], session: Session): Promise<void> {
    const freed = new Map<string, number>();
    for (const { license } of switched) {
      freed.set(license.subscriptionId, (freed.get(license.subscriptionId) ?? 0) + 1);
    }
    const losing = new Map<number, string[]>();
    for (const [_id, seats] of freed) losing.set(seats, [...(losing.get(seats) ?? []), _id]);
    const { matchedCount } = await this.models.subscriptions.bulkWrite(
      [...losing].map(([seats, ids]) => ({
        updateMany: {
          filter: {
            _id: { $in: ids },
            tenantId,
            operationId: null,
            $or: [{ 'seats.assigned': { $gte: seats } }, PROMISED],
          },
          update: { $inc: { 'seats.assigned': -seats } },
        },
      })),
      { session },
    );
    // None of them was locked in the snapshot that was decided on.
    if (matchedCount !== freed.size) throw counterBehind([...freed.keys()].join(', '));
  }
}

/** What a move brought there may be yet to be counted. */
const PROMISED = { 'seats.reservations.0': { $exists: true } };

const userIdsOf = (mentioned: readonly Mentioned[]): string[] =>
  mentioned.flatMap(({ user }) => (user ? [user._id] : []));

export const userIdsWith = <O>(rows: readonly UserOutcomeRow<O>[], outcome: O): string[] =>
  rows.flatMap((row) => (row.outcome === outcome && row.userId !== null ? [row.userId] : []));

const decideInOrder = (
  target: SubscriptionDocument,
  mentioned: readonly Mentioned[],
  held: ReadonlyMap<string, Held>,
  decide: DecideAssignment,
): UserOutcomeRow<AssignOutcome>[] => {
  let free = freeSeats(target.seats);
  return mentioned.map(({ asked, user }) => {
    const holder = user ? (held.get(user._id)?.subscription ?? null) : null;
    const outcome = decide({ user, held: holder, target, freeSeats: free });
    if (outcome === 'assigned' || outcome === 'switched') free -= 1;
    return { user: asked, userId: user?._id ?? null, outcome };
  });
};
