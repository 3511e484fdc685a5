import {
  DECLINE_CODES,
  type DeclineCode,
  type Money,
  PAYMENT_STATUSES,
  type PaymentStatus,
} from '@commissary/domain';
import { defineCollection } from '../schema/define-collection.js';
import { nullable, object, oneOf, required } from '../schema/fields.js';
import { moneySchema } from './values.js';

export interface RefundRecord {
  id: string;
  /** The operation that gave it back. */
  operationId: string;
  idempotencyKey: string;
  amount: Money;
  /** Seats of the order that it takes back. */
  seats: number;
  status: 'pending' | 'succeeded';
  createdAt: Date;
  settledAt: Date | null;
}

/**
 * One attempt to charge an order, under one idempotency key for good. An order has one at a time: another follows only after a
 * decline, so that it can be charged once at most. [BUY-6, BUY-9]
 */
export interface PaymentDocument {
  _id: string;
  tenantId: string;
  orderId: string;
  operationId: string;
  paymentMethodId: string;
  amount: Money;
  idempotencyKey: string;
  status: PaymentStatus;
  chargeId: string | null;
  declineCode: DeclineCode | null;
  /** Calls of the provider that were about to be made; the first is counted before it is made. */
  attempts: number;
  /** When an unknown outcome is asked for again. */
  nextCheckAt: Date | null;
  refunds: RefundRecord[];
  createdAt: Date;
  settledAt: Date | null;
}

const refund = object<RefundRecord>({
  id: required(String),
  operationId: required(String),
  idempotencyKey: required(String),
  amount: required(moneySchema),
  seats: required(Number),
  status: required(oneOf(['pending', 'succeeded'])),
  createdAt: required(Date),
  settledAt: nullable(Date),
});

export const payments = defineCollection<PaymentDocument>('payments', {
  owner: 'tenant',
  retention: null,
  fields: {
    _id: required(String),
    tenantId: required(String),
    orderId: required(String),
    operationId: required(String),
    paymentMethodId: required(String),
    amount: required(moneySchema),
    idempotencyKey: required(String),
    status: required(oneOf(PAYMENT_STATUSES)),
    chargeId: nullable(String),
    declineCode: nullable(oneOf(DECLINE_CODES)),
    attempts: required(Number),
    nextCheckAt: nullable(Date),
    refunds: required([refund]),
    createdAt: required(Date),
    settledAt: nullable(Date),
  },
  indexes: [
    { key: { orderId: 1 }, serves: 'It finds the payments of an order.' },
    {
      key: { orderId: 1 },
      name: 'oneCharge',
      unique: true,
      partialFilterExpression: { status: { $in: ['pending', 'unknown', 'succeeded'] } },
      serves: 'No second charge of an order is begun beside one that succeeded, or may have. [BUY-6]',
    },
    {
      key: { idempotencyKey: 1 },
      unique: true,
      serves: 'It finds the payment that a provider speaks of; a key is used once.',
    },
    {
      key: { 'refunds.operationId': 1 },
      name: 'refunds',
      partialFilterExpression: { 'refunds.operationId': { $type: 'string' } },
      serves: 'It finds the refunds of an operation.',
    },
    {
      key: { status: 1, nextCheckAt: 1 },
      partialFilterExpression: { status: 'unknown' },
      serves: 'It finds payments whose outcome is not known. [BUY-6]',
    },
  ],
});
