import type { LedgerEntry, Money } from '@commissary/domain';
import type { InvoiceDocument, LedgerDocument } from '@commissary/store';
import { type ChargedOrder, factsOfOrders, type OrderFacts } from '../charges/order-facts.js';
import type { Invariant, InvariantContext, Violation } from '../invariant.js';
import { inBatches, mergeJoin } from '../reading/streams.js';

type Row = Pick<LedgerDocument, '_id' | 'orderId' | 'kind' | 'entries'>;
type Invoice = Pick<InvoiceDocument, '_id' | 'orderId' | 'total'>;

export const ledgerBalances: Invariant = {
  number: 4,
  title: 'debits = credits per transaction and currency; an order is its charges less its refunds',
  async *check(context) {
    for await (const batch of inBatches(ordersWithRows(context))) {
      for (const { key, left, right } of batch) {
        for (const row of right) yield* rowFaults(row);
        if (left.length === 0) yield violation(key, 'does not exist, and the ledger has rows of it');
      }
      yield* orderFaults(context, batch);
    }
  },
};

const violation = (subject: string, detail: string): Violation => ({ invariant: 4, subject, detail });

const ordersWithRows = ({ snapshot }: InvariantContext) =>
  mergeJoin(
    {
      rows: snapshot.find('orders', { fields: ['status', 'total', 'operationId'], sort: { _id: 1 } }),
      key: (order) => order._id,
    },
    {
      rows: snapshot.find('ledger', { fields: ['orderId', 'kind', 'entries'], sort: { orderId: 1 } }),
      key: (row) => row.orderId,
    },
  );

const rowFaults = ({ _id, entries }: Row): Violation[] => {
  const sums = new Map<string, number>();
  for (const { side, amount } of entries) {
    const signed = side === 'debit' ? amount.amountMinor : -amount.amountMinor;
    sums.set(amount.currency, (sums.get(amount.currency) ?? 0) + signed);
  }
  const faults = [...sums]
    .filter(([, sum]) => sum !== 0)
    .map(([currency, sum]) => `debits exceed credits by ${sum} ${currency}`);
  if (entries.length === 0) faults.push('has no entries');
  return faults.map((fault) => violation(_id, fault));
};

async function* orderFaults(
  { snapshot }: InvariantContext,
  batch: readonly { left: ChargedOrder[]; right: Row[] }[],
): AsyncIterable<Violation> {
  const orders = batch.flatMap(({ left }) => left);
  const rows = new Map(batch.flatMap(({ left, right }) => left.map((order) => [order._id, right] as const)));
  const invoices = new Map<string, Invoice[]>();
  const where = { orderId: { $in: orders.map((order) => order._id) } };
  for await (const invoice of snapshot.find('invoices', { fields: ['orderId', 'total'], where })) {
    invoices.set(invoice.orderId, [...(invoices.get(invoice.orderId) ?? []), invoice]);
  }
  for (const facts of await factsOfOrders(snapshot, orders)) {
    const { _id } = facts.order;
    for (const fault of sumFaults(facts, rows.get(_id) ?? [], invoices.get(_id) ?? []))
      yield violation(_id, fault);
  }
}

/** Which entry of a row of each kind carries what is summed. */
const CARRIERS = {
  invoice: { account: 'receivable', side: 'debit' },
  charge: { account: 'cash', side: 'debit' },
  refund: { account: 'cash', side: 'credit' },
  creditNote: { account: 'receivable', side: 'credit' },
} as const satisfies Record<Row['kind'], Pick<LedgerEntry, 'account' | 'side'>>;

/** Minor units of the order's currency; null where a row is in another one. */
const sumOf = (rows: readonly Row[], kind: Row['kind'], currency: string): number | null => {
  const { account, side } = CARRIERS[kind];
  const amounts = rows
    .filter((row) => row.kind === kind)
    .flatMap(({ entries }) => entries.filter((entry) => entry.account === account && entry.side === side))
    .map(({ amount }) => amount);
  if (amounts.some((amount) => amount.currency !== currency)) return null;
  return amounts.reduce((sum, amount) => sum + amount.amountMinor, 0);
};

const sumFaults = (
  { order, payments }: OrderFacts,
  rows: readonly Row[],
  invoices: readonly Invoice[],
): string[] => {
  const { amountMinor, currency } = order.total;
  const invoiced = sumOf(rows, 'invoice', currency);
  const charged = sumOf(rows, 'charge', currency);
  const refunded = sumOf(rows, 'refund', currency);
  if (invoiced === null || charged === null || refunded === null)
    return [`has rows in another currency than ${currency}`];
  if (order.status !== 'paid') {
    return charged === refunded
      ? []
      : [`is ${order.status} with ${charged} charged and ${refunded} refunded`];
  }
  const given = payments
    .flatMap(({ refunds }) => refunds)
    .filter((refund) => refund.status === 'succeeded')
    .reduce((sum, refund) => sum + refund.amount.amountMinor, 0);
  const faults: string[] = [];
  if (charged !== amountMinor) faults.push(`is of ${amountMinor}, and the ledger has ${charged} charged`);
  if (invoiced !== amountMinor) faults.push(`is of ${amountMinor}, and the ledger has ${invoiced} invoiced`);
  if (refunded !== given) faults.push(`${given} were refunded, and the ledger has ${refunded}`);
  if (amountMinor > 0) faults.push(...invoiceFaults(invoices, order.total));
  return faults;
};

const invoiceFaults = (invoices: readonly Invoice[], { amountMinor, currency }: Money): string[] => {
  if (invoices.length !== 1) return [`is paid and has ${invoices.length} invoices`];
  const total = invoices[0]?.total;
  const same = total?.amountMinor === amountMinor && total.currency === currency;
  return same ? [] : ['its invoice is of another amount'];
};
