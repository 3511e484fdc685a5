import { renewalPrice, seatsToRenew, timesQuantity, unitPriceOf } from '@commissary/domain';
import type { OperationOf, OrderDocument, PaymentDocument } from '@commissary/store';
import type { RenewalFacts } from './renewal-facts.js';

type Renewal = OperationOf<'renewal'>;

/** What the next term is ordered for: the seats and the price that are in force then. An order placed before keeps both. [BUY-9] */
export const renewalOrderOf = (operation: Renewal, facts: RenewalFacts, now: Date): OrderDocument => {
  if (facts.order) return facts.order;
  const { subscription, product, market } = facts;
  const { term, seats, lifecycle, unitPrice: current } = subscription;
  if (term === null) throw new Error(`${subscription._id} has no term to renew`);
  const inForce = product && unitPriceOf(product, 'selfService', market, term, now);
  const unitPrice = renewalPrice({ current, inForce, rise: lifecycle.rise }, now);
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

/** One attempt, with a key of its own: a declined one answers the same for ever. */
export const attemptOf = (
  { _id, tenantId, request }: Pick<OperationOf<'renewal' | 'seatChange'>, '_id' | 'tenantId' | 'request'>,
  order: OrderDocument,
  now: Date,
): PaymentDocument => {
  if (request.paymentMethodId === null) throw new Error(`${_id} has nothing to pay with`);
  return {
    _id: request.paymentId,
    tenantId,
    orderId: order._id,
    operationId: _id,
    paymentMethodId: request.paymentMethodId,
    amount: order.total,
    idempotencyKey: request.paymentId,
    status: 'pending',
    chargeId: null,
    declineCode: null,
    // The first call follows this record; a run that finds it asks what became of that call.
    attempts: 1,
    nextCheckAt: null,
    refunds: [],
    createdAt: now,
    settledAt: null,
  };
};
