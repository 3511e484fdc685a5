import { DEFAULT_POLICY_VALUE, type PolicyValue } from '@commissary/domain';
import type { PolicyChangeDocument, PolicyDocument } from '../collections/index.js';

/** What a tenant has decided: its default, and the values that products have of their own. */
export type PolicyState = Pick<PolicyDocument, 'defaultValue' | 'values'>;

/** What one version changes, product by product in the order of their ids. */
export type PolicyDifference = Pick<PolicyChangeDocument, 'changes' | 'defaultChange'>;

/** Of a tenant that has decided nothing yet. [POL-5] */
export const INITIAL_POLICY: PolicyState = { defaultValue: DEFAULT_POLICY_VALUE, values: {} };

/** Null for a product that follows the default. */
const ownValueOf = ({ values }: PolicyState, productId: string): PolicyValue | null =>
  Object.hasOwn(values, productId) ? (values[productId] ?? null) : null;

/** The value in force for a product: its own, or else the tenant's default. [POL-5] */
export const policyValueOf = (policy: PolicyState, productId: string): PolicyValue =>
  ownValueOf(policy, productId) ?? policy.defaultValue;

/**
 * From one state to another; null if they are the same. A product that gets a value of its own which its default already
 * gave it has changed: it no longer follows the default. [POL-7]
 */
export const differenceOf = (before: PolicyState, after: PolicyState): PolicyDifference | null => {
  const ids = new Set([...Object.keys(before.values), ...Object.keys(after.values)]);
  const changes = [...ids]
    .filter((productId) => ownValueOf(before, productId) !== ownValueOf(after, productId))
    .sort()
    .map((productId) => ({
      productId,
      before: policyValueOf(before, productId),
      after: policyValueOf(after, productId),
      inheritedBefore: ownValueOf(before, productId) === null,
      inheritedAfter: ownValueOf(after, productId) === null,
    }));
  const sameDefault = before.defaultValue === after.defaultValue;
  if (sameDefault && changes.length === 0) return null;
  return {
    changes,
    ...(!sameDefault && { defaultChange: { before: before.defaultValue, after: after.defaultValue } }),
  };
};

/** The state after these changes, all there were from the first version on. [POL-7] */
export const stateAfter = (history: readonly PolicyDifference[]): PolicyState => {
  const values = new Map<string, PolicyValue>();
  let { defaultValue } = INITIAL_POLICY;
  for (const { changes, defaultChange } of history) {
    defaultValue = defaultChange?.after ?? defaultValue;
    for (const { productId, after, inheritedAfter } of changes) {
      if (inheritedAfter) values.delete(productId);
      else values.set(productId, after);
    }
  }
  return { defaultValue, values: Object.fromEntries(values) };
};
