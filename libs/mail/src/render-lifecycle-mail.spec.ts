import { describe, expect, it } from '@jest/globals';
import type { NotificationParams } from '@commissary/contracts';
import { renderMail, type TemplateWithParams } from './render-mail.js';

const money = (amountMinor: number, currency = 'USD') => ({ amountMinor, currency });

const render = (what: TemplateWithParams) =>
  renderMail({
    ...what,
    recipient: { email: 'blake@contoso.example', displayName: 'Blake', locale: 'en' },
    links: { publicUrl: 'https://buy.vendor.example/' },
    messageId: '<ntf_1@vendor.example>',
  });

const declined: NotificationParams<'cardDeclined'> = {
  orderId: 'ord_1',
  productName: 'Power BI Pro',
  quantity: 25,
  total: money(24_975),
  reason: 'insufficient_funds',
  renewal: { invoiceId: 'inv_1', subscriptionId: 'sub_1', tryAgainAt: '2025-12-23T23:30:00Z' },
};

const reminder: NotificationParams<'renewalReminder'> = {
  subscriptionId: 'sub_1',
  productName: 'Power BI Pro',
  quantity: 25,
  term: 'P1M',
  renewsAt: '2025-12-21T23:30:00Z',
  unitPrice: money(1_099),
  total: money(27_475),
  card: { brand: 'Visa', last4: '4242' },
  oldUnitPrice: null,
};

const seats: NotificationParams<'seatsChanged'> = {
  subscriptionId: 'sub_1',
  productName: 'Power BI Pro',
  before: 100,
  after: 105,
  effectiveAt: null,
  charged: money(2_500),
  refunded: null,
  invoiceId: 'inv_2',
};

describe('a renewal that could not be charged', () => {
  it('[BUY-9, OWN-4] tells when the card is tried again, and where to pay before', async () => {
    const { subject, text } = await render({ template: 'cardDeclined', params: declined });
    expect(subject).toBe('Your renewal of Power BI Pro could not be charged');
    expect(text).toContain(
      'The renewal of your 25 seats of Power BI Pro for $249.75 could not be charged. There was not enough money',
    );
    expect(text).toContain('Your card is tried again on December 23, 2025.');
    expect(text).toContain('https://buy.vendor.example/v1/invoices/inv_1');
    expect(text).not.toMatch(/nothing was bought|place the order again/);
  });

  it('[BUY-9] or that nobody tries again by himself, and what then happens', async () => {
    const renewal = { ...declined.renewal!, tryAgainAt: null };
    const params = { ...declined, reason: 'card_declined', renewal };
    const { text } = await render({ template: 'cardDeclined', params });
    expect(text).toContain('Your card is not tried again. Next, pay the bill with another card.');
    expect(text).toContain('If it stays unpaid, its users lose access and the subscription ends.');
    expect(text).not.toContain('Tried again on');
  });

  it('[BUY-6] a purchase that was declined bought nothing', async () => {
    const { text } = await render({ template: 'cardDeclined', params: { ...declined, renewal: null } });
    expect(text).toContain('nothing was bought and you pay nothing');
    expect(text).not.toContain('Tried again on');
  });
});

describe('a renewal that comes', () => {
  it('[BUY-9] tells when, how much and on which card', async () => {
    const { subject, text } = await render({ template: 'renewalReminder', params: reminder });
    expect(subject).toBe('Your subscription of Power BI Pro renews on December 21, 2025');
    expect(text).toContain('$274.75 will be charged to your Visa card ending in 4242.');
    expect(text).toContain('Price per seat: $10.99 per month');
    expect(text).not.toContain('rises');
  });

  it('[BUY-9] tells of a price that rises: the old one, the new one, and from when on', async () => {
    const params = { ...reminder, oldUnitPrice: money(999) };
    const { subject, text } = await render({ template: 'renewalReminder', params });
    expect(subject).toBe('The price of Power BI Pro rises on December 21, 2025');
    expect(text).toContain(
      'From that day on a seat costs $10.99 per month. Until then it costs $9.99 per month.',
    );
    expect(text).toContain('Price until then: $9.99 per month');
    expect(text).toContain('Price from then on: $10.99 per month');
  });

  it('[BUY-9] asks for a card where there is none', async () => {
    const { text } = await render({ template: 'renewalReminder', params: { ...reminder, card: null } });
    expect(text).toContain('It has no card that $274.75 could be charged to');
    expect(text).not.toContain('you do not have to do anything');
  });
});

describe('a life that goes on or ends', () => {
  it('[BUY-8] a trial ends on its day and does not renew', async () => {
    const params = { subscriptionId: 'sub_1', productName: 'Visio', expiresAt: '2025-12-21T23:30:00Z' };
    const { subject, text } = await render({ template: 'trialEnding', params });
    expect(subject).toBe('Your trial of Visio ends on December 21, 2025');
    expect(text).toContain('It does not renew, and nothing is charged.');
  });

  it('[OWN-2] more seats: how many, what was charged, its invoice', async () => {
    const { subject, text } = await render({ template: 'seatsChanged', params: seats });
    expect(subject).toBe('Your subscription of Power BI Pro has 105 seats now');
    expect(text).toContain('Before, it had 100. $25.00 was charged to your card for the rest of the term.');
    expect(text).toContain('assign the new seats');
    expect(text).toContain('https://buy.vendor.example/v1/invoices/inv_2');
  });

  it('[OWN-2] fewer seats at once, with what is refunded', async () => {
    const params = { ...seats, after: 1, charged: null, refunded: money(90_000), invoiceId: null };
    const { subject, text } = await render({ template: 'seatsChanged', params });
    expect(subject).toBe('Your subscription of Power BI Pro has 1 seat now');
    expect(text).toContain('$900.00 is on its way back to the card that paid.');
    expect(text).not.toMatch(/assign|invoices/);
  });

  it('[OWN-2] fewer seats from the renewal on', async () => {
    const later = { after: 90, effectiveAt: '2025-12-21T23:30:00Z', charged: null, invoiceId: null };
    const { subject, text } = await render({ template: 'seatsChanged', params: { ...seats, ...later } });
    expect(subject).toBe('Your subscription of Power BI Pro will have 90 seats');
    expect(text).toContain(
      'will have 90 seats from its renewal on December 21, 2025 on. Until then it has 100.',
    );
    expect(text).toContain('Nothing was charged and nothing is refunded.');
  });

  it('[SUB-2] a purchaser who left: what was bought, that users keep it, how to take it over', async () => {
    const params = {
      purchaserName: 'Alex Wilber',
      purchaserEmail: 'alex@contoso.example',
      subscriptions: [
        { id: 'sub_1', productName: 'Power BI\r\nPro', seats: 25 },
        { id: 'sub_2', productName: 'Visio', seats: 1 },
      ],
      subscriptionCount: 5,
    };
    const { subject, text } = await render({ template: 'purchaserLeft', params });
    expect(subject).toBe('Alex Wilber has left and was the purchaser of 5 subscriptions');
    expect(text).toContain('they keep full use');
    expect(text).toContain('Power BI Pro: 25 seats (sub_1)\nVisio: 1 seat (sub_2)');
    expect(text).toContain('And 3 more subscriptions.');
    expect(text).toContain('https://buy.vendor.example/v1/subscriptions\n');
    const [only] = params.subscriptions;
    const one = { ...params, subscriptions: [only!], subscriptionCount: 1 };
    expect((await render({ template: 'purchaserLeft', params: one })).text).toContain(
      'https://buy.vendor.example/v1/subscriptions/sub_1\n',
    );
    const disabled = await render({ template: 'purchaserLeft', params: { ...one, isDisabled: true } });
    expect(disabled.subject).toBe('Alex Wilber is disabled and was the purchaser of 1 subscription');
    expect(disabled.text).toContain('Alex Wilber (alex@contoso.example) can no longer sign in');
  });

  it('[ADM-8] the purchases of a day in one mail: each of them, the sum, how to take one over', async () => {
    const bought = {
      subscriptionId: 'sub_1',
      productName: 'Power BI\r\nPro',
      purchaserName: 'Alex Wilber',
      purchaserEmail: 'alex@contoso.example',
      isTrial: false,
      quantity: 25,
      total: money(24_975),
    };
    const trial = { ...bought, productName: 'Visio', isTrial: true, quantity: 1, total: money(0) };
    const params = {
      on: '2025-12-21',
      purchases: [bought, trial],
      purchaseCount: 1_200,
      totals: [money(1_024_975)],
    };
    const { subject, text } = await render({ template: 'purchaseDigest', params });
    expect(subject).toBe('1,200 purchases in your organization on December 21, 2025');
    expect(text).toContain(
      'Power BI Pro: 25 seats for $249.75, by Alex Wilber (alex@contoso.example)\n' +
        'Visio: Trial of 1 seat, by Alex Wilber (alex@contoso.example)',
    );
    expect(text).toContain('And 1,198 more purchases.');
    expect(text).toContain('Total before tax: $10,249.75');
    expect(text).toContain('can take each of them over at any time');
    expect(text).toContain('https://buy.vendor.example/v1/subscriptions\n');
    const one = { ...params, purchases: [bought], purchaseCount: 1 };
    expect((await render({ template: 'purchaseDigest', params: one })).text).toContain(
      '1 purchase was made in your organization by self-service.',
    );
  });

  it('[SUB-3] a subscription that nobody renewed has ended', async () => {
    const params = {
      subscriptionId: 'sub_1',
      productName: 'Visio',
      cause: 'unpaid' as const,
      seats: 3,
      refunded: null,
    };
    const { subject, text } = await render({ template: 'canceled', params });
    expect(subject).toBe('Your subscription of Visio has ended');
    expect(text).toContain('with 3 seats was not renewed in time and has ended.');
    expect(text).not.toContain('canceled');
  });
});
