import type { SubscriptionDocument } from '@commissary/store';
import type { Snapshot } from '../reading/snapshot.js';
import type { ChargedOrder } from './charged-order.js';

type Subscription = Pick<SubscriptionDocument, '_id' | 'status' | 'lifecycle'>;

/**
 * Of a batch of orders, those of renewals that wait to be paid, by nobody's fault and without an open operation: the bill is open,
 * and the subscription it is for lives and names both. [BUY-9, OWN-4]
 */
export const owedOrders = async (
  snapshot: Snapshot,
  orders: readonly ChargedOrder[],
): Promise<ReadonlySet<string>> => {
  const pending = orders.filter(({ kind, status }) => kind === 'renewal' && status === 'pending');
  const subscriptions: ReadonlyMap<string, Subscription> = await snapshot.byIds(
    'subscriptions',
    pending.map((order) => order.subscriptionId),
    ['status', 'lifecycle'],
  );
  const invoiceOf = new Map<string, string>();
  for (const { _id, subscriptionId } of pending) {
    const { status, lifecycle } = subscriptions.get(subscriptionId) ?? {};
    const unpaid = status === 'deleted' ? null : lifecycle?.unpaid;
    if (unpaid?.orderId === _id) invoiceOf.set(_id, unpaid.invoiceId);
  }
  const invoices = await snapshot.byIds('invoices', invoiceOf.values(), ['orderId', 'status']);
  const owed = [...invoiceOf].filter(([orderId, invoiceId]) => {
    const invoice = invoices.get(invoiceId);
    return invoice?.status === 'open' && invoice.orderId === orderId;
  });
  return new Set(owed.map(([orderId]) => orderId));
};
