import { newId } from '@commissary/platform';
import {
  type Database,
  type OperationOf,
  OperationsRepository,
  type PaymentMethodDocument,
  type QuoteDocument,
  type UserDocument,
} from '@commissary/store';
import { clear, insertAll } from './fresh.js';
import { PURCHASE_COLLECTIONS, quoteFor, type Shop } from './shop.js';
import { collectionsOf } from '../../../support/driver.js';

/** Purchases as the gateway has just accepted them, one per buyer. */
export interface PurchaseData {
  operations: OperationOf<'purchase'>[];
  quotes: QuoteDocument[];
}

export const purchaseData = ({ buyers, cards }: Shop, count: number): PurchaseData => {
  const chosen = buyers.slice(0, count);
  if (chosen.length < count) throw new Error(`${count} purchases need as many buyers`);
  const operations = chosen.map((buyer, place) => operationOf(buyer, cards[place]));
  const quotes = operations.map((operation, place) => {
    const buyer = chosen[place];
    if (!buyer) throw new Error('no buyer');
    return { ...quoteFor(buyer, operation._id), _id: operation.request.quoteId };
  });
  return { operations, quotes };
};

const operationOf = (buyer: UserDocument, card: PaymentMethodDocument | undefined): OperationOf<'purchase'> =>
  OperationsRepository.newDocument(
    {
      id: newId('op'),
      tenantId: buyer.tenantId,
      type: 'purchase',
      subscriptionId: null,
      request: {
        quoteId: newId('quo'),
        paymentMethodId: card?._id ?? null,
        orderId: newId('ord'),
        paymentId: newId('pay'),
        subscriptionId: newId('sub'),
      },
      requestedBy: { userId: buyer._id, displayName: buyer.displayName, tenantId: buyer.tenantId },
      origin: { ip: '127.0.0.1', requestId: newId('req') },
      total: 1,
    },
    new Date(Date.now() - 60_000),
  );

export const loadPurchases = async (database: Database, data: PurchaseData): Promise<void> => {
  await clear(database, PURCHASE_COLLECTIONS);
  await insertAll(database, 'quotes', data.quotes);
  await insertAll(database, 'operations', data.operations);
};

/** Throws unless every purchase has ended well. */
export const requirePurchased = async (database: Database, { operations }: PurchaseData): Promise<void> => {
  const succeeded = await collectionsOf(database).operations.countDocuments({ status: 'succeeded' });
  if (succeeded === operations.length) return;
  throw new Error(`${succeeded} of ${operations.length} purchases succeeded`);
};

/** Ids that were minted when the purchases were accepted. */
export const idsOf = ({ operations }: PurchaseData): Set<string> =>
  new Set(
    operations.flatMap(({ _id, origin, request }) => [
      _id,
      origin.requestId,
      request.orderId,
      request.paymentId,
      request.subscriptionId,
    ]),
  );
