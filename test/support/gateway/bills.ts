import { addDays, type UnpaidRenewal } from '@commissary/domain';
import { newId } from '@commissary/platform';
import type {
  InvoiceDocument,
  OrderDocument,
  PaymentMethodDocument,
  SubscriptionDocument,
  UserDocument,
} from '@commissary/store';
import { aSubscriptionOf, type Shop } from './shop.js';
import { collectionsOf } from '../driver.js';

/** A card of someone's, good for a year unless said. */
export const aCardOf = async (
  { gateway }: Shop,
  { _id: userId, tenantId }: UserDocument,
  fields: Partial<PaymentMethodDocument> = {},
): Promise<PaymentMethodDocument> => {
  const card: PaymentMethodDocument = {
    _id: newId('pm'),
    tenantId,
    userId,
    brand: 'visa',
    last4: '4242',
    expiresAt: addDays(new Date(), 365),
    providerMethodId: 'pm_provider',
    createdAt: new Date(),
    removedAt: null,
    ...fields,
  };
  await collectionsOf(gateway.database).paymentMethods.insertOne(card);
  return card;
};

/** A subscription of the buyer's, with a card of theirs. */
export const aPaidSubscription = async (
  shop: Shop,
  seats: number,
  fields: Parameters<typeof aSubscriptionOf>[2] = {},
): Promise<SubscriptionDocument> => {
  const { _id: paymentMethodId } = await aCardOf(shop, shop.buyer);
  return aSubscriptionOf(shop, seats, { purchaserId: shop.buyer._id, paymentMethodId, ...fields });
};

export interface Bill {
  subscription: SubscriptionDocument;
  invoice: InvoiceDocument;
  unpaid: UnpaidRenewal;
}

/** A subscription of the buyer's whose renewal was declined: its order waits, and its bill is open. */
export const anOpenBill = async (
  shop: Shop,
  fields: Parameters<typeof aSubscriptionOf>[2] = {},
): Promise<Bill> => {
  const collections = collectionsOf(shop.gateway.database);
  const now = new Date();
  const [orderId, invoiceId] = [newId('ord'), newId('inv')];
  const unpaid = { orderId, invoiceId, tries: 1, firstTriedAt: now, nextTryAt: addDays(now, 2) };
  const made = await aPaidSubscription(shop, 5, { expiresAt: addDays(now, -1), ...fields });
  const subscription = { ...made, lifecycle: { ...made.lifecycle, unpaid } };
  await collections.subscriptions.updateOne(
    { _id: made._id },
    { $set: { lifecycle: subscription.lifecycle } },
  );
  const order = orderOf(subscription, orderId, now);
  await collections.orders.insertOne(order);
  const invoice: InvoiceDocument = {
    _id: invoiceId,
    tenantId: made.tenantId,
    userId: shop.buyer._id,
    orderId,
    subscriptionId: made._id,
    lines: [{ description: made.productName, quantity: 5, unitPrice: order.unitPrice, amount: order.total }],
    total: order.total,
    status: 'open',
    issuedAt: now,
    paidAt: null,
  };
  await collections.invoices.insertOne(invoice);
  return { subscription, invoice, unpaid };
};

const orderOf = (
  {
    _id: subscriptionId,
    tenantId,
    purchaserId,
    productId,
    productName,
    term,
    unitPrice,
    purchasePrice,
  }: SubscriptionDocument,
  _id: string,
  now: Date,
): OrderDocument => ({
  _id,
  tenantId,
  userId: purchaserId ?? '',
  kind: 'renewal',
  operationId: null,
  quoteId: null,
  subscriptionId,
  productId,
  productName,
  channel: 'selfService',
  offer: 'purchase',
  quantity: 5,
  term,
  unitPrice,
  total: purchasePrice,
  period: null,
  status: 'pending',
  failure: null,
  createdAt: now,
  settledAt: null,
});
