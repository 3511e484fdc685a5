import type { TenantType } from './directory.js';

/** Why a user may not buy, in the order in which all that apply are returned. [ELG-5] */
export const ELIGIBILITY_REASONS = [
  'tenant_unmanaged',
  'tenant_type',
  'account_inactive',
  'guest',
  'market',
  'product_unknown',
  'product_market',
  'not_open_yet',
  'policy_disabled',
  'policy_trials_only',
  'trial_used',
] as const;
export type EligibilityReason = (typeof ELIGIBILITY_REASONS)[number];

/** Whether tenants of a type may buy, from one day (UTC, `YYYY-MM-DD`) until the day before another. [ELG-2, ELG-6] */
export interface TenantTypeRule {
  tenantType: TenantType;
  eligible: boolean;
  from: string;
  until?: string;
}

export interface EligibilityRules {
  tenantTypes: readonly TenantTypeRule[];
}
