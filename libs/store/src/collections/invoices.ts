import { INVOICE_STATUSES, type InvoiceStatus, type Money } from '@commissary/domain';
import { defineCollection } from '../schema/define-collection.js';
import { nullable, object, oneOf, required } from '../schema/fields.js';
import { moneySchema } from './values.js';

export interface InvoiceDocument {
  _id: string;
  tenantId: string;
  userId: string;
  orderId: string;
  subscriptionId: string;
  lines: { description: string; quantity: number; unitPrice: Money; amount: Money }[];
  total: Money;
  status: InvoiceStatus;
  issuedAt: Date;
  paidAt: Date | null;
}

export const invoices = defineCollection<InvoiceDocument>('invoices', {
  owner: 'tenant',
  retention: null,
  fields: {
    _id: required(String),
    tenantId: required(String),
    userId: required(String),
    orderId: required(String),
    subscriptionId: required(String),
    lines: required([
      object<InvoiceDocument['lines'][number]>({
        description: required(String),
        quantity: required(Number),
        unitPrice: required(moneySchema),
        amount: required(moneySchema),
      }),
    ]),
    total: required(moneySchema),
    status: required(oneOf(INVOICE_STATUSES)),
    issuedAt: required(Date),
    paidAt: nullable(Date),
  },
  indexes: [
    // Within one status the entries are in the order of ids, so that no list of bills is sorted. [OWN-4]
    {
      key: { tenantId: 1, status: 1, _id: -1 },
      name: 'ofTenant',
      serves: 'It lists the bills of a tenant, newest first.',
    },
    {
      key: { tenantId: 1, userId: 1, status: 1, _id: -1 },
      name: 'ofUser',
      serves: 'It lists the bills of a user, newest first.',
    },
    { key: { orderId: 1 }, serves: 'It finds the bill of an order.' },
  ],
});
