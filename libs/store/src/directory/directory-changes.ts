import { DomainError, notFound, type UserState } from '@commissary/domain';
import type { Database, Session } from '../database.js';
import type { LeftLicenseDocument, LicenseDocument, UserDocument } from '../collections/index.js';
import { insertAll } from '../insert-all.js';
import { searchKeysOf } from '../search/search-keys.js';
import { requireCounted } from '../subscriptions/counter-behind.js';
import { acrossTenants } from '../schema/tenancy.js';

export type NewUser = Omit<UserDocument, 'searchKeys' | 'state'>;

/** What became of a deleted user's licenses. */
export interface DeletedUser {
  user: UserDocument;
  /** Licenses removed now, their seats free again. */
  removed: LicenseDocument[];
  /** Licenses that an operation holds: it skips and removes them. [MOV-4] */
  left: LicenseDocument[];
}

/** Every change of the directory, each in its caller's transaction, which also tells of it. */
export class DirectoryChanges {
  constructor(private readonly database: Database) {}

  private get models() {
    return this.database.models;
  }

  /** Throws `invalid_request` if the address is taken by an account that is not deleted. */
  async create(session: Session, user: NewUser): Promise<UserDocument> {
    const taken = await this.models.users
      .findOne(
        { email: user.email, state: { $in: ['active', 'disabled'] } },
        { _id: 1 },
        { session, ...acrossTenants('directory: an address is of one account in all tenants') },
      )
      .lean();
    if (taken) {
      const errors = [{ pointer: '/email', rule: 'unique', detail: 'Another account has this address' }];
      throw new DomainError('invalid_request', 'Another account has this e-mail address.', { errors });
    }
    const document: UserDocument = { ...user, state: 'active', searchKeys: searchKeysOf(user) };
    await insertAll(this.models.users, [document], session);
    return document;
  }

  /** A disabled account keeps its licenses. Returns the account before and after; throws `not_found` or `illegal_state`. */
  async setState(
    session: Session,
    tenantId: string,
    userId: string,
    state: Exclude<UserState, 'deleted'>,
  ): Promise<{ before: UserDocument; after: UserDocument }> {
    const before = await this.living(session, tenantId, userId);
    if (before.state === state) return { before, after: before };
    if (state === 'disabled') await this.requireAnotherAdmin(session, before);
    const reactivation = state === 'active' && { $unset: { leaveToldAt: 1 as const } };
    await this.models.users.updateOne(
      { _id: userId, tenantId },
      { $set: { state }, ...reactivation },
      { session },
    );
    return { before, after: { ...before, state } };
  }

  /** Ends an account and gives its seats back. Throws `not_found`, or `illegal_state` for the last admin. */
  async delete(session: Session, tenantId: string, userId: string, now: Date): Promise<DeletedUser> {
    const user = await this.living(session, tenantId, userId);
    await this.requireAnotherAdmin(session, user);
    await this.models.users.updateOne({ _id: userId, tenantId }, { $set: { state: 'deleted' } }, { session });
    const licenses = await this.models.licenses.find({ tenantId, userId }, null, { session }).lean();
    const removed: LicenseDocument[] = [];
    const left: LicenseDocument[] = [];
    // One per product at most.
    for (const license of licenses) {
      const freed = await this.freeSeat(session, license);
      (freed ? removed : left).push(license);
    }
    await this.models.licenses.deleteMany({ _id: { $in: idsOf(removed) }, tenantId }, { session });
    await this.models.licenses.updateMany(
      { _id: { $in: idsOf(left) }, tenantId },
      { $set: { userDeletedAt: now } },
      { session },
    );
    await insertAll(this.models.leftLicenses, left.map(leftLicense), session);
    return { user, removed, left };
  }

  /**
   * Removes the licenses of users who were deleted while an operation held their subscription, and frees the seats; for
   * an operation that ends without having come to them. Returns how many.
   */
  async removeLeftLicenses(session: Session, tenantId: string, subscriptionId: string): Promise<number> {
    const { licenses, leftLicenses, subscriptions } = this.models;
    const left = await leftLicenses.find({ subscriptionId, tenantId }, null, { session }).lean();
    if (left.length === 0) return 0;
    const these = { _id: { $in: idsOf(left) }, tenantId };
    const { deletedCount } = await licenses.deleteMany(these, { session });
    await leftLicenses.deleteMany(these, { session });
    await subscriptions.updateOne(
      { _id: subscriptionId, tenantId },
      { $inc: { 'seats.assigned': -deletedCount } },
      { session },
    );
    return deletedCount;
  }

  /** False where an operation holds the subscription: its counter is then the operation's alone. */
  private async freeSeat(session: Session, license: LicenseDocument): Promise<boolean> {
    const changed = await this.models.subscriptions
      .findOneAndUpdate(
        { _id: license.subscriptionId, tenantId: license.tenantId, operationId: null },
        { $inc: { 'seats.assigned': -1 } },
        { session, returnDocument: 'after', projection: { seats: 1 } },
      )
      .lean();
    if (changed) requireCounted(changed);
    return changed !== null;
  }

  private async living(session: Session, tenantId: string, userId: string): Promise<UserDocument> {
    const user = await this.models.users
      .findOne({ _id: userId, tenantId, state: { $in: ['active', 'disabled'] } }, null, { session })
      .lean();
    if (!user) throw notFound();
    return user;
  }

  private async requireAnotherAdmin(session: Session, user: UserDocument): Promise<void> {
    if (!user.roles.includes('globalAdmin') || user.state !== 'active') return;
    const { tenantId } = user;
    // Two admins who end each other at once must meet in one document.
    await this.models.tenants.updateOne({ _id: tenantId }, { $inc: { adminsVersion: 1 } }, { session });
    const another = await this.models.users
      .findOne(
        { tenantId, roles: 'globalAdmin', state: 'active', _id: { $ne: user._id } },
        { _id: 1 },
        { session },
      )
      .lean();
    if (!another) {
      throw new DomainError('illegal_state', 'The last global admin of a tenant has to stay.', {
        state: 'lastGlobalAdmin',
      });
    }
  }
}

const leftLicense = ({ _id, tenantId, subscriptionId, userId }: LicenseDocument): LeftLicenseDocument => ({
  _id,
  tenantId,
  subscriptionId,
  userId,
});

const idsOf = (licenses: readonly { _id: string }[]): string[] => licenses.map((license) => license._id);
