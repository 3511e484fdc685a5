import { accountFaults } from '../books/accounts.js';
import { type Invoice, orderFaults, type Row, rowFaults } from '../books/order-books.js';
import { unpaidFaults } from '../books/unpaid-faults.js';
import { type ChargedOrder, ORDER_FIELDS } from '../charges/charged-order.js';
import { factsOfOrders } from '../charges/order-facts.js';
import type { Invariant, InvariantContext, Violation } from '../invariant.js';
import { inBatches, mergeJoin } from '../reading/streams.js';

export const ledgerBalances: Invariant = {
  number: 4,
  title: 'debits = credits per transaction and currency; an order is its charges less its refunds',
  async *check(context) {
    for await (const batch of inBatches(ordersWithRows(context))) {
      for (const { key, left, right } of batch) {
        for (const row of right) yield* rowFaults(row).map((fault) => violation(row._id, fault));
        if (left.length === 0) yield violation(key, 'does not exist, and the ledger has rows of it');
      }
      yield* faultsOfOrders(context, batch);
    }
    for await (const { subscriptionId, detail } of unpaidFaults(context.snapshot)) {
      yield violation(subscriptionId, detail);
    }
    for await (const { tenantId, detail } of accountFaults(context.snapshot)) {
      yield violation(tenantId, detail);
    }
  },
};

const violation = (subject: string, detail: string): Violation => ({ invariant: 4, subject, detail });

const ordersWithRows = ({ snapshot }: InvariantContext) =>
  mergeJoin(
    {
      rows: snapshot.find('orders', { fields: ORDER_FIELDS, sort: { _id: 1 } }),
      key: (order) => order._id,
    },
    {
      rows: snapshot.find('ledger', { fields: ['orderId', 'kind', 'entries'], sort: { orderId: 1 } }),
      key: (row) => row.orderId,
    },
  );

async function* faultsOfOrders(
  { snapshot }: InvariantContext,
  batch: readonly { left: ChargedOrder[]; right: Row[] }[],
): AsyncIterable<Violation> {
  const orders = batch.flatMap(({ left }) => left);
  const rows = new Map(batch.flatMap(({ left, right }) => left.map((order) => [order._id, right] as const)));
  const invoices = new Map<string, Invoice[]>();
  const where = { orderId: { $in: orders.map((order) => order._id) } };
  const fields = ['orderId', 'total', 'status', 'paidAt'] as const;
  for await (const invoice of snapshot.find('invoices', { fields, where })) {
    invoices.set(invoice.orderId, [...(invoices.get(invoice.orderId) ?? []), invoice]);
  }
  for (const facts of await factsOfOrders(snapshot, orders)) {
    const { _id } = facts.order;
    for (const fault of orderFaults(facts, rows.get(_id) ?? [], invoices.get(_id) ?? [])) {
      yield violation(_id, fault);
    }
  }
}
