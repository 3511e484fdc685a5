import { describe, expect, it } from '@jest/globals';
import type { Lifecycle, SubscriptionStatus } from '@commissary/domain';
import type { InvoiceDocument } from '@commissary/store';
import { type BilledTo, invoicePage, moneyText } from './invoice.page.js';
import { payBy } from './pay-by.js';

describe('[OWN-4] the printable invoice', () => {
  it('writes amounts in the units of their currency', () => {
    expect(moneyText({ amountMinor: 11_988, currency: 'USD' })).toBe('$119.88');
    expect(moneyText({ amountMinor: 1_500, currency: 'JPY' })).toBe('¥1,500');
  });

  const at = new Date('2030-01-15T08:00:00Z');
  const price = { amountMinor: 999, currency: 'USD' };
  const invoice: InvoiceDocument = {
    _id: 'inv_1',
    tenantId: 'ten_1',
    userId: 'usr_1',
    orderId: 'ord_1',
    subscriptionId: 'sub_1',
    lines: [
      { description: 'Pro <b>', quantity: 3, unitPrice: price, amount: { ...price, amountMinor: 2997 } },
    ],
    total: { ...price, amountMinor: 2997 },
    status: 'paid',
    issuedAt: at,
    paidAt: at,
  };
  const billedTo: BilledTo = {
    tenant: { displayName: 'Contoso & Sons', locale: 'en' },
    purchaser: { displayName: '<script>alert(1)</script>', email: 'a@contoso.example' },
    payBy: null,
  };

  it('keeps names from becoming markup', () => {
    const page = invoicePage(invoice, billedTo);
    expect(page).not.toContain('<script>');
    expect(page).toContain('Contoso &amp; Sons');
    expect(page).toContain('Pro &lt;b&gt;');
    expect(page).toContain('$29.97');
  });

  it('says whether it is paid, is to be paid by a day, or never will be', () => {
    const open = { ...invoice, paidAt: null, status: 'open' as const };
    expect(invoicePage(invoice, billedTo)).toContain('Paid by card on January 15, 2030');
    expect(invoicePage(open, { ...billedTo, payBy: at })).toContain('Open</strong>: pay by January 15, 2030');
    expect(invoicePage({ ...open, status: 'void' }, billedTo)).toContain(
      'Void</strong>: nothing is to be paid',
    );
  });
});

describe('[OWN-4, SUB-3] an open bill', () => {
  const day = (text: string) => new Date(`2030-${text}T10:00:00Z`);
  const unpaid = { orderId: 'o', invoiceId: 'i', tries: 1, firstTriedAt: day('01-31'), nextTryAt: null };
  const life: Omit<Lifecycle, 'unpaid'> = {
    dueAt: null,
    anchorAt: day('01-01'),
    terms: 1,
    seatsAtRenewal: null,
    remindedOf: null,
    pricedFor: null,
    rise: null,
  };

  it.each<[SubscriptionStatus, Date | null]>([
    ['active', day('02-14')],
    ['expired', day('03-17')],
    ['disabled', day('05-16')],
    ['deleted', null],
  ])('of a subscription that is %s is to be paid by %s', (status, by) => {
    const history = [
      { status: 'active' as const, at: day('01-01') },
      { status, at: day('02-15') },
    ];
    const subscription = { status, history, expiresAt: day('01-31'), lifecycle: { ...life, unpaid } };
    expect(payBy(subscription)).toEqual(by);
    expect(payBy({ ...subscription, lifecycle: { ...life, unpaid: null } })).toBeNull();
  });
});
