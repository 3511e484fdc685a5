import type { LedgerAccount } from '@commissary/domain';
import { type JournalCharge, SimulatorJournal } from '@commissary/payments';
import type { Database, NotificationDocument, OperationDocument } from '@commissary/store';
import { stack } from '../../e2e/support/stack.js';
import type { AcceptedPurchase } from './mixed-purchases.js';
import { collectionsOf } from '../../support/driver.js';

type Purchase = Extract<OperationDocument, { type: 'purchase' }>;

/** All that one purchase has left behind, in the provider's books and in ours. */
interface Left {
  operation: string;
  status: string;
  error: string | null;
  order: string;
  /** Each charge under the order in the provider's journal, with what it is of. */
  charges: string[];
  payments: string[];
  /** Whether the journal's charges are under the payments' keys and ids. */
  sameCharges: boolean;
  invoices: string[];
  subscriptions: number;
  seats: number;
  quoteHeldBy: 'itself' | 'nobody' | 'another';
  mails: string[];
}

const grouped = <T>(rows: readonly T[], key: (row: T) => string): ((key: string) => T[]) => {
  const groups = new Map<string, T[]>();
  for (const row of rows) groups.set(key(row), [...(groups.get(key(row)) ?? []), row]);
  return (name) => groups.get(name) ?? [];
};

/** Every charge the provider has made so far. */
export const journal = async (): Promise<JournalCharge[]> => {
  const charges: JournalCharge[] = [];
  for await (const charge of new SimulatorJournal(stack().paymentsUrl).charges()) charges.push(charge);
  return charges;
};

export const operationsOf = async (
  database: Database,
  purchases: readonly AcceptedPurchase[],
): Promise<Purchase[]> => {
  const ids = purchases.map(({ operationId }) => operationId);
  const found = await collectionsOf(database)
    .operations.find({ _id: { $in: ids } })
    .toArray();
  return found.filter((operation): operation is Purchase => operation.type === 'purchase');
};

const orderOfMail = ({ template, params }: NotificationDocument): string =>
  template === 'receipt' || template === 'cardDeclined' ? params.orderId : '';

/** Everything about the orders of these operations, read once. */
const read = async (database: Database, operations: readonly Purchase[]) => {
  const { orders, payments, invoices, subscriptions, quotes, notifications } = collectionsOf(database);
  const ids = { $in: operations.map(({ request }) => request.orderId) };
  const byOrder = { orderId: ids };
  const ofPurchases = { template: { $in: ['receipt', 'cardDeclined'] as const }, 'params.orderId': ids };
  const rows = await Promise.all([
    orders.find({ _id: ids }).toArray(),
    payments.find(byOrder).toArray(),
    invoices.find(byOrder).toArray(),
    subscriptions.find({ _id: { $in: operations.map(({ request }) => request.subscriptionId) } }).toArray(),
    quotes.find({ _id: { $in: operations.map(({ request }) => request.quoteId) } }).toArray(),
    notifications.find(ofPurchases).toArray(),
    journal(),
  ]);
  return {
    order: grouped(rows[0], (order) => order._id),
    payments: grouped(rows[1], (payment) => payment.orderId),
    invoices: grouped(rows[2], (invoice) => invoice.orderId),
    subscriptions: grouped(rows[3], (subscription) => subscription._id),
    quote: grouped(rows[4], (quote) => quote._id),
    mails: grouped(rows[5], orderOfMail),
    charges: grouped(rows[6], (charge) => charge.orderId),
  };
};

const holderOf = (held: string | null | undefined, operationId: string): Left['quoteHeldBy'] => {
  if (held === null) return 'nobody';
  return held === operationId ? 'itself' : 'another';
};

/** Order by order: the journal, payments, orders, invoices, subscriptions, quotes and mails. */
export const leftBy = async (database: Database, purchases: readonly AcceptedPurchase[]): Promise<Left[]> => {
  const operations = await operationsOf(database, purchases);
  const of = await read(database, operations);
  return operations.map(({ _id, status, error, request: { orderId, subscriptionId, quoteId } }) => {
    const [charges, payments, bought] = [
      of.charges(orderId),
      of.payments(orderId),
      of.subscriptions(subscriptionId),
    ];
    const charged = charges.map(({ id, idempotencyKey, status }) =>
      status === 'succeeded' ? `${idempotencyKey} ${id}` : `${idempotencyKey} null`,
    );
    return {
      operation: _id,
      status,
      error: error?.code ?? null,
      order:
        of
          .order(orderId)
          .map((order) => order.status)
          .join() || 'none',
      charges: charges.map((charge) => `${charge.status} ${charge.amountMinor} ${charge.currency}`),
      payments: payments.map((payment) => payment.status),
      sameCharges:
        charged.join() === payments.map((payment) => `${payment.idempotencyKey} ${payment.chargeId}`).join(),
      invoices: of.invoices(orderId).map((invoice) => `${invoice.status} ${invoice.total.amountMinor}`),
      subscriptions: bought.length,
      seats: bought.reduce((sum, { seats }) => sum + seats.purchased, 0),
      quoteHeldBy: holderOf(of.quote(quoteId)[0]?.operationId, _id),
      mails: of.mails(orderId).map(({ template }) => template),
    };
  });
};

const NOTHING = { charges: [], payments: [], invoices: [], subscriptions: 0, seats: 0 };

const dueOf = ({ operationId, quote, end }: AcceptedPurchase): Left => {
  const { amountMinor, currency } = quote.total;
  const made = { error: null, subscriptions: 1, seats: quote.quantity, quoteHeldBy: 'itself' as const };
  const base = { operation: operationId, sameCharges: true };
  if (end === 'free') {
    return { ...base, ...NOTHING, ...made, status: 'succeeded', order: 'free', mails: ['receipt'] };
  }
  if (end === 'paid') {
    return {
      ...base,
      ...made,
      status: 'succeeded',
      order: 'paid',
      charges: [`succeeded ${amountMinor} ${currency}`],
      payments: ['succeeded'],
      invoices: [`paid ${amountMinor}`],
      mails: ['receipt'],
    };
  }
  return {
    ...base,
    ...NOTHING,
    status: 'rejected',
    error: end,
    order: 'failed',
    charges: [`declined ${amountMinor} ${currency}`],
    payments: ['declined'],
    quoteHeldBy: 'nobody',
    mails: ['cardDeclined'],
  };
};

/** What each purchase has to have left behind, by its card alone: one charge if paid, none net of refunds otherwise. [BUY-6] */
export const leftAsDue = (purchases: readonly AcceptedPurchase[]): Left[] => purchases.map(dueOf);

type Sums = Record<string, number>;

/** Debits less credits by account and currency, of the ledger's rows of these orders. Throws for a row that is not balanced. */
export const ledgerSums = async (database: Database, orderIds: readonly string[]): Promise<Sums> => {
  const sums: Sums = {};
  for await (const { _id, entries } of collectionsOf(database).ledger.find({
    orderId: { $in: [...orderIds] },
  })) {
    let balance = 0;
    for (const { account, side, amount } of entries) {
      const signed = side === 'debit' ? amount.amountMinor : -amount.amountMinor;
      const name = `${account} ${amount.currency}`;
      sums[name] = (sums[name] ?? 0) + signed;
      balance += signed;
    }
    if (balance !== 0) throw new Error(`${_id} is out of balance by ${balance}`);
  }
  return sums;
};

/** The same from the provider's books: cash is what was charged less what was given back, all of it earned, nothing owed. */
export const journalSums = (charges: readonly JournalCharge[]): Sums => {
  const sums: Sums = {};
  const add = (account: LedgerAccount, currency: string, amountMinor: number): void => {
    const name = `${account} ${currency}`;
    sums[name] = (sums[name] ?? 0) + amountMinor;
  };
  for (const { status, currency, amountMinor, refundedMinor } of charges) {
    if (status !== 'succeeded') continue;
    add('cash', currency, amountMinor - refundedMinor);
    add('revenue', currency, refundedMinor - amountMinor);
    add('receivable', currency, 0);
  }
  return sums;
};
