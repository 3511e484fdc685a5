import type { Product } from '@commissary/domain';
import {
  mail,
  type NewMail,
  type OrderDocument,
  type PaymentMethodDocument,
  type SubscriptionDocument,
} from '@commissary/store';

/** What was bought, what it cost, and when it is paid for again. [MSG-1] */
export const receiptMail = (
  recipient: string,
  order: Pick<OrderDocument, '_id' | 'quantity' | 'term' | 'unitPrice' | 'total'>,
  invoiceId: string | null,
  of: { subscription: SubscriptionDocument; product: Product | null; method: PaymentMethodDocument | null },
): NewMail => {
  const { subscription, product, method } = of;
  const { quantity, term, unitPrice, total } = order;
  return mail('receipt', recipient, {
    orderId: order._id,
    invoiceId,
    subscriptionId: subscription._id,
    productName: subscription.productName,
    trainingUrl: product?.trainingUrl ?? '',
    isTrial: subscription.isTrial,
    quantity,
    term,
    unitPrice,
    total,
    card: method && { brand: method.brand, last4: method.last4 },
    renewsAt: subscription.renewsAt?.toISOString() ?? null,
    expiresAt: subscription.expiresAt.toISOString(),
  });
};
