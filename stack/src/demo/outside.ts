import { setTimeout as delay } from 'node:timers/promises';
import { fetch } from '../http/fetch.js';

export interface SentMail {
  to: string[];
  subject: string;
  template: string;
}

const MAIL_WITHIN_MS = 30_000;

const mailsTo = async (mailUrl: string, to: string): Promise<SentMail[]> => {
  const response = await fetch(`${mailUrl}/messages?to=${encodeURIComponent(to)}`);
  return ((await response.json()) as { items: SentMail[] }).items;
};

/** The mail a person was sent, as soon as it has come; null if it does not come in half a minute. */
export const readMail = async (mailUrl: string, to: string, template: string): Promise<SentMail | null> => {
  const deadline = performance.now() + MAIL_WITHIN_MS;
  while (performance.now() < deadline) {
    const found = (await mailsTo(mailUrl, to)).find((mail) => mail.template === template);
    if (found) return found;
    await delay(100);
  }
  return null;
};

/** How many mails went out in all, once no more have come for a second. */
export const countMails = async (mailUrl: string): Promise<number> => {
  let before = -1;
  for (;;) {
    const response = await fetch(`${mailUrl}/messages`);
    const count = ((await response.json()) as { items: unknown[] }).items.length;
    if (count === before) return count;
    before = count;
    await delay(1_000);
  }
};

/** Successful charges for an order in the provider's own journal. */
export const chargesOf = async (paymentsUrl: string, orderId: string): Promise<number> => {
  const response = await fetch(`${paymentsUrl}/charges?orderId=${orderId}`);
  const { items } = (await response.json()) as { items: { status: string }[] };
  return items.filter((charge) => charge.status === 'succeeded').length;
};
