import type { SettingName, SettingValue } from '@commissary/contracts';
import type {
  DelegationScope,
  PolicyValue,
  Role,
  TenantType,
  UserSource,
  UserState,
  UserType,
} from '@commissary/domain';

/** A setting as a tenant's document holds it; each change raises its version by one. */
export type StoredSetting<N extends SettingName> = { version: number } & SettingValue<N>;

/** What a tenant's admins have set; each setting is absent until its first change. [ADM-8] */
export type StoredSettings = { [N in SettingName]?: StoredSetting<N> };

export interface TenantDocument extends StoredSettings {
  _id: string;
  /** Mail domains of the tenant, lower case; the first is its name in `Commissary-Tenant`. */
  domains: string[];
  displayName: string;
  type: TenantType;
  managed: boolean;
  /** ISO 3166-1 alpha-2; the market its purchases are made in. [ELG-3] */
  billingCountry: string;
  locale: string;
  createdAt: Date;
  /** Raised when an admin goes, so that two who end each other at once meet in one document. */
  adminsVersion?: number;
}

export interface UserDocument {
  _id: string;
  tenantId: string;
  /** Lower case. */
  email: string;
  displayName: string;
  type: UserType;
  source: UserSource;
  state: UserState;
  department: string | null;
  usageLocation: string;
  locale: string;
  roles: Role[];
  /** What a search may begin with: e-mail, name, the name from each further word on; folded. */
  searchKeys: string[];
  /** Written with each license given, so that this and the deletion of the user cannot miss each other. */
  licensedAt?: Date;
  /** When the admins were told of what a disabled purchaser had bought; gone once the account is active again. [SUB-2] */
  leaveToldAt?: Date;
  createdAt: Date;
}

export interface DelegationDocument {
  _id: string;
  tenantId: string;
  partnerTenantId: string;
  scopes: DelegationScope[];
  endsAt: Date;
}

/** A tenant's policy: one document, so that a change of many products is one write. [POL-3] */
export interface PolicyDocument {
  /** The tenant's id. */
  _id: string;
  version: number;
  defaultValue: PolicyValue;
  values: Record<string, PolicyValue>;
  updatedAt: Date;
}

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
