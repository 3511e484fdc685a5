import type { LedgerEntry } from '@commissary/domain';
import type { InvoiceDocument, LedgerDocument } from '@commissary/store';
import type { OrderFacts } from '../charges/order-facts.js';

export type Row = Pick<LedgerDocument, '_id' | 'orderId' | 'kind' | 'entries'>;
export type Invoice = Pick<InvoiceDocument, '_id' | 'orderId' | 'total' | 'status' | 'paidAt'>;
type Kind = Row['kind'];

/** Which entry of a row of each kind carries what is summed. */
const CARRIERS = {
  invoice: { account: 'receivable', side: 'debit' },
  charge: { account: 'cash', side: 'debit' },
  refund: { account: 'cash', side: 'credit' },
  creditNote: { account: 'receivable', side: 'credit' },
} as const satisfies Record<Kind, Pick<LedgerEntry, 'account' | 'side'>>;

const WORDS: Record<Kind, string> = {
  invoice: 'invoiced',
  charge: 'charged',
  refund: 'refunded',
  creditNote: 'credited',
};
const KINDS = Object.keys(CARRIERS) as Kind[];

/** What is wrong with a row by itself: debits = credits per currency. */
export const rowFaults = ({ entries }: Row): string[] => {
  const sums = new Map<string, number>();
  for (const { side, amount } of entries) {
    const signed = side === 'debit' ? amount.amountMinor : -amount.amountMinor;
    sums.set(amount.currency, (sums.get(amount.currency) ?? 0) + signed);
  }
  const faults = [...sums]
    .filter(([, sum]) => sum !== 0)
    .map(([currency, sum]) => `debits exceed credits by ${sum} ${currency}`);
  return entries.length === 0 ? [...faults, 'has no entries'] : faults;
};

/** What is wrong between an order, its payments, its ledger rows and its invoices. [OWN-4, BUY-9] */
export const orderFaults = (
  facts: OrderFacts,
  rows: readonly Row[],
  invoices: readonly Invoice[],
): string[] => [...sumFaults(facts, rows), ...seatFaults(facts), ...invoiceFaults(facts, invoices)];

/** Minor units of the order's currency; null where a row is in another one. */
const sumOf = (rows: readonly Row[], kind: Kind, currency: string): number | null => {
  const { account, side } = CARRIERS[kind];
  const amounts = rows
    .filter((row) => row.kind === kind)
    .flatMap(({ entries }) => entries.filter((entry) => entry.account === account && entry.side === side))
    .map(({ amount }) => amount);
  if (amounts.some((amount) => amount.currency !== currency)) return null;
  return amounts.reduce((sum, amount) => sum + amount.amountMinor, 0);
};

const sumFaults = (facts: OrderFacts, rows: readonly Row[]): string[] => {
  const { status, total } = facts.order;
  const booked = KINDS.map((kind) => [kind, sumOf(rows, kind, total.currency)] as const);
  if (booked.some(([, sum]) => sum === null)) return [`has rows in another currency than ${total.currency}`];
  const sums = Object.fromEntries(booked) as Record<Kind, number>;
  const wanted = wantedSums(facts, sums);
  return KINDS.filter((kind) => sums[kind] !== wanted[kind]).map(
    (kind) =>
      `is ${status} over ${total.amountMinor} ${total.currency}, and the ledger has ${sums[kind]} ${WORDS[kind]} for ${wanted[kind]}`,
  );
};

/** A bill given up is credited in full; a charge that came to nothing is given back in full. */
const wantedSums = (
  { order, payments, isOwed }: OrderFacts,
  sums: Record<Kind, number>,
): Record<Kind, number> => {
  const total = order.total.amountMinor;
  if (order.status === 'paid') {
    return { invoice: total, charge: total, refund: givenBack(payments), creditNote: 0 };
  }
  const given = Math.max(sums.charge, sums.refund);
  if (order.status === 'failed') {
    const invoiced = sums.invoice === 0 && sums.creditNote === 0 ? 0 : total;
    return { invoice: invoiced, charge: given, refund: given, creditNote: invoiced };
  }
  return { invoice: isOwed ? total : 0, charge: given, refund: given, creditNote: 0 };
};

const givenBack = (payments: OrderFacts['payments']): number =>
  payments
    .flatMap(({ refunds }) => refunds)
    .filter((refund) => refund.status === 'succeeded')
    .reduce((sum, refund) => sum + refund.amount.amountMinor, 0);

/** A seat is given back once. [OWN-2] */
const seatFaults = ({ order, payments }: OrderFacts): string[] => {
  const seats = payments.flatMap(({ refunds }) => refunds).reduce((sum, refund) => sum + refund.seats, 0);
  return seats > order.quantity ? [`is of ${order.quantity} seats, and ${seats} were given back`] : [];
};

const invoiceFaults = ({ order, isOwed }: OrderFacts, invoices: readonly Invoice[]): string[] => {
  const { status, total } = order;
  const faults = invoices.flatMap((invoice) => {
    const explained = { paid: status === 'paid', open: isOwed, void: status === 'failed' }[invoice.status];
    const own = [
      ...(explained ? [] : [`is ${status}, and its invoice ${invoice._id} is ${invoice.status}`]),
      ...((invoice.status === 'paid') === (invoice.paidAt !== null)
        ? []
        : [`its invoice ${invoice._id} is ${invoice.status}, and paid at ${String(invoice.paidAt)}`]),
    ];
    const same = invoice.total.amountMinor === total.amountMinor && invoice.total.currency === total.currency;
    return same ? own : [...own, `its invoice ${invoice._id} is of another amount`];
  });
  const isBilled = isOwed || (status === 'paid' && total.amountMinor > 0);
  if (isBilled && invoices.length === 0) faults.push(`is ${status} and has no invoice`);
  if (invoices.length > 1) faults.push(`has ${invoices.length} invoices`);
  return faults;
};
