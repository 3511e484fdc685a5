import type { Database, Session } from '../database.js';
import type { PolicyChangeDocument } from '../collections/index.js';
import { type PolicyState, stateAfter } from './policy-state.js';

/** The versions of a tenant's policy; never changed, and kept for good, for each state is the sum of them. [POL-7] */
export class PolicyHistoryRepository {
  constructor(private readonly database: Database) {}

  /** Newest first, those before a version if one is given. */
  async list(
    tenantId: string,
    { before, limit }: { before: number | null; limit: number },
  ): Promise<PolicyChangeDocument[]> {
    return this.database.models.policyChanges
      .find({ tenantId, ...(before !== null && { version: { $lt: before } }) })
      .sort({ version: -1 })
      .limit(limit)
      .lean();
  }

  async version(tenantId: string, version: number, session?: Session): Promise<PolicyChangeDocument | null> {
    return this.database.models.policyChanges.findOne({ tenantId, version }, null, { session }).lean();
  }

  /** The policy as it stood at a version; 0: before its first change. Null if there is no such version. */
  async stateAt(tenantId: string, version: number): Promise<PolicyState | null> {
    // One more, to tell the policy before its first change from one that never had any.
    const upTo = Math.max(version, 1);
    const changes = await this.database.models.policyChanges
      .find({ tenantId, version: { $lte: upTo } })
      .sort({ version: 1 })
      .lean();
    return changes.length === upTo ? stateAfter(changes.slice(0, version)) : null;
  }
}
