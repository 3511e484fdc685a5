import { isEnded } from '@commissary/domain';
import type { PaymentDocument } from '@commissary/store';
import type { Snapshot } from '../reading/snapshot.js';
import type { ChargedOrder } from './charged-order.js';
import { owedOrders } from './unpaid-renewals.js';

/** An order with all that was charged for it. */
export interface OrderFacts {
  order: ChargedOrder;
  /** One after the other: the next follows only after a decline. */
  payments: PaymentDocument[];
  /** A renewal that waits to be paid: its bill is open, and its subscription says so. */
  isOwed: boolean;
  /** Whether the operation that placed the order, or one that gives money back, may still go on. */
  isOpen: (operationId: string | null) => boolean;
}

const PAYMENT_FIELDS = [
  'tenantId',
  'orderId',
  'operationId',
  'paymentMethodId',
  'amount',
  'idempotencyKey',
  'status',
  'chargeId',
  'declineCode',
  'attempts',
  'nextCheckAt',
  'refunds',
  'createdAt',
  'settledAt',
] as const satisfies (keyof PaymentDocument)[];

/** For a batch of orders at a time. */
export const factsOfOrders = async (
  snapshot: Snapshot,
  orders: readonly ChargedOrder[],
): Promise<OrderFacts[]> => {
  const byOrder = new Map<string, PaymentDocument[]>();
  const where = { orderId: { $in: orders.map((order) => order._id) } };
  for await (const payment of snapshot.find('payments', { fields: PAYMENT_FIELDS, where })) {
    byOrder.set(payment.orderId, [...(byOrder.get(payment.orderId) ?? []), payment]);
  }
  const refunders = [...byOrder.values()].flat().flatMap(({ refunds }) => refunds.map((r) => r.operationId));
  const placers = orders.map((order) => order.operationId);
  const operations = await snapshot.byIds('operations', [...placers, ...refunders], ['status']);
  const isOpen = (operationId: string | null): boolean => {
    const operation = operations.get(operationId ?? '');
    return operation !== undefined && !isEnded(operation.status);
  };
  const owed = await owedOrders(snapshot, orders);
  return orders.map((order) => ({
    order,
    payments: byOrder.get(order._id) ?? [],
    isOwed: owed.has(order._id),
    isOpen,
  }));
};
