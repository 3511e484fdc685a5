import { describe, expect, it } from '@jest/globals';
import { prefersHtml } from './accepts-html.js';
import { invoicePage, moneyText } from './invoice.page.js';

describe('[OWN-4] the printable invoice', () => {
  it.each<[string | undefined, boolean]>([
    [undefined, false],
    ['*/*', false],
    ['application/json', false],
    ['text/html', true],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', true],
    ['application/json, text/html;q=0.5', false],
  ])('Accept: %s asks for a page: %s', (accept, html) => {
    expect(prefersHtml(accept)).toBe(html);
  });

  it('writes amounts in the units of their currency', () => {
    expect(moneyText({ amountMinor: 11_988, currency: 'USD' })).toBe('$119.88');
    expect(moneyText({ amountMinor: 1_500, currency: 'JPY' })).toBe('¥1,500');
  });

  it('keeps names from becoming markup', () => {
    const at = new Date('2030-01-15T08:00:00Z');
    const price = { amountMinor: 999, currency: 'USD' };
    const page = invoicePage(
      {
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
      },
      {
        tenant: { displayName: 'Contoso & Sons', locale: 'en' },
        purchaser: { displayName: '<script>alert(1)</script>', email: 'a@contoso.example' },
        payBy: null,
      },
    );
    expect(page).not.toContain('<script>');
    expect(page).toContain('Contoso &amp; Sons');
    expect(page).toContain('Pro &lt;b&gt;');
    expect(page).toContain('$29.97');
  });
});
