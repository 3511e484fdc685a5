import {
  type Lifecycle,
  type Money,
  type Origin,
  ORIGINS,
  type Reservation,
  SUBSCRIPTION_STATUSES,
  type SubscriptionStatus,
  type Term,
  TERMS,
  type UnpaidRenewal,
} from '@commissary/domain';
import { defineCollection } from '../schema/define-collection.js';
import { nullable, object, oneOf, required } from '../schema/fields.js';
import { moneySchema, statusHistory } from './values.js';

export interface SubscriptionDocument {
  _id: string;
  tenantId: string;
  productId: string;
  productName: string;
  origin: Origin;
  status: SubscriptionStatus;
  isTrial: boolean;
  purchaserId: string | null;
  /** What the filter `q` may begin with: product's name, purchaser's e-mail and name, words of names; folded. */
  searchKeys: string[];
  seats: { purchased: number; assigned: number; reservations: Reservation[] };
  unitPrice: Money;
  purchasePrice: Money;
  term: Term | null;
  startedAt: Date;
  /** Start of the term that runs: the day of start or of the last renewal. */
  termStartedAt: Date;
  expiresAt: Date;
  renewsAt: Date | null;
  autoRenew: boolean;
  paymentMethodId: string | null;
  /** Reminders, renewals, dunning and the way to its end. [BUY-9, SUB-3] */
  lifecycle: Lifecycle;
  /** The lock: the one operation that may change it now. [MOV-6] */
  operationId: string | null;
  history: { status: SubscriptionStatus; at: Date }[];
  /** Raised by every change but those of its seat counter. */
  version: number;
}

const seats = object<SubscriptionDocument['seats']>({
  purchased: required(Number),
  assigned: required(Number),
  reservations: required([object<Reservation>({ operationId: required(String), seats: required(Number) })]),
});

const lifecycle = object<Lifecycle>({
  dueAt: nullable(Date),
  anchorAt: required(Date),
  terms: required(Number),
  seatsAtRenewal: nullable(Number),
  remindedOf: nullable(Date),
  pricedFor: nullable(Date),
  rise: nullable(
    object<NonNullable<Lifecycle['rise']>>({ unitPrice: required(moneySchema), announcedAt: required(Date) }),
  ),
  unpaid: nullable(
    object<UnpaidRenewal>({
      orderId: required(String),
      invoiceId: required(String),
      tries: required(Number),
      firstTriedAt: required(Date),
      nextTryAt: nullable(Date),
    }),
  ),
});

export const subscriptions = defineCollection<SubscriptionDocument>('subscriptions', {
  owner: 'tenant',
  retention: null,
  fields: {
    _id: required(String),
    tenantId: required(String),
    productId: required(String),
    productName: required(String),
    origin: required(oneOf(ORIGINS)),
    status: required(oneOf(SUBSCRIPTION_STATUSES)),
    isTrial: required(Boolean),
    purchaserId: nullable(String),
    searchKeys: required([String]),
    seats: required(seats),
    unitPrice: required(moneySchema),
    purchasePrice: required(moneySchema),
    term: nullable(oneOf(TERMS)),
    startedAt: required(Date),
    termStartedAt: required(Date),
    expiresAt: required(Date),
    renewsAt: nullable(Date),
    autoRenew: required(Boolean),
    paymentMethodId: nullable(String),
    lifecycle: required(lifecycle),
    operationId: nullable(String),
    history: required([statusHistory(SUBSCRIPTION_STATUSES)]),
    version: required(Number),
  },
  indexes: [
    // Within one origin and status the entries are in the order of ids, so that no list is sorted. [ADM-1]
    {
      key: { tenantId: 1, origin: 1, status: 1, _id: -1 },
      serves: 'It lists subscriptions by origin and status.',
    },
    {
      key: { tenantId: 1, productId: 1, origin: 1, status: 1, _id: -1 },
      name: 'ofProduct',
      serves: 'It lists the subscriptions of a product.',
    },
    {
      key: { tenantId: 1, purchaserId: 1, origin: 1, status: 1, _id: -1, productId: 1 },
      name: 'ofPurchaser',
      serves: 'It lists the subscriptions of a purchaser. [OWN-1]',
    },
    {
      key: { tenantId: 1, searchKeys: 1, _id: -1, origin: 1, status: 1, productId: 1, purchaserId: 1 },
      name: 'byKey',
      serves: 'It finds the subscriptions that a text finds, beside any filter. [ADM-1]',
    },
    {
      key: { tenantId: 1, _id: -1, origin: 1, status: 1, productId: 1, purchaserId: 1, searchKeys: 1 },
      name: 'byTime',
      serves: 'It lists all subscriptions, newest first, with or without a text that many match. [ADM-1]',
    },
    {
      // No counter is in it, so that assigning a license does not write it.
      key: { tenantId: 1, productId: 1, purchaserId: 1, _id: 1, origin: 1 },
      partialFilterExpression: { status: { $in: ['active', 'expired', 'disabled'] } },
      name: 'livingSeats',
      serves: 'It sums the seats of living subscriptions by product and purchaser. [ADM-2, ADM-4]',
    },
    {
      key: { paymentMethodId: 1 },
      partialFilterExpression: { paymentMethodId: { $type: 'string' } },
      serves: 'It finds what is paid with a card.',
    },
    {
      key: { 'lifecycle.dueAt': 1 },
      partialFilterExpression: { 'lifecycle.dueAt': { $type: 'date' } },
      name: 'due',
      serves: 'It finds subscriptions of which something is due. [BUY-9, SUB-3]',
    },
  ],
});
