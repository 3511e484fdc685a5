import { POLICY_VALUES, type PolicyValue } from '@commissary/domain';
import { defineCollection } from '../schema/define-collection.js';
import { oneOf, recordOf, required } from '../schema/fields.js';

/** A tenant's policy: one document, so that a change of many products is one write. [POL-3] */
export interface PolicyDocument {
  /** The tenant's id. */
  _id: string;
  version: number;
  defaultValue: PolicyValue;
  values: Record<string, PolicyValue>;
  updatedAt: Date;
}

export const policies = defineCollection<PolicyDocument>('policies', {
  // The id is the tenant's, so that a query by id cannot be about another tenant.
  owner: 'platform',
  retention: null,
  fields: {
    _id: required(String),
    version: required(Number),
    defaultValue: required(oneOf(POLICY_VALUES)),
    values: required(recordOf(POLICY_VALUES)),
    updatedAt: required(Date),
  },
  indexes: [],
});
