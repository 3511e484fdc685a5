import { type Money, renewalPrice, seatsToRenew, timesQuantity, unitPriceOf } from '@commissary/domain';
import type { OperationOf, OrderDocument, SubscriptionDocument } from '@commissary/store';
import type { RenewalFacts } from './renewal-facts.js';

type Renewal = OperationOf<'renewal'>;

/** The price book's price where the next term begins: the day of the old one's end, or this one for who was locked out. [BUY-7] */
export const priceInForce = ({ subscription, product, market }: RenewalFacts, now: Date): Money | null => {
  const { term } = subscription;
  return product && term && unitPriceOf(product, 'selfService', market, term, beginning(subscription, now));
};

const beginning = ({ status, expiresAt }: SubscriptionDocument, now: Date): Date =>
  status === 'disabled' ? now : expiresAt;

/** What the next term is ordered for: the seats and the price that are in force then. An order placed before keeps both. [BUY-9] */
export const renewalOrderOf = (operation: Renewal, facts: RenewalFacts, now: Date): OrderDocument => {
  if (facts.order) return facts.order;
  const { subscription } = facts;
  const { term, seats, lifecycle, unitPrice: current } = subscription;
  if (term === null) throw new Error(`${subscription._id} has no term to renew`);
  const inForce = priceInForce(facts, now);
  const unitPrice = renewalPrice({ current, inForce, rise: lifecycle.rise }, beginning(subscription, now));
  const quantity = seatsToRenew(seats, lifecycle.seatsAtRenewal);
  return {
    _id: operation.request.orderId,
    tenantId: operation.tenantId,
    userId: subscription.purchaserId ?? operation.requestedBy.userId,
    kind: 'renewal',
    operationId: operation._id,
    quoteId: null,
    subscriptionId: subscription._id,
    productId: subscription.productId,
    productName: subscription.productName,
    channel: 'selfService',
    offer: 'purchase',
    quantity,
    term,
    unitPrice,
    total: timesQuantity(unitPrice, quantity),
    period: null,
    status: 'pending',
    failure: null,
    createdAt: now,
    settledAt: null,
  };
};
