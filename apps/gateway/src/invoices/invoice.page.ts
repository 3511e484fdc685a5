import type { Money } from '@commissary/domain';
import type { InvoiceDocument, TenantDocument, UserDocument } from '@commissary/store';

export interface BilledTo {
  tenant: Pick<TenantDocument, 'displayName' | 'locale'>;
  /** Null if the account is gone. */
  purchaser: Pick<UserDocument, 'displayName' | 'email'> | null;
  /** Of an open bill. */
  payBy: Date | null;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escape = (text: string): string => text.replace(/[&<>"']/g, (mark) => ESCAPES[mark] ?? mark);

/** Minor units as the currency writes them: the yen has none. */
export const moneyText = ({ amountMinor, currency }: Money): string => {
  const format = new Intl.NumberFormat('en', { style: 'currency', currency });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  return format.format(amountMinor / 10 ** digits);
};

const dayText = (at: Date): string =>
  new Intl.DateTimeFormat('en', { dateStyle: 'long', timeZone: 'UTC' }).format(at);

/** What is to be done about it. */
const standing = ({ status, paidAt }: InvoiceDocument, payBy: Date | null): string => {
  if (status === 'void') return '<strong>Void</strong>: nothing is to be paid';
  if (paidAt) return `Paid by card on ${dayText(paidAt)}`;
  return payBy ? `<strong>Open</strong>: pay by ${dayText(payBy)}` : '<strong>Open</strong>';
};

/** A plain page that prints on one sheet: no scripts, nothing fetched. [OWN-4] */
export const invoicePage = (invoice: InvoiceDocument, { tenant, purchaser, payBy }: BilledTo): string => {
  const billedTo = [purchaser?.displayName, tenant.displayName, purchaser?.email].filter(
    (line) => line !== undefined,
  );
  const rows = invoice.lines.map(
    ({ description, quantity, unitPrice, amount }) =>
      `<tr><td>${escape(description)}</td><td>${quantity}</td><td>${moneyText(unitPrice)}</td><td>${moneyText(amount)}</td></tr>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Invoice ${escape(invoice._id)}</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 42rem; margin: 2rem auto; padding: 0 1rem; color: #1b1b1b; background: #fff; }
table { width: 100%; border-collapse: collapse; margin: 2rem 0; }
th, td { text-align: right; padding: .5rem 0; border-bottom: 1px solid #ccc; }
th:first-child, td:first-child { text-align: left; }
tfoot td { font-weight: 600; border-bottom: 0; }
@media print { body { margin: 0; } }
</style>
</head>
<body>
<h1>Invoice</h1>
<p>Number ${escape(invoice._id)}<br>Issued ${dayText(invoice.issuedAt)}<br>${standing(invoice, payBy)}</p>
<p>Billed to<br>${billedTo.map(escape).join('<br>')}</p>
<table>
<thead><tr><th scope="col">Product</th><th scope="col">Seats</th><th scope="col">Unit price</th><th scope="col">Amount</th></tr></thead>
<tbody>${rows.join('')}</tbody>
<tfoot><tr><td colspan="3">Total</td><td>${moneyText(invoice.total)}</td></tr></tfoot>
</table>
<p>Order ${escape(invoice.orderId)} · Subscription ${escape(invoice.subscriptionId)}</p>
</body>
</html>
`;
};
