import { newId } from '@commissary/platform';
import type { InvoiceDocument, LedgerDocument, OrderDocument } from '../collections/index.js';

export const invoiceOf = (
  order: OrderDocument,
  _id: string,
  status: 'open' | 'paid',
  now: Date,
): InvoiceDocument => ({
  _id,
  tenantId: order.tenantId,
  userId: order.userId,
  orderId: order._id,
  subscriptionId: order.subscriptionId,
  lines: [
    {
      description: describedAs(order),
      quantity: order.quantity,
      unitPrice: order.unitPrice,
      amount: order.total,
    },
  ],
  total: order.total,
  status,
  issuedAt: now,
  paidAt: status === 'paid' ? now : null,
});

/** Added seats cost less than seats times price: the rest of a term. [OWN-2] */
const describedAs = ({ kind, productName }: OrderDocument): string =>
  kind === 'seatChange' ? `${productName}: seats added, for the rest of the term` : productName;

export const ledgerRow = (
  order: Pick<OrderDocument, '_id' | 'tenantId'>,
  kind: LedgerDocument['kind'],
  entries: LedgerDocument['entries'],
  now: Date,
): LedgerDocument => ({
  _id: newId('led'),
  tenantId: order.tenantId,
  kind,
  orderId: order._id,
  entries,
  at: now,
});
