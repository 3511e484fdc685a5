import type { Money } from './money.js';

/** Accounts of the double-entry ledger, per tenant. */
export const LEDGER_ACCOUNTS = ['receivable', 'revenue', 'cash'] as const;
export type LedgerAccount = (typeof LEDGER_ACCOUNTS)[number];

export interface LedgerEntry {
  account: LedgerAccount;
  side: 'debit' | 'credit';
  amount: Money;
}

/** An invoice raised: the purchaser owes it, the vendor has earned it. */
export const invoiceEntries = (amount: Money): LedgerEntry[] => pair('receivable', 'revenue', amount);

/** A card charge that succeeded: cash settles what was owed. */
export const chargeEntries = (amount: Money): LedgerEntry[] => pair('cash', 'receivable', amount);

/** A refund to the card: revenue is given back out of cash. */
export const refundEntries = (amount: Money): LedgerEntry[] => pair('revenue', 'cash', amount);

/** An invoice given up: what was owed is owed no more, and was not earned. */
export const creditNoteEntries = (amount: Money): LedgerEntry[] => pair('revenue', 'receivable', amount);

const pair = (debit: LedgerAccount, credit: LedgerAccount, amount: Money): LedgerEntry[] => [
  { account: debit, side: 'debit', amount },
  { account: credit, side: 'credit', amount },
];
