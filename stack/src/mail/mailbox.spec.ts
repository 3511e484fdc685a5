import { describe, expect, it } from '@jest/globals';
import { Mailbox } from './mailbox.js';

const raw = (subject: string): Buffer =>
  Buffer.from(
    [
      `Subject: ${subject}`,
      'Message-ID: <1@commissary.example>',
      'X-Commissary-Template: receipt',
      'Content-Type: multipart/alternative; boundary=b',
      '',
      '--b',
      'Content-Type: text/plain; charset=utf-8',
      'Content-Transfer-Encoding: quoted-printable',
      '',
      'K=C3=B6p',
      '--b',
      'Content-Type: text/html',
      '',
      '<p>hi</p>',
      '--b--',
      '',
    ].join('\r\n'),
  );

describe('Mailbox', () => {
  it('MSG-1 shows a mail decoded, with its template', async () => {
    const mailbox = new Mailbox();
    mailbox.add('no-reply@commissary.example', ['Alex@Contoso.example'], raw('=?utf-8?q?K=C3=B6p?='));
    const [mail] = await mailbox.list(null);
    expect(mail).toMatchObject({
      from: 'no-reply@commissary.example',
      to: ['alex@contoso.example'],
      subject: 'Köp',
      messageId: '<1@commissary.example>',
      template: 'receipt',
      html: expect.stringContaining('<p>hi</p>') as unknown,
      text: expect.stringContaining('Köp') as unknown,
    });
    expect(mail?.headers['x-commissary-template']).toBe('receipt');
  });

  it('lists by recipient, oldest first, whatever the case', async () => {
    const mailbox = new Mailbox();
    mailbox.add('', ['a@x.example', 'b@x.example'], raw('one'));
    mailbox.add('', ['b@x.example'], raw('two'));
    const subjects = async (to: string | null): Promise<unknown[]> =>
      (await mailbox.list(to)).map(({ subject }) => subject);
    expect(await subjects('B@x.example')).toEqual(['one', 'two']);
    expect(await subjects('a@x.example')).toEqual(['one']);
    expect(await subjects('c@x.example')).toEqual([]);
    mailbox.clear();
    expect(await subjects(null)).toEqual([]);
  });
});
