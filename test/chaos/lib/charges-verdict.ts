import type { JournalCharge, PaymentJournal } from '@commissary/payments';
import type { Database } from '@commissary/store';
import type { Model } from './model.js';
import { collectionsOf } from '../../support/driver.js';

/** In the provider's own books: one charge of what was quoted for each purchase that succeeded, nothing kept for any other. [BUY-6] */
export const chargeFaults = async (
  model: Model,
  database: Database,
  journal: PaymentJournal,
  before: ReadonlySet<string>,
): Promise<string[]> => {
  const charges = await byOrder(journal);
  const faults: string[] = [];
  const known = new Set(before);
  for (const operation of await collectionsOf(database).operations.find({ type: 'purchase' }).toArray()) {
    if (operation.type !== 'purchase') continue;
    const { orderId, quoteId } = operation.request;
    known.add(orderId);
    const asked = model.operations.find(({ id }) => id === operation._id)?.purchase;
    if (!asked && !model.doubtful.has(quoteId)) continue;
    const succeeded = (charges.get(orderId) ?? []).filter(({ status }) => status === 'succeeded');
    const expected = operation.status === 'succeeded' && asked?.amountMinor !== 0 ? 1 : 0;
    const isPaid =
      expected === 1
        ? succeeded.length === 1 && (!asked || succeeded[0]?.amountMinor === asked.amountMinor)
        : succeeded.every(({ amountMinor, refundedMinor }) => amountMinor === refundedMinor);
    if (!isPaid) {
      const books = succeeded.map(
        ({ id, amountMinor, refundedMinor }) => `${id} ${amountMinor}-${refundedMinor}`,
      );
      faults.push(`${operation._id} is ${operation.status}; charged: ${books.join(', ') || 'nothing'}`);
    }
  }
  for (const orderId of charges.keys()) {
    if (!known.has(orderId)) faults.push(`${orderId} was charged, and no operation knows it`);
  }
  return faults;
};

const byOrder = async (journal: PaymentJournal): Promise<Map<string, JournalCharge[]>> => {
  const charges = new Map<string, JournalCharge[]>();
  for await (const charge of journal.charges()) {
    charges.set(charge.orderId, [...(charges.get(charge.orderId) ?? []), charge]);
  }
  return charges;
};
