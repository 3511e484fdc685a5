import { DomainError } from '@commissary/domain';
import { newId } from '@commissary/platform';
import type { Database, Session } from '../database.js';
import type { PolicyChangeDocument, PolicyDocument } from '../collections/index.js';
import { differenceOf, INITIAL_POLICY, type PolicyState } from './policy-state.js';
import { insertAll } from '../insert-all.js';

/** A tenant's policy as it is now; version 0 until its first change. */
export type Policy = Pick<PolicyDocument, 'version' | 'defaultValue' | 'values'>;

export interface PolicyEdit {
  tenantId: string;
  /** The version the caller has seen (`If-Match`); null if any will do. */
  expectedVersion: number | null;
  changedBy: { userId: string; displayName: string };
  /** The version this edit sets everything back to, if it is a revert. [POL-7] */
  revertedTo?: number;
  /** The state wanted, from the one there is; may be asked more than once. Products are the catalog's. */
  to: (policy: Policy) => PolicyState;
}

export interface PolicyEdited {
  policy: Policy;
  /** Null if all was so already. */
  change: PolicyChangeDocument | null;
}

export class PoliciesRepository {
  constructor(private readonly database: Database) {}

  /** Read afresh for each decision: a change holds for the next quote, on every node. With `null`, outside any transaction. [POL-4] */
  async of(tenantId: string, session?: Session | null): Promise<Policy> {
    const policy = await this.database.models.policies.findOne({ _id: tenantId }, null, { session }).lean();
    return policy ?? { version: 0, ...INITIAL_POLICY };
  }

  /**
   * Changes the policy, all of it or nothing, and records the change under the next version, without a gap. What is so
   * already changes nothing. Two changes at once conflict, and the transaction of one runs again. [POL-3, POL-5..7]
   * Throws `stale` if the policy is no longer at the expected version.
   */
  async edit(session: Session, edit: PolicyEdit, now: Date): Promise<PolicyEdited> {
    const { tenantId, expectedVersion } = edit;
    const policy = await this.of(tenantId, session);
    if (expectedVersion !== null && expectedVersion !== policy.version) {
      throw new DomainError('stale', 'The policy has changed since you read it.');
    }
    const { defaultValue, values } = edit.to(policy);
    const change = changeOf(edit, policy, { defaultValue, values }, now);
    if (change === null) return { policy, change };
    const { version } = change;
    const { policies, policyChanges } = this.database.models;
    await policies.updateOne(
      { _id: tenantId, version: policy.version },
      { $set: { version, defaultValue, values, updatedAt: now } },
      { session, upsert: policy.version === 0 },
    );
    await insertAll(policyChanges, [change], session);
    return { policy: { version, defaultValue, values }, change };
  }
}

const changeOf = (
  { tenantId, changedBy, revertedTo }: PolicyEdit,
  policy: Policy,
  wanted: PolicyState,
  now: Date,
): PolicyChangeDocument | null => {
  const difference = differenceOf(policy, wanted);
  if (difference === null) return null;
  return {
    _id: newId('pol'),
    tenantId,
    version: policy.version + 1,
    ...difference,
    ...(revertedTo !== undefined && { revertedTo }),
    changedBy: changedBy.userId,
    changedByName: changedBy.displayName,
    at: now,
  };
};
