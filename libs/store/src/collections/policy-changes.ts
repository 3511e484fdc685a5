import { POLICY_VALUES, type PolicyValue } from '@commissary/domain';
import { defineCollection } from '../schema/define-collection.js';
import { object, oneOf, optional, required } from '../schema/fields.js';

/** One change of a tenant's policy; versions have no gap. [POL-7] */
export interface PolicyChangeDocument {
  _id: string;
  tenantId: string;
  version: number;
  /** Values in force before and after; `inherited`: not the product's own, but the default's. */
  changes: {
    productId: string;
    before: PolicyValue;
    after: PolicyValue;
    inheritedBefore?: boolean;
    inheritedAfter?: boolean;
  }[];
  /** Only where the default was changed. */
  defaultChange?: { before: PolicyValue; after: PolicyValue };
  /** The version that was set back to, if that is what it was. */
  revertedTo?: number;
  changedBy: string;
  changedByName?: string;
  at: Date;
}

const value = oneOf(POLICY_VALUES);

export const policyChanges = defineCollection<PolicyChangeDocument>('policyChanges', {
  owner: 'tenant',
  // Each state of a policy is the sum of its changes, so that they are kept for good.
  retention: null,
  fields: {
    _id: required(String),
    tenantId: required(String),
    version: required(Number),
    changes: required([
      object<PolicyChangeDocument['changes'][number]>({
        productId: required(String),
        before: required(value),
        after: required(value),
        inheritedBefore: optional(Boolean),
        inheritedAfter: optional(Boolean),
      }),
    ]),
    defaultChange: optional(
      object<NonNullable<PolicyChangeDocument['defaultChange']>>({
        before: required(value),
        after: required(value),
      }),
    ),
    revertedTo: optional(Number),
    changedBy: required(String),
    changedByName: optional(String),
    at: required(Date),
  },
  indexes: [
    {
      key: { tenantId: 1, version: -1 },
      unique: true,
      serves: 'It lists the changes of a policy, newest first; a version is given once. [POL-7]',
    },
  ],
});
