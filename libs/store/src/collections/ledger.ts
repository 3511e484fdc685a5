import { LEDGER_ACCOUNTS, type LedgerEntry } from '@commissary/domain';
import { defineCollection } from '../schema/define-collection.js';
import { object, oneOf, required } from '../schema/fields.js';
import { moneySchema } from './values.js';

/** One balanced transaction of the append-only ledger. */
export interface LedgerDocument {
  _id: string;
  tenantId: string;
  kind: 'invoice' | 'charge' | 'refund' | 'creditNote';
  orderId: string;
  entries: LedgerEntry[];
  at: Date;
}

export const ledger = defineCollection<LedgerDocument>('ledger', {
  owner: 'tenant',
  retention: null,
  fields: {
    _id: required(String),
    tenantId: required(String),
    kind: required(oneOf(['invoice', 'charge', 'refund', 'creditNote'])),
    orderId: required(String),
    entries: required([
      object<LedgerEntry>({
        account: required(oneOf(LEDGER_ACCOUNTS)),
        side: required(oneOf(['debit', 'credit'])),
        amount: required(moneySchema),
      }),
    ]),
    at: required(Date),
  },
  indexes: [{ key: { orderId: 1 }, serves: 'It finds what was booked for an order.' }],
});
