import { describe, expect, it } from '@jest/globals';
import type { NotificationParams } from '@commissary/contracts';
import { renderMail } from './render-mail.js';

const asked: NotificationParams<'pleaseCancel'> = {
  subscriptionId: 'sub_1',
  productName: 'Power BI Pro',
  seats: 25,
  assigned: 12,
  adminName: 'Morgan Reyes',
  message: null,
};

const render = (message: string | null, fields: Partial<typeof asked> = {}) =>
  renderMail({
    template: 'pleaseCancel',
    params: { ...asked, message, ...fields },
    recipient: { email: 'blake@contoso.example', displayName: 'Blake', locale: 'en' },
    links: { publicUrl: 'https://buy.vendor.example/' },
    messageId: '<ntf_1@vendor.example>',
  });

describe('the mail that asks to cancel', () => {
  it('[ADM-6, MSG-1] says who asks, of what, that nothing has changed yet, and where to do it', async () => {
    const { subject, text, html } = await render(null);
    expect(subject).toBe('Please cancel your subscription of Power BI Pro');
    expect(text).toContain('Morgan Reyes asks you');
    expect(text).toContain('with 25 seats. Nothing has changed yet.');
    expect(text).toContain('Seats in use: 12');
    expect(text).toContain('https://buy.vendor.example/v1/subscriptions/sub_1');
    expect(text).not.toContain('writes:');
    expect(html).not.toContain('blockquote');
    expect((await render(null, { seats: 1 })).text).toContain('with 1 seat.');
  });

  it("[ADM-6] gives the admin's own words line by line, longer than any name", async () => {
    const long = 'We have licenses for all. '.repeat(40).trim();
    const { text, html } = await render(`${long}\n\nRegards,\nMorgan`);
    expect(text).toContain(`Morgan Reyes writes:\n\n> ${long}\n>\n> Regards,\n> Morgan\n`);
    expect(html).toMatch(/<blockquote[^>]*>We have.*<br\/>Regards,<br\/>Morgan<\/blockquote>/s);
  });

  it('[ADM-6] leaves nothing of them that is markup, breaks a line out of its mark, or turns the text around', async () => {
    const { text, html, subject } = await render(
      '<img src=x onerror=alert(1)>\r\n-- \rcommissary\u2028{{admin}} $t(layout.support)\u0000\u202egnp',
    );
    expect(html).toContain('&lt;img src=x onerror=alert(1)&gt;<br/>--<br/>commissary<br/>');
    expect(text).toContain(
      '> <img src=x onerror=alert(1)>\n> --\n> commissary\n> {{admin}} $t(layout.support) gnp',
    );
    expect(text + html).not.toMatch(/[\u0000\u202e\u2028]/);
    expect(subject).not.toContain('img');
  });

  it('[ADM-6] is the same for two people with messages of one shape', async () => {
    const [one, two] = [await render('First\nsecond'), await render('Third\nfourth')];
    expect(two.html).toContain('Third<br/>fourth');
    expect(two.html).not.toContain('First');
    expect(one.html).toContain('First<br/>second');
  });
});
