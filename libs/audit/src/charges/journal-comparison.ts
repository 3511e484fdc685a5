import { setTimeout as delay } from 'node:timers/promises';
import { isEnded } from '@commissary/domain';
import type { JournalCharge, PaymentJournal } from '@commissary/payments';
import {
  acrossTenants,
  type Database,
  type OperationDocument,
  type OrderDocument,
  type PaymentDocument,
} from '@commissary/store';
import type { Snapshot } from '../reading/snapshot.js';
import { inBatches } from '../reading/streams.js';

type Payment = Pick<
  PaymentDocument,
  '_id' | 'orderId' | 'idempotencyKey' | 'status' | 'chargeId' | 'amount' | 'refunds'
>;

const FIELDS = ['orderId', 'idempotencyKey', 'status', 'chargeId', 'amount', 'refunds'] as const;

/**
 * Orders whose charges look different in the provider's journal, each at least once. The journal is read after the snapshot
 * and may know more. Every charge is looked up among the payments by its key; the other way round is only gone where the
 * numbers differ.
 */
export async function* journalSuspects(snapshot: Snapshot, journal: PaymentJournal): AsyncIterable<string> {
  let matched = 0;
  for await (const batch of inBatches(journal.charges())) {
    const byKey = await paymentsByKey(
      snapshot,
      batch.map((charge) => charge.idempotencyKey),
    );
    for (const charge of batch) {
      const payment = byKey.get(charge.idempotencyKey);
      if (payment && isMirrored(payment, charge)) matched += charge.status === 'succeeded' ? 1 : 0;
      else yield charge.orderId;
    }
  }
  if (matched !== (await succeededPayments(snapshot))) yield* ordersOfSucceeded(snapshot);
}

const paymentsByKey = async (snapshot: Snapshot, keys: string[]): Promise<ReadonlyMap<string, Payment>> => {
  const found = new Map<string, Payment>();
  const where = { idempotencyKey: { $in: keys } };
  for await (const payment of snapshot.find('payments', { fields: FIELDS, where })) {
    found.set(payment.idempotencyKey, payment);
  }
  return found;
};

const succeededPayments = async (snapshot: Snapshot): Promise<number> => {
  const counting = snapshot.aggregate<{ count: number }>('payments', [
    { $match: { status: 'succeeded' } },
    { $count: 'count' },
  ]);
  for await (const { count } of counting) return count;
  return 0;
};

async function* ordersOfSucceeded(snapshot: Snapshot): AsyncIterable<string> {
  const payments = snapshot.find('payments', { fields: ['orderId'], where: { status: 'succeeded' } });
  for await (const { orderId } of payments) yield orderId;
}

const settledRefunds = (payment: Payment): number =>
  payment.refunds.filter((r) => r.status === 'succeeded').reduce((sum, r) => sum + r.amount.amountMinor, 0);

const plannedRefunds = (payment: Payment): number =>
  payment.refunds.reduce((sum, r) => sum + r.amount.amountMinor, 0);

/** The payment says of the charge what the provider says. */
const isMirrored = (payment: Payment, charge: JournalCharge): boolean =>
  payment.orderId === charge.orderId &&
  payment.status === charge.status &&
  payment.amount.amountMinor === charge.amountMinor &&
  payment.amount.currency === charge.currency &&
  (charge.status === 'declined' || payment.chargeId === charge.id) &&
  settledRefunds(payment) === charge.refundedMinor;

interface Both {
  charges: JournalCharge[];
  order: OrderDocument | null;
  payments: Payment[];
  operation: OperationDocument | null;
  /** Those that give money back. */
  refunders: ReadonlyMap<string, OperationDocument>;
}

const READS = 3;
const BETWEEN_READS_MS = 100;

/** What still differs when the journal and then the books are read afresh, several times: not just the moment between. */
export const verifiedJournalFaults = async (
  database: Database,
  journal: PaymentJournal,
  orderId: string,
): Promise<string[]> => {
  let faults: string[] = [];
  for (let read = 0; read < READS; read += 1) {
    if (read > 0) await delay(BETWEEN_READS_MS);
    faults = differences(await readBoth(database, journal, orderId));
    if (faults.length === 0) return [];
  }
  return faults;
};

const AUDIT = acrossTenants('audit: an order against the journal');

const readBoth = async (database: Database, journal: PaymentJournal, orderId: string): Promise<Both> => {
  const charges = await journal.chargesOfOrder(orderId);
  const { orders, payments, operations } = database.models;
  const order = await orders.findOne({ _id: orderId }, null, AUDIT).lean();
  const booked = await payments.find({ orderId }, null, AUDIT).lean();
  const refunderIds = booked.flatMap((payment) => payment.refunds.map((refund) => refund.operationId));
  const wanted = [...refunderIds, ...(order?.operationId ? [order.operationId] : [])];
  const found = await operations.find({ _id: { $in: wanted } }, null, AUDIT).lean();
  const refunders = new Map(found.map((operation) => [operation._id, operation]));
  return {
    charges,
    order,
    payments: booked,
    operation: refunders.get(order?.operationId ?? '') ?? null,
    refunders,
  };
};

const differences = (both: Both): string[] => {
  const { charges, order, payments, operation } = both;
  const open = operation !== null && !isEnded(operation.status);
  const succeeded = charges.filter((charge) => charge.status === 'succeeded');
  const faults: string[] = [];
  if (!order && succeeded.length > 0)
    return [`was charged (${succeeded[0]?.id ?? ''}), and there is no such order`];
  if (succeeded.length > 1) faults.push(`was charged ${succeeded.length} times`);
  for (const payment of payments.filter((p) => p.status === 'succeeded')) {
    const charge = succeeded.find((c) => c.idempotencyKey === payment.idempotencyKey);
    faults.push(
      ...(charge ? unlike(payment, charge, both) : [`its charge ${payment._id} is not in the journal`]),
    );
  }
  const booked = new Set(payments.filter((p) => p.status === 'succeeded').map((p) => p.idempotencyKey));
  for (const charge of succeeded) {
    const givenBack = charge.refundedMinor === charge.amountMinor;
    if (!booked.has(charge.idempotencyKey) && !open && !givenBack) {
      faults.push(`the charge ${charge.id} in the journal was not recorded`);
    }
  }
  return faults;
};

/** A refund that was planned may have been given and not been recorded yet, while its operation is open. */
const unlike = (payment: Payment, charge: JournalCharge, { refunders }: Both): string[] => {
  const faults: string[] = [];
  const { amountMinor, currency } = payment.amount;
  if (amountMinor !== charge.amountMinor || currency !== charge.currency) {
    faults.push(
      `its charge is of ${charge.amountMinor} ${charge.currency}, recorded ${amountMinor} ${currency}`,
    );
  }
  if (payment.chargeId !== charge.id)
    faults.push(`its charge is ${charge.id}, recorded ${payment.chargeId ?? 'none'}`);
  const pending = payment.refunds.filter((refund) => refund.status === 'pending');
  const explained =
    pending.every(({ operationId }) => {
      const refunder = refunders.get(operationId);
      return refunder !== undefined && !isEnded(refunder.status);
    }) && charge.refundedMinor <= plannedRefunds(payment);
  const recorded = settledRefunds(payment);
  if (charge.refundedMinor < recorded || (charge.refundedMinor > recorded && !explained)) {
    faults.push(`${charge.refundedMinor} were given back, ${recorded} recorded`);
  }
  return faults;
};
