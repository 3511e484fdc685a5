import type { Database, OperationDocument, OrderDocument } from '@commissary/store';
import type { Model } from './model.js';
import { collectionsOf } from '../../support/driver.js';

/** How many seats a subscription may have by now; a renewal to fewer seats keeps those that were taken meanwhile. */
interface SeatRange {
  least: number;
  most: number;
  /** Seats from the next renewal on, where fewer were asked for. */
  atRenewal: number | null;
}

type ChangeOrRenewal = Extract<OperationDocument, { type: 'seatChange' | 'renewal' }>;

/**
 * Each subscription that was bought has the seats that its purchase, its changes of seats and its renewals lead to, and was renewed
 * once for each term that was made to end. [BUY-9, OWN-2]
 */
export const subscriptionFaults = async (model: Model, database: Database): Promise<string[]> => {
  const faults: string[] = [];
  for (const { id, quantity } of await boughtIn(model, database)) {
    faults.push(...(await faultsOf(id, quantity, model, database)));
  }
  return faults;
};

/** Of central subscriptions, and of the purchases that succeeded. */
const boughtIn = async (model: Model, database: Database): Promise<{ id: string; quantity: number }[]> => {
  const quantities = new Map(model.operations.map(({ id, purchase }) => [id, purchase?.quantity]));
  const operations = await collectionsOf(database)
    .operations.find({ type: 'purchase', _id: { $in: [...quantities.keys()] }, status: 'succeeded' })
    .toArray();
  const bought = operations.flatMap((operation) =>
    operation.type === 'purchase'
      ? [{ id: operation.request.subscriptionId, quantity: quantities.get(operation._id) ?? 0 }]
      : [],
  );
  return [...bought, ...model.central];
};

const faultsOf = async (
  id: string,
  quantity: number,
  model: Model,
  database: Database,
): Promise<string[]> => {
  const found = await collectionsOf(database).subscriptions.findOne({ _id: id });
  if (!found) return [`${id} was bought and is not there`];
  const changes = (await collectionsOf(database)
    .operations.find({ subscriptionId: id, type: { $in: ['seatChange', 'renewal'] } })
    .sort({ createdAt: 1, _id: 1 })
    .toArray()) as ChangeOrRenewal[];
  const orders = await collectionsOf(database).orders.find({ subscriptionId: id }).toArray();
  const succeeded = changes.filter(({ status }) => status === 'succeeded');
  const faults = [
    ...seatCountFaults(quantity, found.seats.purchased, succeeded, orders),
    ...renewalFaults(id, model, succeeded),
  ];
  if (faults.length === 0) return [];
  const evidence = changes.map((change) => changeText(change, orders));
  const bought = `bought with ${quantity} seats; is ${found.status} and has ${found.seats.purchased}`;
  return [[`${id} ${faults.join('; ')}`, bought, ...evidence].join('\n    ')];
};

const seatCountFaults = (
  quantity: number,
  purchased: number,
  changes: readonly ChangeOrRenewal[],
  orders: readonly OrderDocument[],
): string[] => {
  let range: SeatRange = { least: quantity, most: quantity, atRenewal: null };
  for (const change of changes) {
    const next = afterChange(range, change, orders);
    if (typeof next === 'string') return [next];
    range = next;
  }
  if (purchased >= range.least && purchased <= range.most) return [];
  return [`has ${purchased} seats, not ${rangeText(range)}`];
};

/** One line of evidence. */
const changeText = (change: ChangeOrRenewal, orders: readonly OrderDocument[]): string => {
  const { _id, type, status, createdAt, endedAt, error } = change;
  const what =
    change.type === 'renewal'
      ? `of ${quantityOf(change, orders)} seats, order ${change.request.orderId}`
      : `from ${change.request.seatsBefore} to ${change.request.seats} seats, effective ${change.request.effective}`;
  const times = `${createdAt.toISOString()} to ${endedAt?.toISOString() ?? 'now'}`;
  return `${times} | ${type} ${what} (${_id}) | ${status}${error ? ` with ${error.code}` : ''}`;
};

const rangeText = ({ least, most }: SeatRange): string =>
  least === most ? String(least) : `${least} to ${most}`;

/** The range after a change; a text where the change is not possible. */
export const afterChange = (
  range: SeatRange,
  change: ChangeOrRenewal,
  orders: readonly Pick<OrderDocument, '_id' | 'quantity'>[],
): SeatRange | string => {
  if (change.type === 'renewal') return afterRenewal(range, change._id, quantityOf(change, orders));
  const { seats, seatsBefore, effective } = change.request;
  if (seatsBefore < range.least || seatsBefore > range.most) {
    return `${change._id} found ${seatsBefore} seats, not ${rangeText(range)}`;
  }
  if (effective === 'renewal') {
    const atRenewal = seats === seatsBefore ? null : seats;
    return { least: seatsBefore, most: seatsBefore, atRenewal };
  }
  return { least: seats, most: seats, atRenewal: seats > seatsBefore ? null : range.atRenewal };
};

const quantityOf = (
  { request }: Extract<ChangeOrRenewal, { type: 'renewal' }>,
  orders: readonly Pick<OrderDocument, '_id' | 'quantity'>[],
): number => orders.find(({ _id }) => _id === request.orderId)?.quantity ?? 0;

const afterRenewal = (
  { least, most, atRenewal }: SeatRange,
  id: string,
  quantity: number,
): SeatRange | string => {
  const fewest = Math.min(least, atRenewal ?? least);
  if (quantity < fewest || quantity > most) {
    return `${id} renewed ${quantity} seats, not ${rangeText({ least: fewest, most, atRenewal })}`;
  }
  return { least: quantity, most: atRenewal === null ? quantity : most, atRenewal: null };
};

/** A term that is over is renewed once, unless the subscription was taken over, or its renewal turned off, before that. */
const renewalFaults = (id: string, model: Model, changes: readonly ChangeOrRenewal[]): string[] => {
  const { certain = 0, doubtful = 0 } = model.termsEnded.get(id) ?? {};
  const renewed = changes.filter(({ type }) => type === 'renewal').length;
  const isTakenOver =
    model.doubtful.has(id) ||
    model.operations.some(
      ({ move, cancellation }) => move?.source === id || cancellation?.subscriptionId === id,
    );
  const least = Math.max(0, certain - Number(isTakenOver));
  const most = certain + doubtful;
  if (renewed >= least && renewed <= most) return [];
  return [`was renewed ${renewed} times, not ${least === most ? least : `${least} to ${most}`}`];
};
