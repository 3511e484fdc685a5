import type { InvoiceView } from '@commissary/contracts';
import type { InvoiceDocument } from '@commissary/store';

export const invoiceView = (invoice: InvoiceDocument): InvoiceView => ({
  id: invoice._id,
  userId: invoice.userId,
  orderId: invoice.orderId,
  subscriptionId: invoice.subscriptionId,
  lines: invoice.lines,
  total: invoice.total,
  status: invoice.status,
  issuedAt: invoice.issuedAt.toISOString(),
  paidAt: invoice.paidAt?.toISOString() ?? null,
});
