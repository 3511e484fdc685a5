import { PURCHASE_ALERTS, type PurchaseAlerts, TENANT_TYPES, type TenantType } from '@commissary/domain';
import { defineCollection } from '../schema/define-collection.js';
import { object, oneOf, optional, required } from '../schema/fields.js';

export interface TenantDocument {
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
  /** What its admins have set; absent until the first change. [ADM-8] */
  notifications?: { version: number; purchaseAlerts: PurchaseAlerts };
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
      object<NonNullable<TenantDocument['notifications']>>({
        version: required(Number),
        purchaseAlerts: required(oneOf(PURCHASE_ALERTS)),
      }),
    ),
  },
  indexes: [
    { key: { domains: 1 }, unique: true, serves: 'It finds the tenant that owns a mail domain. [BUY-1]' },
  ],
});
