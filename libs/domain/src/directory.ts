export const TENANT_TYPES = ['commercial', 'government', 'education', 'nonprofit', 'platform'] as const;
export type TenantType = (typeof TENANT_TYPES)[number];

export const USER_TYPES = ['member', 'guest'] as const;
export type UserType = (typeof USER_TYPES)[number];

export const USER_SOURCES = ['cloud', 'synced'] as const;
export type UserSource = (typeof USER_SOURCES)[number];

export const USER_STATES = ['active', 'disabled', 'deleted'] as const;
export type UserState = (typeof USER_STATES)[number];

/** Roles a directory account can hold; `purchaser` is not one, it follows from owning a subscription. */
export const ROLES = [
  'globalAdmin',
  'billingAdmin',
  'globalReader',
  'partner',
  'operator',
  'support',
] as const;
export type Role = (typeof ROLES)[number];

/** How a tenant's admins are told of purchases: of each at once, or of a day's together. [ADM-8] */
export const PURCHASE_ALERTS = ['immediate', 'digest'] as const;

/** What a tenant may delegate to a partner. [ADM-7] */
export const DELEGATION_SCOPES = ['view', 'takeover', 'policy'] as const;
export type DelegationScope = (typeof DELEGATION_SCOPES)[number];
