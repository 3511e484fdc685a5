import { describe, expect, it } from '@jest/globals';
import type { NotificationParams } from '@commissary/contracts';
import { renderMail, type TemplateWithParams } from './render-mail.js';

const money = (amountMinor: number, currency = 'USD') => ({ amountMinor, currency });

const receipt: NotificationParams<'receipt'> = {
  orderId: 'ord_1',
  invoiceId: 'inv_1',
  subscriptionId: 'sub_1',
  productName: 'Power BI Pro',
  trainingUrl: 'https://learn.example/power-bi?a=1&b=2',
  isTrial: false,
  quantity: 25,
  term: 'P1M',
  unitPrice: money(999),
  total: money(24_975),
  card: { brand: 'Visa', last4: '4242' },
  renewsAt: '2025-12-21T23:30:00Z',
  expiresAt: '2025-12-21T23:30:00Z',
};

const canceled: NotificationParams<'canceled'> = {
  subscriptionId: 'sub_1',
  productName: 'Power BI Pro',
  cause: 'moved',
  seats: 1_000,
  refunded: money(18_000),
};

const moveCompleted: NotificationParams<'moveCompleted'> = {
  operationId: 'op_1',
  productName: 'Power BI Pro',
  targetProductName: 'Power BI Premium',
  moved: 1_000,
  alreadyLicensed: 3,
  skipped: 1,
  failed: 0,
  refunded: null,
};

const ALL: TemplateWithParams[] = [
  { template: 'receipt', params: receipt },
  {
    template: 'purchaseAlert',
    params: {
      subscriptionId: 'sub_1',
      productName: 'Power BI Pro',
      purchaserName: 'Alex Wilber',
      purchaserEmail: 'alex@contoso.example',
      isTrial: false,
      quantity: 2,
      total: money(1_998),
    },
  },
  {
    template: 'cardDeclined',
    params: {
      orderId: 'ord_1',
      productName: 'Power BI Pro',
      quantity: 1,
      total: money(999),
      reason: 'insufficient_funds',
      renewal: null,
    },
  },
  {
    template: 'renewalReminder',
    params: {
      subscriptionId: 'sub_1',
      productName: 'Power BI Pro',
      quantity: 25,
      term: 'P1M',
      renewsAt: '2025-12-21T23:30:00Z',
      unitPrice: money(999),
      total: money(24_975),
      card: { brand: 'Visa', last4: '4242' },
      oldUnitPrice: null,
    },
  },
  {
    template: 'trialEnding',
    params: { subscriptionId: 'sub_1', productName: 'Power BI Pro', expiresAt: '2025-12-21T23:30:00Z' },
  },
  {
    template: 'seatsChanged',
    params: {
      subscriptionId: 'sub_1',
      productName: 'Power BI Pro',
      before: 100,
      after: 105,
      effectiveAt: null,
      charged: money(2_500),
      refunded: null,
      invoiceId: 'inv_2',
    },
  },
  {
    template: 'purchaserLeft',
    params: {
      purchaserName: 'Alex Wilber',
      purchaserEmail: 'alex@contoso.example',
      subscriptions: [{ id: 'sub_1', productName: 'Power BI Pro', seats: 25 }],
      subscriptionCount: 1,
    },
  },
  {
    template: 'licenseAssigned',
    params: {
      subscriptionId: 'sub_1',
      productName: 'Power BI Pro',
      trainingUrl: 'https://learn.example/power-bi',
      assignedByName: 'Alex Wilber',
    },
  },
  { template: 'canceled', params: canceled },
  { template: 'accessRemoved', params: { subscriptionId: 'sub_1', productName: 'Power BI Pro' } },
  { template: 'moveCompleted', params: moveCompleted },
];

const render = (what: TemplateWithParams, recipient: { locale?: string; displayName?: string } = {}) =>
  renderMail({
    ...what,
    recipient: { email: 'blake@contoso.example', displayName: 'Blake', locale: 'en', ...recipient },
    links: { publicUrl: 'https://buy.vendor.example/' },
    messageId: '<ntf_1@vendor.example>',
  });

const textOf = async (template: TemplateWithParams['template']): Promise<string> =>
  (await render(ALL.find((one) => one.template === template)!)).text;

describe('renderMail', () => {
  it.each(ALL)('[MSG-2] says $template in HTML and in text with the same words', async (what) => {
    const { subject, html, text } = await render(what);
    expect(subject).toMatch(/Power BI Pro|Alex Wilber/);
    expect(html).toContain('<html lang="en"');
    expect(html).not.toMatch(/<img|<script|https?:\/\/[^"'\s]*\.(png|css|woff)/);
    expect(`${subject}${html}${text}`).not.toMatch(/\uE000|\uE001|\{\{|undefined|receipt\.|facts\./);
    const words = html
      .replace(/<style[^]*?<\/style>|<[^>]+>/g, ' ')
      .replace(/&#x27;/g, "'")
      .replace(/\s+/g, ' ');
    for (const line of text.split('\n').filter((l) => l && l !== '-- ' && !/^https?:|: |:$/.test(l))) {
      expect(words).toContain(line);
    }
  });

  it('[MSG-1] a receipt tells what, how much, on which card, and until when', async () => {
    const { subject, text } = await render({ template: 'receipt', params: receipt });
    expect(subject).toBe('Your receipt for Power BI Pro');
    expect(text).toContain('You bought 25 seats of Power BI Pro.');
    expect(text).toContain('$249.75 was charged to your Visa card ending in 4242.');
    expect(text).toContain('Price per seat: $9.99 per month');
    expect(text).toContain('It renews on December 21, 2025');
    expect(text).toContain('https://buy.vendor.example/v1/subscriptions/sub_1');
    expect(text).toContain('https://learn.example/power-bi?a=1&b=2');
  });

  it('[BUY-8] a trial without a card costs nothing and ends', async () => {
    const trial = {
      ...receipt,
      isTrial: true,
      term: null,
      card: null,
      renewsAt: null,
      invoiceId: null,
      total: money(0),
    };
    const { subject, text } = await render({ template: 'receipt', params: trial });
    expect(subject).toBe('Your trial of Power BI Pro has started');
    expect(text).toContain('Nothing was charged.');
    expect(text).toContain('It ends on December 21, 2025 and does not renew.');
    expect(text).not.toMatch(/Card:|Invoice|Cancel within/);
  });

  it('[MSG-4] gives purchasers, and nobody else, the support line', async () => {
    const withLine = [];
    for (const what of ALL) {
      const { html, text } = await render(what);
      expect(html.includes('premier')).toBe(text.includes('premier'));
      if (text.includes('standard support')) withLine.push(what.template);
    }
    expect(withLine).toEqual([
      'receipt',
      'cardDeclined',
      'renewalReminder',
      'trialEnding',
      'seatsChanged',
      'canceled',
    ]);
  });

  it('[MSG-4] links a product’s training, but nothing that is no web address', async () => {
    const { html } = await render({ template: 'receipt', params: receipt });
    expect(html).toContain('href="https://learn.example/power-bi?a=1&amp;b=2"');
    const evil = await render({
      template: 'receipt',
      params: { ...receipt, trainingUrl: 'javascript:alert(1)' },
    });
    expect(evil.html + evil.text).not.toContain('javascript:');
  });

  it('[CAN-2] tells those who lost access to contact the IT admin', async () => {
    expect(await textOf('accessRemoved')).toContain('Contact your IT admin');
  });

  it('[ADM-8] tells admins where to see a purchase and that it can be taken over', async () => {
    const text = await textOf('purchaseAlert');
    expect(text).toContain('Alex Wilber (alex@contoso.example) bought 2 seats of Power BI Pro');
    expect(text).toContain('can take it over at any time');
    expect(text).toContain('https://buy.vendor.example/v1/subscriptions/sub_1');
  });

  it('[BUY-6] tells why a card was declined, or that it could not be charged', async () => {
    expect(await textOf('cardDeclined')).toContain('not enough money');
    const params = {
      orderId: 'ord_1',
      productName: 'P',
      quantity: 1,
      total: money(1),
      reason: 'something_new',
      renewal: null,
    };
    expect((await render({ template: 'cardDeclined', params })).text).toContain(
      'The charge could not be made.',
    );
  });

  it.each([
    ['moved', 'moved its users to another subscription', '$180.00 is on its way back'],
    ['canceledByAdmin', 'An admin of your organization canceled', '$180.00'],
    ['canceledByPurchaser', 'You canceled your subscription', '$180.00'],
    ['canceledBySupport', 'Support canceled your subscription', '$180.00'],
  ] as const)('[MOV-5, CAN-2] tells a purchaser: %s', async (cause, said, refund) => {
    const { text } = await render({ template: 'canceled', params: { ...canceled, cause } });
    expect(text).toContain(said);
    expect(text).toContain(refund);
    expect(text).toContain('Status: Deleted');
    const without = await render({ template: 'canceled', params: { ...canceled, cause, refunded: null } });
    expect(without.text).toContain('There is no refund.');
  });

  it('[MOV-5] says "Move completed" with the counts; [MOV-4] or that some users stayed', async () => {
    const whole = await render({ template: 'moveCompleted', params: moveCompleted });
    expect(whole.subject).toBe('Move completed: Power BI Pro');
    expect(whole.text).toMatch(/Moved: 1,000\nAlready licensed: 3\nSkipped: 1\nNot moved: 0/);
    const part = await render({ template: 'moveCompleted', params: { ...moveCompleted, failed: 1 } });
    expect(part.text).toContain('1 user could not be moved and keeps the old license.');
    expect(part.text).not.toContain('canceled automatically');
  });

  it('[MSG-2] writes English with the numbers and dates of the recipient’s region', async () => {
    const crowns = { ...receipt, unitPrice: money(10_600, 'SEK'), total: money(265_000, 'SEK') };
    const { text } = await render({ template: 'receipt', params: crowns }, { locale: 'sv-SE' });
    expect(text.replace(/\s/g, ' ')).toContain('2 650,00 kr was charged');
    expect(text).toContain('It renews on 21 December 2025');
  });

  it.each(['xx', 'not a locale', '', '__proto__', 'zh-TW'])(
    '[MSG-2] falls back to English for "%s"',
    async (locale) => {
      const { subject, html } = await render({ template: 'receipt', params: receipt }, { locale });
      expect(subject).toBe('Your receipt for Power BI Pro');
      expect(html).toContain('<html lang="en"');
    },
  );

  it('[MSG-1] keeps a hostile name one harmless line, in the subject and in the page', async () => {
    const purchaserName =
      'Eve\r\nBcc: all@x.example\u202e <b onclick="x">&amp; {{product}} $t(facts.product)';
    const alert = ALL.find((one) => one.template === 'purchaseAlert')!;
    const params = { ...alert.params, purchaserName };
    const { subject, html, text } = await render({ template: 'purchaseAlert', params });
    const name = 'Eve Bcc: all@x.example <b onclick="x">&amp; {{product}} $t(facts.product)';
    expect(subject).toBe(`${name} bought Power BI Pro`);
    expect(text).toContain(`${name} (alex@contoso.example) bought`);
    expect(html).toContain('Eve Bcc: all@x.example &lt;b onclick=&quot;x&quot;&gt;&amp;amp; {{product}}');
    expect(html).not.toContain('<b ');
  });

  it('gives each mail its own words, whatever was rendered before in the same shape', async () => {
    const names = ['Anna', 'Bo', '\uE0000\uE001'];
    const pages = await Promise.all(
      names.map((displayName) => render({ template: 'receipt', params: receipt }, { displayName })),
    );
    names.forEach((name, index) => expect(pages[index]?.html).toContain(`Hello ${name},`));
  });
});
