import { type Money, type Offer, OFFERS, type Term, TERMS } from '@commissary/domain';
import { defineCollection } from '../schema/define-collection.js';
import { nullable, object, oneOf, required } from '../schema/fields.js';
import { RETENTION } from './retention.js';
import { moneySchema } from './values.js';

export interface QuoteDocument {
  _id: string;
  tenantId: string;
  userId: string;
  productId: string;
  productName: string;
  offer: Offer;
  /** Seats that are paid for. */
  quantity: number;
  term: Term | null;
  unitPrice: Money;
  total: Money;
  renewsAt: Date | null;
  /** More seats of a subscription that is there already: which, and how many it will have. [OWN-2] */
  seatChange: { subscriptionId: string; seats: number } | null;
  createdAt: Date;
  expiresAt: Date;
  /** The purchase that holds it; a decline or rejection sets it back to null. */
  operationId: string | null;
}

export const quotes = defineCollection<QuoteDocument>('quotes', {
  owner: 'tenant',
  retention: { field: 'createdAt', seconds: RETENTION.quotes },
  fields: {
    _id: required(String),
    tenantId: required(String),
    userId: required(String),
    productId: required(String),
    productName: required(String),
    offer: required(oneOf(OFFERS)),
    quantity: required(Number),
    term: nullable(oneOf(TERMS)),
    unitPrice: required(moneySchema),
    total: required(moneySchema),
    renewsAt: nullable(Date),
    seatChange: nullable(
      object<NonNullable<QuoteDocument['seatChange']>>({
        subscriptionId: required(String),
        seats: required(Number),
      }),
    ),
    createdAt: required(Date),
    expiresAt: required(Date),
    operationId: nullable(String),
  },
  indexes: [],
});
