import type { OrderView, SubscriptionView } from '@commissary/contracts';
import { freeSeats } from '@commissary/domain';
import type { OrderDocument, SubscriptionDocument, UserDocument } from '@commissary/store';

export type Purchaser = Pick<UserDocument, '_id' | 'displayName' | 'email' | 'state'>;

/** As `viewerId` sees it. [ADM-1, OWN-4] */
export const subscriptionView = (
  subscription: SubscriptionDocument,
  purchaser: Purchaser | null,
  viewerId: string,
): SubscriptionView => {
  const { seats, lifecycle } = subscription;
  // What a move brought there may be yet to be counted, and is promised until then.
  const [assigned, free] = [Math.max(0, seats.assigned), freeSeats(seats)];
  return {
    id: subscription._id,
    productId: subscription.productId,
    productName: subscription.productName,
    origin: subscription.origin,
    status: subscription.status,
    isTrial: subscription.isTrial,
    purchaser: purchaser && {
      userId: purchaser._id,
      displayName: purchaser.displayName,
      email: purchaser.email,
      state: purchaser.state,
    },
    seats: {
      purchased: seats.purchased,
      assigned,
      reserved: seats.purchased - assigned - free,
      free,
    },
    unitPrice: subscription.unitPrice,
    purchasePrice: subscription.purchasePrice,
    term: subscription.term,
    startedAt: subscription.startedAt.toISOString(),
    expiresAt: subscription.expiresAt.toISOString(),
    renewsAt: subscription.renewsAt?.toISOString() ?? null,
    autoRenew: subscription.autoRenew,
    seatsAtRenewal: lifecycle.seatsAtRenewal,
    paymentMethodId: subscription.purchaserId === viewerId ? subscription.paymentMethodId : null,
    // Of what has ended the bill has ended too.
    unpaidInvoiceId: subscription.status === 'deleted' ? null : (lifecycle.unpaid?.invoiceId ?? null),
    operation: subscription.operationId,
  };
};

export const orderView = (order: OrderDocument): OrderView => ({
  id: order._id,
  subscriptionId: order.subscriptionId,
  productId: order.productId,
  productName: order.productName,
  kind: order.kind,
  channel: order.channel,
  offer: order.offer,
  quantity: order.quantity,
  term: order.term,
  unitPrice: order.unitPrice,
  total: order.total,
  status: order.status,
  failure: order.failure,
  operation: order.operationId,
  createdAt: order.createdAt.toISOString(),
  settledAt: order.settledAt?.toISOString() ?? null,
});
