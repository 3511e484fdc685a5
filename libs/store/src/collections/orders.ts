import {
  type Channel,
  CHANNELS,
  type ErrorCode,
  type Money,
  type Offer,
  OFFERS,
  ORDER_KINDS,
  ORDER_STATUSES,
  type OrderKind,
  type OrderStatus,
  type Period,
  type Term,
  TERMS,
} from '@commissary/domain';
import { defineCollection } from '../schema/define-collection.js';
import { nullable, object, oneOf, required } from '../schema/fields.js';
import { moneySchema } from './values.js';

export interface OrderDocument {
  _id: string;
  tenantId: string;
  /** The purchaser, or the admin who recorded a central order. */
  userId: string;
  kind: OrderKind;
  operationId: string | null;
  quoteId: string | null;
  subscriptionId: string;
  productId: string;
  productName: string;
  channel: Channel;
  offer: Offer;
  quantity: number;
  term: Term | null;
  unitPrice: Money;
  total: Money;
  /** What it pays for, from the moment it is settled; null for a trial and what a contract pays. */
  period: Period | null;
  status: OrderStatus;
  failure: ErrorCode | null;
  createdAt: Date;
  settledAt: Date | null;
}

export const orders = defineCollection<OrderDocument>('orders', {
  owner: 'tenant',
  retention: null,
  fields: {
    _id: required(String),
    tenantId: required(String),
    userId: required(String),
    kind: required(oneOf(ORDER_KINDS)),
    operationId: nullable(String),
    quoteId: nullable(String),
    subscriptionId: required(String),
    productId: required(String),
    productName: required(String),
    channel: required(oneOf(CHANNELS)),
    offer: required(oneOf(OFFERS)),
    quantity: required(Number),
    term: nullable(oneOf(TERMS)),
    unitPrice: required(moneySchema),
    total: required(moneySchema),
    period: nullable(object<Period>({ start: required(Date), end: required(Date) })),
    status: required(oneOf(ORDER_STATUSES)),
    failure: nullable(String),
    createdAt: required(Date),
    settledAt: nullable(Date),
  },
  indexes: [
    {
      key: { tenantId: 1, subscriptionId: 1, _id: -1 },
      serves: 'It lists the orders of a subscription, newest first. [ADM-1]',
    },
    { key: { operationId: 1 }, serves: 'It finds the order of an operation.' },
    {
      key: { tenantId: 1, userId: 1, productId: 1, offer: 1 },
      serves: 'It finds the trials that a user has taken. [BUY-8]',
    },
    {
      key: { tenantId: 1, userId: 1, productId: 1 },
      name: 'oneTrial',
      unique: true,
      partialFilterExpression: { offer: 'trial', status: { $in: ['pending', 'free', 'paid'] } },
      serves: 'A user takes one trial of a product, however often it is asked for at once. [BUY-8]',
    },
  ],
});
