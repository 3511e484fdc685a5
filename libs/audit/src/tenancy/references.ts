import { SYSTEM } from '@commissary/domain';
import type { CollectionName } from '@commissary/store';

/** Collections whose documents belong to a tenant and are named by others. */
export type Referenced =
  'users' | 'subscriptions' | 'orders' | 'invoices' | 'quotes' | 'paymentMethods' | 'operations' | 'events';

export interface Reference {
  field: string;
  to: Referenced;
  /** Which tenant the named thing must be of; the document's own unless given. */
  tenantField?: string;
  /** An aggregation expression for documents that may name another tenant's. */
  unless?: object;
}

/**
 * A partner or support may act in a tenant that is not theirs; then the tenant of the user stands beside the id. The scheduler is
 * of no directory.
 */
const actor = (field: string): Reference => ({
  field: `${field}.userId`,
  to: 'users',
  tenantField: `${field}.tenantId`,
  unless: { $eq: [`$${field}.userId`, SYSTEM.userId] },
});

/** Every id by which a document names another one of its tenant. */
export const REFERENCES: Partial<Record<CollectionName, readonly Reference[]>> = {
  licenses: [
    { field: 'userId', to: 'users' },
    { field: 'subscriptionId', to: 'subscriptions' },
  ],
  subscriptions: [
    { field: 'purchaserId', to: 'users' },
    { field: 'paymentMethodId', to: 'paymentMethods' },
    { field: 'operationId', to: 'operations' },
    { field: 'lifecycle.unpaid.orderId', to: 'orders' },
    { field: 'lifecycle.unpaid.invoiceId', to: 'invoices' },
  ],
  paymentMethods: [{ field: 'userId', to: 'users' }],
  quotes: [
    { field: 'userId', to: 'users' },
    { field: 'seatChange.subscriptionId', to: 'subscriptions' },
    { field: 'operationId', to: 'operations' },
  ],
  orders: [
    // A central order may have been recorded by a partner.
    { field: 'userId', to: 'users', unless: { $eq: ['$channel', 'central'] } },
    { field: 'subscriptionId', to: 'subscriptions' },
    { field: 'quoteId', to: 'quotes' },
    { field: 'operationId', to: 'operations' },
  ],
  payments: [
    { field: 'orderId', to: 'orders' },
    { field: 'paymentMethodId', to: 'paymentMethods' },
    { field: 'operationId', to: 'operations' },
  ],
  invoices: [
    { field: 'userId', to: 'users' },
    { field: 'orderId', to: 'orders' },
    { field: 'subscriptionId', to: 'subscriptions' },
  ],
  ledger: [{ field: 'orderId', to: 'orders' }],
  operations: [
    actor('requestedBy'),
    { field: 'subscriptionId', to: 'subscriptions' },
    { field: 'request.targetSubscriptionId', to: 'subscriptions' },
    { field: 'request.orderId', to: 'orders' },
    { field: 'request.invoiceId', to: 'invoices' },
    { field: 'request.quoteId', to: 'quotes' },
    { field: 'request.paymentMethodId', to: 'paymentMethods' },
  ],
  operationResults: [{ field: 'operationId', to: 'operations' }],
  moveTails: [{ field: '_id', to: 'operations' }],
  leftLicenses: [
    { field: 'subscriptionId', to: 'subscriptions' },
    { field: 'userId', to: 'users' },
  ],
  events: [{ field: 'operationId', to: 'operations' }],
  digestEntries: [
    { field: '_id', to: 'events' },
    { field: 'digestEventId', to: 'events' },
  ],
  notifications: [
    { field: 'eventId', to: 'events' },
    // Whoever asked for a move gets a mail about it, a partner too; the ninth invariant checks that nobody else does.
    { field: 'recipientUserId', to: 'users', unless: { $eq: ['$template', 'moveCompleted'] } },
  ],
  audit: [actor('actor'), { field: 'operationId', to: 'operations' }],
};
