import type { OrderStatus, PaymentStatus } from '@commissary/domain';
import type { PaymentJournal } from '@commissary/payments';
import type { PaymentDocument } from '@commissary/store';
import { type ChargedOrder, ORDER_FIELDS } from '../charges/charged-order.js';
import { factsOfOrders, type OrderFacts } from '../charges/order-facts.js';
import { journalSuspects, verifiedJournalFaults } from '../charges/journal-comparison.js';
import type { Invariant, InvariantContext, Violation } from '../invariant.js';
import { inBatches } from '../reading/streams.js';

export const chargedOnce: Invariant = {
  number: 3,
  title:
    "exactly one charge per paid order, none net of refunds for another, equal to the provider's journal",
  notChecked: ({ journal }) =>
    journal ? null : "3: charges against the payment provider's journal, for none was given",
  async *check(context) {
    const orders = context.snapshot.find('orders', { fields: ORDER_FIELDS });
    for await (const batch of inBatches(orders)) {
      for (const facts of await factsOfOrders(context.snapshot, batch)) yield* bookedFaults(facts);
    }
    yield* orphanPayments(context);
    if (context.journal) yield* againstJournal(context, context.journal);
  },
};

const violation = (subject: string, detail: string): Violation => ({ invariant: 3, subject, detail });

const UNCHARGED: readonly OrderStatus[] = ['free', 'recorded'];
const UNDECIDED: readonly PaymentStatus[] = ['pending', 'unknown'];

/** What Commissary's own books say. An order whose operation is open may be anywhere between asked and settled. */
const bookedFaults = (facts: OrderFacts): Violation[] => {
  const { order, payments, isOpen } = facts;
  const forgotten = payments.flatMap(({ refunds }) =>
    refunds.filter((r) => r.status === 'pending' && !isOpen(r.operationId)),
  );
  const promised = forgotten.map((r) =>
    violation(order._id, `its refund ${r.id} is pending, and no operation will give it`),
  );
  return [...promised, ...attemptFaults(facts), ...statusFaults(facts, isOpen(order.operationId))];
};

/** However often a renewal is tried, one attempt is under way at most, and one succeeds. [BUY-9] */
const attemptFaults = ({ order, payments }: OrderFacts): Violation[] => {
  const charged = payments.filter((payment) => payment.status === 'succeeded');
  const undecided = payments.filter((payment) => UNDECIDED.includes(payment.status));
  const faults: string[] = [];
  if (charged.length > 1) faults.push(`has ${charged.length} successful charges`);
  if (undecided.length > 1) faults.push(`has ${undecided.length} charges under way`);
  if (charged.length > 0 && undecided.length > 0) faults.push('was charged, and is being charged again');
  return faults.map((fault) => violation(order._id, fault));
};

const statusFaults = ({ order, payments, isOwed }: OrderFacts, open: boolean): Violation[] => {
  const charged = payments.filter((payment) => payment.status === 'succeeded');
  if (order.status === 'paid') return paidFaults(order, charged);
  if (UNCHARGED.includes(order.status) && charged.length > 0) {
    return [violation(order._id, `is ${order.status} and was charged by ${charged[0]?._id ?? ''}`)];
  }
  if (open) return [];
  const faults = charged
    .filter((payment) => refunded(payment) !== payment.amount.amountMinor)
    .map(({ _id }) =>
      violation(order._id, `is ${order.status}, and its charge ${_id} was not given back in full`),
    );
  if (order.status === 'pending' && !isOwed)
    faults.push(violation(order._id, 'is pending, and no operation will settle it'));
  const undecided = payments.filter((payment) => UNDECIDED.includes(payment.status));
  return [
    ...faults,
    ...undecided.map((p) =>
      violation(order._id, `its payment ${p._id} is ${p.status}, and no operation is open`),
    ),
  ];
};

const paidFaults = (order: ChargedOrder, charged: readonly PaymentDocument[]): Violation[] => {
  const { amountMinor, currency } = order.total;
  if (charged.length === 0 && amountMinor > 0) return [violation(order._id, 'is paid and was not charged')];
  return charged.flatMap((payment) => {
    const faults: string[] = [];
    const { amount, chargeId, _id } = payment;
    if (amount.amountMinor !== amountMinor || amount.currency !== currency)
      faults.push(`${_id} is not of its total`);
    if (chargeId === null) faults.push(`${_id} succeeded without a charge`);
    if (refunded(payment) > amount.amountMinor) faults.push(`${_id} gave back more than was paid`);
    return faults.map((fault) => violation(order._id, fault));
  });
};

const refunded = ({ refunds }: Pick<PaymentDocument, 'refunds'>): number =>
  refunds.filter((r) => r.status === 'succeeded').reduce((sum, r) => sum + r.amount.amountMinor, 0);

async function* orphanPayments({ snapshot }: InvariantContext): AsyncIterable<Violation> {
  for await (const batch of inBatches(snapshot.find('payments', { fields: ['orderId'] }))) {
    const orders = await snapshot.byIds(
      'orders',
      batch.map((payment) => payment.orderId),
      [],
    );
    for (const { _id, orderId } of batch) {
      if (!orders.has(orderId)) yield violation(orderId, `does not exist, and payment ${_id} is for it`);
    }
  }
}

/** What differs at first sight may only have happened since: it counts if it still differs when both are read again. */
async function* againstJournal(context: InvariantContext, journal: PaymentJournal): AsyncIterable<Violation> {
  const faulty = new Set<string>();
  for await (const orderId of journalSuspects(context.snapshot, journal)) {
    if (faulty.has(orderId)) continue;
    for (const detail of await verifiedJournalFaults(context.database, journal, orderId)) {
      faulty.add(orderId);
      yield violation(orderId, detail);
    }
  }
}
