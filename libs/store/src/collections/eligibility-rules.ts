import { TENANT_TYPES, type TenantType } from '@commissary/domain';
import { defineCollection } from '../schema/define-collection.js';
import { oneOf, optional, required } from '../schema/fields.js';

/** Dated rule of who may buy: data, not code. [ELG-2, ELG-6] */
export interface EligibilityRuleDocument {
  _id: string;
  tenantType: TenantType;
  eligible: boolean;
  from: string;
  until?: string;
}

export const eligibilityRules = defineCollection<EligibilityRuleDocument>('eligibilityRules', {
  owner: 'platform',
  retention: null,
  fields: {
    _id: required(String),
    tenantType: required(oneOf(TENANT_TYPES)),
    eligible: required(Boolean),
    from: required(String),
    until: optional(String),
  },
  indexes: [],
});
