import type { Collection, Db, IndexDescription } from 'mongodb';
import type { OperationStatus } from '@commissary/domain';
import type * as documents from './documents/index.js';

export interface Collections {
  tenants: Collection<documents.TenantDocument>;
  users: Collection<documents.UserDocument>;
  delegations: Collection<documents.DelegationDocument>;
  products: Collection<documents.ProductDocument>;
  markets: Collection<documents.MarketDocument>;
  eligibilityRules: Collection<documents.EligibilityRuleDocument>;
  policies: Collection<documents.PolicyDocument>;
  policyChanges: Collection<documents.PolicyChangeDocument>;
  paymentMethods: Collection<documents.PaymentMethodDocument>;
  quotes: Collection<documents.QuoteDocument>;
  orders: Collection<documents.OrderDocument>;
  payments: Collection<documents.PaymentDocument>;
  invoices: Collection<documents.InvoiceDocument>;
  ledger: Collection<documents.LedgerDocument>;
  subscriptions: Collection<documents.SubscriptionDocument>;
  licenses: Collection<documents.LicenseDocument>;
  leftLicenses: Collection<documents.LeftLicenseDocument>;
  operations: Collection<documents.OperationDocument>;
  operationResults: Collection<documents.OperationResultDocument>;
  moveTails: Collection<documents.MoveTailDocument>;
  notifications: Collection<documents.NotificationDocument>;
  digestEntries: Collection<documents.DigestEntryDocument>;
  events: Collection<documents.EventDocument>;
  audit: Collection<documents.AuditDocument>;
  idempotency: Collection<documents.IdempotencyDocument>;
  capacitySamples: Collection<documents.CapacitySampleDocument>;
  capacityDays: Collection<documents.CapacityDayDocument>;
}

export type CollectionName = keyof Collections;

const DAY = 24 * 3600;

/** What is kept for how long, in seconds. [RET-1] */
export const RETENTION = {
  idempotency: DAY,
  operations: 365 * DAY,
  notifications: 30 * DAY,
  quotes: 30 * DAY,
  capacitySamples: 100 * DAY,
};

const OPEN = { status: { $in: ['accepted', 'running', 'paused', 'requiresAction', 'parked'] } };

/** Statuses few operations come to: what comes out well costs no write of their index. */
export const RARE_STATUSES: readonly OperationStatus[] = [
  'paused',
  'requiresAction',
  'parked',
  'rejected',
  'failed',
  'stopped',
];
const RARE = { status: { $in: [...RARE_STATUSES] } };

/** Every index, with the query it serves. Lists sort newest first by `_id`, for ids are sortable by time. */
export const INDEXES: Record<CollectionName, IndexDescription[]> = {
  tenants: [{ key: { domains: 1 }, unique: true }],
  users: [
    { key: { email: 1 }, unique: true, partialFilterExpression: { state: { $in: ['active', 'disabled'] } } },
    { key: { tenantId: 1, email: 1 } },
    // Both hold all that the search of the directory asks for: no document is looked at in vain.
    { key: { tenantId: 1, searchKeys: 1, _id: -1, state: 1 }, name: 'byKey' },
    { key: { tenantId: 1, _id: -1, state: 1, searchKeys: 1 }, name: 'byTime' },
    { key: { tenantId: 1, roles: 1 } },
  ],
  delegations: [
    { key: { partnerTenantId: 1, tenantId: 1 }, unique: true },
    { key: { partnerTenantId: 1, tenantId: -1, endsAt: 1 }, name: 'ofPartner' },
  ],
  products: [],
  markets: [],
  eligibilityRules: [],
  policies: [],
  policyChanges: [{ key: { tenantId: 1, version: -1 }, unique: true }],
  paymentMethods: [{ key: { tenantId: 1, userId: 1, _id: -1 } }],
  quotes: [{ key: { createdAt: 1 }, expireAfterSeconds: RETENTION.quotes }],
  orders: [
    { key: { tenantId: 1, subscriptionId: 1, _id: -1 } },
    { key: { operationId: 1 } },
    { key: { tenantId: 1, userId: 1, productId: 1, offer: 1 } },
    {
      // One trial per tenant, user and product, whoever asks how often. [BUY-8]
      key: { tenantId: 1, userId: 1, productId: 1 },
      name: 'oneTrial',
      unique: true,
      partialFilterExpression: { offer: 'trial', status: { $in: ['pending', 'free', 'paid'] } },
    },
  ],
  payments: [
    { key: { orderId: 1 } },
    {
      // Whoever asks how often: no second charge beside one that succeeded, or may have. [BUY-6]
      key: { orderId: 1 },
      name: 'oneCharge',
      unique: true,
      partialFilterExpression: { status: { $in: ['pending', 'unknown', 'succeeded'] } },
    },
    { key: { idempotencyKey: 1 }, unique: true },
    {
      key: { 'refunds.operationId': 1 },
      name: 'refunds',
      partialFilterExpression: { 'refunds.operationId': { $type: 'string' } },
    },
    { key: { status: 1, nextCheckAt: 1 }, partialFilterExpression: { status: 'unknown' } },
  ],
  invoices: [
    // One and the same status is in the order of ids. [OWN-4]
    { key: { tenantId: 1, status: 1, _id: -1 }, name: 'ofTenant' },
    { key: { tenantId: 1, userId: 1, status: 1, _id: -1 }, name: 'ofUser' },
    { key: { orderId: 1 } },
  ],
  ledger: [{ key: { orderId: 1 } }],
  subscriptions: [
    // Of the list's filters; one and the same origin and status are in the order of ids. [ADM-1]
    { key: { tenantId: 1, origin: 1, status: 1, _id: -1 } },
    { key: { tenantId: 1, productId: 1, origin: 1, status: 1, _id: -1 }, name: 'ofProduct' },
    {
      key: { tenantId: 1, purchaserId: 1, origin: 1, status: 1, _id: -1, productId: 1 },
      name: 'ofPurchaser',
    },
    // Of the text search, beside any filter. [ADM-1]
    {
      key: { tenantId: 1, searchKeys: 1, _id: -1, origin: 1, status: 1, productId: 1, purchaserId: 1 },
      name: 'byKey',
    },
    {
      key: { tenantId: 1, _id: -1, origin: 1, status: 1, productId: 1, purchaserId: 1, searchKeys: 1 },
      name: 'byTime',
    },
    {
      // What is had now, by product and purchaser; no counter is in it, so that assigning a license leaves it alone. [ADM-2, ADM-4]
      key: { tenantId: 1, productId: 1, purchaserId: 1, _id: 1, origin: 1 },
      partialFilterExpression: { status: { $in: ['active', 'expired', 'disabled'] } },
      name: 'livingSeats',
    },
    { key: { paymentMethodId: 1 }, partialFilterExpression: { paymentMethodId: { $type: 'string' } } },
    {
      key: { 'lifecycle.dueAt': 1 },
      partialFilterExpression: { 'lifecycle.dueAt': { $type: 'date' } },
      name: 'due',
    },
  ],
  licenses: [
    { key: { tenantId: 1, userId: 1, productId: 1 }, unique: true },
    { key: { tenantId: 1, subscriptionId: 1, userId: 1 } },
  ],
  leftLicenses: [{ key: { subscriptionId: 1, userId: 1 } }],
  operations: [
    {
      key: { queue: 1, nextRunAt: 1 },
      partialFilterExpression: { status: { $in: ['accepted', 'running'] } },
      name: 'due',
    },
    { key: { tenantId: 1, _id: -1 } },
    { key: { tenantId: 1, type: 1, _id: -1 } },
    { key: { tenantId: 1, 'requestedBy.userId': 1, _id: -1 } },
    { key: { tenantId: 1, status: 1, _id: -1 }, partialFilterExpression: RARE, name: 'rareByStatus' },
    { key: { status: 1, _id: -1 }, partialFilterExpression: OPEN, name: 'openByStatus' },
    { key: { subscriptionId: 1, _id: -1 } },
    { key: { endedAt: 1 }, expireAfterSeconds: RETENTION.operations },
  ],
  operationResults: [
    { key: { operationId: 1, seq: 1 }, unique: true },
    { key: { at: 1 }, expireAfterSeconds: RETENTION.operations },
  ],
  moveTails: [],
  notifications: [
    { key: { key: 1 }, unique: true },
    { key: { nextAttemptAt: 1 }, partialFilterExpression: { status: 'queued' }, name: 'due' },
    { key: { eventId: 1 } },
    { key: { createdAt: 1 }, expireAfterSeconds: RETENTION.notifications },
  ],
  digestEntries: [
    { key: { on: 1, tenantId: 1, _id: 1 }, partialFilterExpression: { toldAt: null }, name: 'untold' },
    { key: { toldAt: 1 }, expireAfterSeconds: RETENTION.notifications },
  ],
  events: [
    { key: { tenantId: 1, _id: 1 } },
    { key: { operationId: 1 } },
    { key: { at: 1 }, partialFilterExpression: { mailing: { $exists: true } }, name: 'mailings' },
  ],
  // By their times, so that days long ago are found as soon as today. [ADM-9]
  audit: [
    { key: { tenantId: 1, at: -1, _id: -1 }, name: 'ofTenant' },
    { key: { tenantId: 1, action: 1, at: -1, _id: -1, 'actor.userId': 1 }, name: 'ofAction' },
    { key: { tenantId: 1, 'actor.userId': 1, at: -1, _id: -1, action: 1 }, name: 'ofActor' },
    { key: { operationId: 1 } },
  ],
  idempotency: [
    { key: { createdAt: 1 }, expireAfterSeconds: RETENTION.idempotency },
    { key: { subjectId: 1 } },
  ],
  capacitySamples: [
    { key: { tenantId: 1, productId: 1, purchaserId: 1, on: 1 } },
    { key: { at: 1 }, expireAfterSeconds: RETENTION.capacitySamples },
  ],
  capacityDays: [],
};

export const COLLECTION_NAMES = Object.keys(INDEXES) as CollectionName[];

export const collectionsOf = (db: Db): Collections =>
  Object.fromEntries(COLLECTION_NAMES.map((name) => [name, db.collection(name)])) as unknown as Collections;
