import { DEFAULT_POLICY_VALUE, DomainError, type PolicyValue } from '@commissary/domain';
import { newId } from '@commissary/platform';
import type { Database, Session } from '../database.js';
import type { PolicyChangeDocument, PolicyDocument } from '../documents/index.js';

/** A tenant's policy as it is now; version 0 until its first change. */
export type Policy = Pick<PolicyDocument, 'version' | 'defaultValue' | 'values'>;

/** The value in force for a product: its own, or else the tenant's default. [POL-5] */
export const policyValueOf = (policy: Policy, productId: string): PolicyValue =>
  policy.values[productId] ?? policy.defaultValue;

export interface PolicySetting {
  tenantId: string;
  /** A product of the catalog. */
  productId: string;
  value: PolicyValue;
  /** The version the caller has seen (`If-Match`); null if it does not say. */
  expectedVersion: number | null;
  changedBy: string;
}

export interface PolicySet {
  policy: Policy;
  /** Null if the product had this very value already. */
  change: PolicyChangeDocument | null;
}

export class PoliciesRepository {
  constructor(private readonly database: Database) {}

  /** Read afresh for each decision: a change holds for the next quote, on every node. [POL-4] */
  async of(tenantId: string, session?: Session): Promise<Policy> {
    const policy = await this.database.collections.policies.findOne({ _id: tenantId }, { session });
    return policy ?? { version: 0, defaultValue: DEFAULT_POLICY_VALUE, values: {} };
  }

  /**
   * Sets a product's value and records the change under the next version, without a gap. The same value again changes
   * nothing. Two changes at once conflict, and the transaction of one runs again. [POL-3]
   * Throws `stale` if the policy is no longer at the expected version.
   */
  async set(session: Session, setting: PolicySetting, now: Date): Promise<PolicySet> {
    const { tenantId, productId, value, expectedVersion } = setting;
    const policy = await this.of(tenantId, session);
    if (expectedVersion !== null && expectedVersion !== policy.version) {
      throw new DomainError('stale', 'The policy has changed since you read it.');
    }
    if (policy.values[productId] === value) return { policy, change: null };
    const change = changeOf(setting, policy, now);
    await this.database.collections.policies.updateOne(
      { _id: tenantId, version: policy.version },
      {
        $set: { [`values.${productId}`]: value, version: change.version, updatedAt: now },
        $setOnInsert: { defaultValue: policy.defaultValue },
      },
      { session, upsert: policy.version === 0 },
    );
    await this.database.collections.policyChanges.insertOne(change, { session });
    const values = { ...policy.values, [productId]: value };
    return { policy: { ...policy, version: change.version, values }, change };
  }
}

const changeOf = (
  { tenantId, productId, value, changedBy }: PolicySetting,
  policy: Policy,
  now: Date,
): PolicyChangeDocument => ({
  _id: newId('pol'),
  tenantId,
  version: policy.version + 1,
  changes: [{ productId, before: policyValueOf(policy, productId), after: value }],
  changedBy,
  at: now,
});
