import type { InvoiceDocument, OrderDocument, SubscriptionDocument } from '@commissary/store';
import type { Snapshot } from '../reading/snapshot.js';
import { inBatches } from '../reading/streams.js';

type Debtor = Pick<SubscriptionDocument, '_id' | 'status' | 'lifecycle'>;
type Order = Pick<OrderDocument, '_id' | 'kind' | 'status' | 'subscriptionId'>;
type Invoice = Pick<InvoiceDocument, '_id' | 'status' | 'orderId' | 'subscriptionId'>;

/** What subscriptions say of renewals that are not paid, against the orders and bills they name. [BUY-9] */
export async function* unpaidFaults(
  snapshot: Snapshot,
): AsyncIterable<{ subscriptionId: string; detail: string }> {
  const debtors = snapshot.find('subscriptions', {
    fields: ['status', 'lifecycle'],
    where: { 'lifecycle.unpaid': { $ne: null } },
  });
  for await (const batch of inBatches(debtors)) {
    const orders = await snapshot.byIds(
      'orders',
      batch.map(({ lifecycle }) => lifecycle.unpaid?.orderId ?? null),
      ['kind', 'status', 'subscriptionId'],
    );
    const invoices = await snapshot.byIds(
      'invoices',
      batch.map(({ lifecycle }) => lifecycle.unpaid?.invoiceId ?? null),
      ['status', 'orderId', 'subscriptionId'],
    );
    for (const debtor of batch) {
      const { orderId = '', invoiceId = '' } = debtor.lifecycle.unpaid ?? {};
      for (const detail of faultsOf(debtor, orders.get(orderId), invoices.get(invoiceId))) {
        yield { subscriptionId: debtor._id, detail };
      }
    }
  }
}

const faultsOf = (
  { _id, status, lifecycle }: Debtor,
  order: Order | undefined,
  invoice: Invoice | undefined,
): string[] => {
  const { orderId = '', invoiceId = '' } = lifecycle.unpaid ?? {};
  if (!order) return [`owes for ${orderId}, which does not exist`];
  if (!invoice) return [`owes the bill ${invoiceId}, which does not exist`];
  const faults: string[] = [];
  if (order.subscriptionId !== _id || order.kind !== 'renewal') {
    faults.push(`owes for ${orderId}, which is no renewal of it`);
  }
  if (invoice.subscriptionId !== _id || invoice.orderId !== orderId) {
    faults.push(`owes the bill ${invoiceId}, which is of another order`);
  }
  // What was owed when it ended is owed no more.
  const wanted = status === 'deleted' ? 'void' : 'open';
  if (invoice.status !== wanted)
    faults.push(`is ${status}, and the bill ${invoiceId} it owes is ${invoice.status}`);
  return faults;
};
