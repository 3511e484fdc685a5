import type { SettingName, SettingValue } from '@commissary/contracts';
import { PURCHASE_ALERTS, TENANT_TYPES, type TenantType } from '@commissary/domain';
import { defineCollection } from '../schema/define-collection.js';
import { object, oneOf, optional, required } from '../schema/fields.js';

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

export const tenants = defineCollection<TenantDocument>('tenants', {
  // A tenant is its own document; its id takes the place of a `tenantId`.
  owner: 'platform',
  retention: null,
  fields: {
    _id: required(String),
    domains: required([String]),
    displayName: required(String),
    type: required(oneOf(TENANT_TYPES)),
    managed: required(Boolean),
    billingCountry: required(String),
    locale: required(String),
    createdAt: required(Date),
    adminsVersion: optional(Number),
    notifications: optional(
      object<StoredSetting<'notifications'>>({
        version: required(Number),
        purchaseAlerts: required(oneOf(PURCHASE_ALERTS)),
      }),
    ),
  },
  indexes: [
    { key: { domains: 1 }, unique: true, serves: 'It finds the tenant that owns a mail domain. [BUY-1]' },
  ],
});
