import { priceAddedSeats } from '@commissary/policies';
import type { OperationOf, OrderDocument } from '@commissary/store';
import type { SeatChangeFacts } from './seat-change-facts.js';

/** The order of more seats: at the quote's price by card, or as a contract has it for the rest of its term. [OWN-2, ADM-6] */
export const seatOrderOf = (
  { _id, tenantId, requestedBy, request }: OperationOf<'seatChange'>,
  { subscription, quote }: SeatChangeFacts,
  now: Date,
): OrderDocument => {
  const { termStartedAt: start, expiresAt: end } = subscription;
  const quantity = quote?.quantity ?? request.seats - subscription.seats.purchased;
  const unitPrice = quote?.unitPrice ?? subscription.unitPrice;
  return {
    _id: request.orderId,
    tenantId,
    userId: requestedBy.userId,
    kind: 'seatChange',
    operationId: _id,
    quoteId: quote?._id ?? null,
    subscriptionId: subscription._id,
    productId: subscription.productId,
    productName: subscription.productName,
    channel: quote ? 'selfService' : 'central',
    offer: 'purchase',
    quantity,
    term: subscription.term,
    unitPrice,
    total: quote?.total ?? priceAddedSeats(unitPrice, quantity, { start, end }, now),
    period: null,
    status: 'pending',
    failure: null,
    createdAt: now,
    settledAt: null,
  };
};
