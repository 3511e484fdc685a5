import type { QueryFilter } from 'mongoose';
import { notFound } from '@commissary/domain';
import { BATCHED_READ, BatchedReads } from '../batched-reads.js';
import type { Database, Session } from '../database.js';
import type { UserDocument } from '../collections/index.js';
import type { Page } from '../operations/operations.repository.js';
import { newestMatches } from '../search/newest-matches.js';

const NOT_DELETED = { $in: ['active', 'disabled'] } satisfies QueryFilter<UserDocument>['state'];

const ADMINS = {
  roles: { $in: ['globalAdmin', 'billingAdmin'] },
  state: 'active',
} satisfies QueryFilter<UserDocument>;

const SEARCH = { byKey: 'byKey', byTime: 'byTime' };

/** Reads of a tenant's accounts; how they change is in `directory-changes.ts`. */
export class UsersRepository {
  private readonly admins = new BatchedReads((tenantIds) => this.adminsOfEach(tenantIds));

  constructor(private readonly database: Database) {}

  private get users() {
    return this.database.models.users;
  }

  /** Whatever its state; null if unknown or of another tenant. */
  async find(tenantId: string, userId: string, session?: Session): Promise<UserDocument | null> {
    return this.users.findOne({ _id: userId, tenantId }, null, { session }).lean();
  }

  /** An account that is not deleted. Throws `not_found` for unknown and foreign ids alike. */
  async get(tenantId: string, userId: string, session?: Session): Promise<UserDocument> {
    const user = await this.users
      .findOne({ _id: userId, tenantId, state: NOT_DELETED }, null, { session })
      .lean();
    if (!user) throw notFound();
    return user;
  }

  /** Newest first; `q` is the start of an e-mail address, a name or one of a name's words. */
  async list(tenantId: string, q: string | undefined, page: Page): Promise<UserDocument[]> {
    const { after, limit } = page;
    const filter: QueryFilter<UserDocument> = { tenantId, state: NOT_DELETED };
    if (q) return newestMatches(this.users, { filter, q, after, limit }, SEARCH);
    return this.users
      .find({ ...filter, ...(after && { _id: { $lt: after } }) }, null, {
        sort: { _id: -1 },
        limit,
        hint: SEARCH.byTime,
      })
      .lean();
  }

  /** The users who are mailed about the tenant: its active global and billing admins. Without a session read together with others. [ADM-8] */
  async adminsOf(tenantId: string, session?: Session): Promise<string[]> {
    if (!session) return (await this.admins.get(tenantId)) ?? [];
    const admins = await this.users.find({ tenantId, ...ADMINS }, { _id: 1 }, { session }).lean();
    return admins.map((admin) => admin._id);
  }

  /** By tenant: all who ask at once want to know it of the same one. */
  private async adminsOfEach(tenantIds: string[]): Promise<ReadonlyMap<string, string[]>> {
    const query = { tenantId: { $in: tenantIds }, ...ADMINS };
    const admins = await this.users.find(query, { _id: 1, tenantId: 1 }, BATCHED_READ).lean();
    const idsIn = (tenantId: string) =>
      admins.filter((admin) => admin.tenantId === tenantId).map((admin) => admin._id);
    return new Map(tenantIds.map((tenantId) => [tenantId, idsIn(tenantId)]));
  }

  /**
   * Who is told of what concerns a subscription: its purchaser; the admins, once that one is deleted, or does not exist; both while
   * the purchaser cannot sign in. [SUB-2]
   */
  async answerableFor(tenantId: string, purchaserId: string | null, session?: Session): Promise<string[]> {
    const purchaser = purchaserId === null ? null : await this.find(tenantId, purchaserId, session);
    if (purchaser?.state === 'active') return [purchaser._id];
    const admins = await this.adminsOf(tenantId, session);
    return purchaser?.state === 'disabled' ? [purchaser._id, ...admins] : admins;
  }

  /** E-mail addresses by user id, of deleted accounts too. */
  async emailsOf(tenantId: string, userIds: readonly string[]): Promise<Map<string, string>> {
    const found = await this.users.find({ _id: { $in: [...userIds] }, tenantId }, { email: 1 }).lean();
    return new Map(found.map((user) => [user._id, user.email]));
  }
}
