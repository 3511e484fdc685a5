import type { Database } from '../database.js';
import type { UserDocument } from '../collections/index.js';

/** What a list shows of the account behind a row. */
export type UserSummary = Pick<UserDocument, '_id' | 'displayName' | 'email' | 'state'>;

/** Names and addresses of the accounts behind a page of rows. */
export class UserSummariesRepository {
  constructor(private readonly database: Database) {}

  /** The accounts by their ids, whatever their state, in one query; null stands for nobody, and unknown ids are left out. */
  async byIds(
    tenantId: string,
    userIds: readonly (string | null)[],
  ): Promise<ReadonlyMap<string | null, UserSummary>> {
    const ids = [...new Set(userIds)].filter((id) => id !== null);
    if (ids.length === 0) return new Map();
    const users = await this.database.models.users
      .find({ _id: { $in: ids }, tenantId }, { displayName: 1, email: 1, state: 1 })
      .lean();
    return new Map(users.map((user) => [user._id, user]));
  }
}
