import type { Model } from 'mongoose';
import * as declared from './index.js';
import type { CollectionDefinition } from '../schema/define-collection.js';

/** Every collection of the database, by its name. */
export const COLLECTIONS = {
  tenants: declared.tenants,
  users: declared.users,
  delegations: declared.delegations,
  products: declared.products,
  markets: declared.markets,
  eligibilityRules: declared.eligibilityRules,
  policies: declared.policies,
  policyChanges: declared.policyChanges,
  paymentMethods: declared.paymentMethods,
  quotes: declared.quotes,
  orders: declared.orders,
  payments: declared.payments,
  invoices: declared.invoices,
  ledger: declared.ledger,
  subscriptions: declared.subscriptions,
  licenses: declared.licenses,
  leftLicenses: declared.leftLicenses,
  operations: declared.operations,
  operationResults: declared.operationResults,
  moveTails: declared.moveTails,
  notifications: declared.notifications,
  digestEntries: declared.digestEntries,
  events: declared.events,
  audit: declared.audit,
  idempotency: declared.idempotency,
  capacitySamples: declared.capacitySamples,
  capacityDays: declared.capacityDays,
  migrations: declared.migrations,
  migrationLocks: declared.migrationLocks,
} as const;

export type CollectionName = keyof typeof COLLECTIONS;

/** The type of a collection's documents. */
export type DocumentOf<N extends CollectionName> =
  (typeof COLLECTIONS)[N] extends CollectionDefinition<infer T> ? T : never;

/** The model of each collection, on one connection. */
export type Models = { [N in CollectionName]: Model<DocumentOf<N>> };

export const COLLECTION_NAMES = Object.keys(COLLECTIONS) as CollectionName[];
