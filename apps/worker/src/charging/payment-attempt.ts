import type { OperationOf, OrderDocument, PaymentDocument } from '@commissary/store';

type Buying = OperationOf<'purchase'> | OperationOf<'seatChange'> | OperationOf<'renewal'>;

/** One attempt to charge an order, with a key of its own for good: a declined one answers the same for ever. [BUY-6] */
export const attemptOf = (
  { _id, tenantId, request }: Buying,
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
