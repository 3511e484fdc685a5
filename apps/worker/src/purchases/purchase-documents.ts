import { newLife } from '@commissary/domain';
import { newId } from '@commissary/platform';
import { subscriptionPeriod } from '@commissary/policies';
import {
  type LicenseDocument,
  type OperationOf,
  type OrderDocument,
  type SubscriptionDocument,
  subscriptionSearchKeys,
} from '@commissary/store';
import type { PurchaseFacts } from './purchase-facts.js';

/** Pure: what a purchase makes, under the ids it was given when it was accepted. */

type Purchase = OperationOf<'purchase'>;

export const orderOf = (
  { _id, tenantId, requestedBy, request }: Purchase,
  { quote }: PurchaseFacts,
  now: Date,
): OrderDocument => ({
  _id: request.orderId,
  tenantId,
  userId: requestedBy.userId,
  kind: 'purchase',
  operationId: _id,
  quoteId: quote._id,
  subscriptionId: request.subscriptionId,
  productId: quote.productId,
  productName: quote.productName,
  channel: 'selfService',
  offer: quote.offer,
  quantity: quote.quantity,
  term: quote.term,
  unitPrice: quote.unitPrice,
  total: quote.total,
  period: null,
  status: 'pending',
  failure: null,
  createdAt: now,
  settledAt: null,
});

export const subscriptionOf = (
  operation: Purchase,
  { quote, buyer }: PurchaseFacts,
  assigned: number,
  now: Date,
): SubscriptionDocument => {
  const trial = buyer.product?.trial ?? null;
  const period = subscriptionPeriod({ offer: quote.offer, term: quote.term, trial }, now);
  return {
    _id: operation.request.subscriptionId,
    tenantId: operation.tenantId,
    productId: quote.productId,
    productName: quote.productName,
    origin: 'selfService',
    purchaserId: buyer.user._id,
    searchKeys: subscriptionSearchKeys(quote.productName, buyer.user),
    seats: { purchased: quote.quantity, assigned, reservations: [] },
    unitPrice: quote.unitPrice,
    purchasePrice: quote.total,
    term: quote.term,
    ...newLife(
      { isTrial: quote.offer === 'trial', autoRenew: period.renewsAt !== null, expiresAt: period.expiresAt },
      now,
    ),
    paymentMethodId: operation.request.paymentMethodId,
    operationId: null,
    version: 1,
  };
};

export const licenseOf = (
  { tenantId, request }: Purchase,
  { quote, buyer }: PurchaseFacts,
  now: Date,
): LicenseDocument => ({
  _id: newId('lic'),
  tenantId,
  subscriptionId: request.subscriptionId,
  productId: quote.productId,
  userId: buyer.user._id,
  assignedAt: now,
  assignedBy: buyer.user._id,
});
