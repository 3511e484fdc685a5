import { describe, expect, it } from '@jest/globals';
import {
  chargeEntries,
  creditNoteEntries,
  invoiceEntries,
  LEDGER_ACCOUNTS,
  refundEntries,
  type LedgerEntry,
} from './ledger.js';
import { money } from './money.js';

const balances = (entries: LedgerEntry[]): Record<string, number> =>
  Object.fromEntries(
    LEDGER_ACCOUNTS.map((account) => [
      account,
      entries
        .filter((entry) => entry.account === account)
        .reduce((sum, entry) => sum + (entry.side === 'debit' ? 1 : -1) * entry.amount.amountMinor, 0),
    ]),
  );

describe('ledger', () => {
  it('BUY-4 each posting balances', () => {
    for (const entries of [invoiceEntries, chargeEntries, refundEntries, creditNoteEntries]) {
      const sums = Object.values(balances(entries(money(999, 'USD'))));
      expect(sums.reduce((a, b) => a + b, 0)).toBe(0);
      expect(sums.some((sum) => sum !== 0)).toBe(true);
    }
  });

  it('BUY-4 each posting has one debit and one credit of the whole amount', () => {
    for (const entries of [invoiceEntries, chargeEntries, refundEntries, creditNoteEntries]) {
      const amount = money(999, 'GBP');
      expect(entries(amount)).toMatchObject([
        { side: 'debit', amount },
        { side: 'credit', amount },
      ]);
    }
  });

  it('BUY-4 OWN-5 a paid order leaves nothing owed, and a refund leaves cash and revenue equal', () => {
    const paid = [...invoiceEntries(money(999, 'USD')), ...chargeEntries(money(999, 'USD'))];
    expect(balances(paid)).toEqual({ receivable: 0, revenue: -999, cash: 999 });
    expect(balances([...paid, ...refundEntries(money(900, 'USD'))])).toEqual({
      receivable: 0,
      revenue: -99,
      cash: 99,
    });
  });

  it('BUY-9 SUB-3 a bill that was given up leaves nothing, as if it had never been raised', () => {
    const bill = invoiceEntries(money(999, 'USD'));
    expect(balances(bill)).toEqual({ receivable: 999, revenue: -999, cash: 0 });
    const givenUp = [...bill, ...creditNoteEntries(money(999, 'USD'))];
    expect(balances(givenUp)).toEqual({ receivable: 0, revenue: 0, cash: 0 });
  });
});
