import type { NotificationParams } from '@commissary/contracts';
import type { AuditActionAbout } from '@commissary/domain';
import {
  type NewAudit,
  type NewEvent,
  type NewMail,
  type OperationOf,
  type PurchaseResult,
  type SubscriptionDocument,
} from '@commissary/store';
import { receiptMail } from '../charging/receipt.js';
import { alertsOf } from './purchase-alerts.js';
import type { PurchaseFacts } from './purchase-facts.js';

type Purchase = OperationOf<'purchase'>;

/** The receipt to the purchaser, and what the admins are told. [MSG-1, ADM-8] */
export const completedEvent = (
  operation: Purchase,
  facts: PurchaseFacts,
  subscription: SubscriptionDocument,
  result: PurchaseResult,
): NewEvent => {
  const { tenant } = facts.buyer;
  const { recipients, mails, digested } = alertsOf(tenant, facts.admins, bought(facts, subscription));
  return {
    tenantId: operation.tenantId,
    type: 'purchase.completed',
    subjectId: subscription._id,
    operationId: operation._id,
    data: {
      orderId: result.orderId,
      recipients: { receipt: [facts.buyer.user._id], purchaseAlert: recipients },
      ...(digested && { digested: true }),
    },
    mails: [receiptOf(facts, subscription, result), ...mails],
    digested,
  };
};

const receiptOf = (
  { buyer, quote, method }: PurchaseFacts,
  subscription: SubscriptionDocument,
  { orderId, invoiceId }: PurchaseResult,
): NewMail =>
  receiptMail(buyer.user._id, { ...quote, _id: orderId }, invoiceId, {
    subscription,
    product: buyer.product,
    method,
  });

const bought = (
  { buyer, quote }: PurchaseFacts,
  subscription: SubscriptionDocument,
): NotificationParams<'purchaseAlert'> => ({
  subscriptionId: subscription._id,
  productName: quote.productName,
  purchaserName: buyer.user.displayName,
  purchaserEmail: buyer.user.email,
  isTrial: subscription.isTrial,
  quantity: quote.quantity,
  total: quote.total,
});

export const purchaseAudit = (
  operation: Purchase,
  action: AuditActionAbout<'order'>,
  after: Record<string, unknown>,
): NewAudit => ({
  tenantId: operation.tenantId,
  actor: operation.requestedBy,
  action,
  subject: { type: 'order', id: operation.request.orderId },
  before: null,
  after,
  ip: operation.origin.ip,
  requestId: operation.origin.requestId,
  operationId: operation._id,
});

export const createdAudit = (operation: Purchase, subscription: SubscriptionDocument): NewAudit =>
  purchaseAudit(operation, 'subscription.created', {
    subscriptionId: subscription._id,
    productId: subscription.productId,
    seats: subscription.seats.purchased,
    orderId: operation.request.orderId,
  });
