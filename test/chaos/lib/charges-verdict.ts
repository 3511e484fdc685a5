import type { JournalCharge, PaymentJournal } from '@commissary/payments';
import type { Database, OperationDocument } from '@commissary/store';
import type { Model } from './model.js';
import { collectionsOf } from '../../support/driver.js';

/** What must have been charged for one order. */
interface Expected {
  operation: OperationDocument;
  orderId: string;
  /** Minor units; zero where nothing may be kept, null where the price was not answered to anybody. */
  amountMinor: number | null;
}

/**
 * The provider's own books hold one charge of what was quoted for each purchase and for each change to more seats that succeeded, one
 * charge of the quoted price of each seat for each renewal, and nothing is kept for any other order. [BUY-6, BUY-9, OWN-2]
 */
export const chargeFaults = async (
  model: Model,
  database: Database,
  journal: PaymentJournal,
  before: ReadonlySet<string>,
): Promise<string[]> => {
  const charges = await byOrder(journal);
  const expected = await expectedIn(model, database);
  const known = new Set([...before, ...expected.map(({ orderId }) => orderId)]);
  const unknown = [...charges.keys()].filter((orderId) => !known.has(orderId));
  return [
    ...expected
      .filter(({ orderId }) => !before.has(orderId))
      .flatMap((each) => faultsOf(each, charges.get(each.orderId) ?? [])),
    ...unknown.map((orderId) => `${orderId} was charged, and no operation knows it`),
  ];
};

const faultsOf = ({ operation, amountMinor }: Expected, charges: readonly JournalCharge[]): string[] => {
  const succeeded = charges.filter(({ status }) => status === 'succeeded');
  const isPaid =
    amountMinor === 0
      ? succeeded.every((charge) => charge.amountMinor === charge.refundedMinor)
      : succeeded.length === 1 && (amountMinor === null || succeeded[0]?.amountMinor === amountMinor);
  if (isPaid) return [];
  const books = succeeded.map((charge) => `${charge.id} ${charge.amountMinor}-${charge.refundedMinor}`);
  const { _id, type, status } = operation;
  const wanted = amountMinor === null ? 'one charge' : String(amountMinor);
  return [`${_id} (${type}) is ${status}; charged: ${books.join(', ') || 'nothing'}; expected: ${wanted}`];
};

const expectedIn = async (model: Model, database: Database): Promise<Expected[]> => {
  const operations = await collectionsOf(database)
    .operations.find({ type: { $in: ['purchase', 'seatChange', 'renewal'] } })
    .toArray();
  const orders = await collectionsOf(database)
    .orders.find({}, { projection: { quantity: 1 } })
    .toArray();
  const quantities = new Map(orders.map(({ _id, quantity }) => [_id, quantity]));
  const unitPrices = unitPricesOf(model, operations);
  const paid = new Set(operations.filter(({ status }) => status === 'succeeded').map(orderIdOf));
  return operations.flatMap((operation): Expected[] => {
    const orderId = orderIdOf(operation);
    // A declined renewal leaves its order to the next attempt.
    if (operation.status !== 'succeeded')
      return paid.has(orderId) ? [] : [{ operation, orderId, amountMinor: 0 }];
    const told = model.operations.find(({ id }) => id === operation._id);
    if (operation.type !== 'renewal') {
      const amountMinor = (told?.purchase ?? told?.seatChange)?.amountMinor ?? paidBy(operation);
      return [{ operation, orderId, amountMinor }];
    }
    const unitPrice = unitPrices.get(operation.subscriptionId ?? '');
    const quantity = quantities.get(orderId) ?? 0;
    return [{ operation, orderId, amountMinor: unitPrice === undefined ? null : unitPrice * quantity }];
  });
};

const orderIdOf = ({ request }: OperationDocument): string => ('orderId' in request ? request.orderId : '');

/** Of an operation that nobody was told of: null if something was paid for it. */
const paidBy = ({ type, result }: OperationDocument): number | null => {
  const charged = type === 'purchase' || type === 'seatChange' ? result?.charged?.amountMinor : 0;
  return charged ? null : 0;
};

/** The price of a seat for a term, as the purchase of each subscription was quoted; prices do not change during a run. */
const unitPricesOf = (model: Model, operations: readonly OperationDocument[]): Map<string, number> => {
  const purchases = new Map(model.operations.map(({ id, purchase }) => [id, purchase]));
  return new Map(
    operations.flatMap((operation): [string, number][] => {
      const asked = purchases.get(operation._id);
      if (operation.type !== 'purchase' || !asked) return [];
      return [[operation.request.subscriptionId, asked.amountMinor / asked.quantity]];
    }),
  );
};

const byOrder = async (journal: PaymentJournal): Promise<Map<string, JournalCharge[]>> => {
  const charges = new Map<string, JournalCharge[]>();
  for await (const charge of journal.charges()) {
    charges.set(charge.orderId, [...(charges.get(charge.orderId) ?? []), charge]);
  }
  return charges;
};
