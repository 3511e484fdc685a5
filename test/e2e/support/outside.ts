import type { NotificationTemplate } from '@commissary/contracts';
import { fetch } from '@commissary/stack/http';
import { eventually } from './eventually.js';
import { stack } from './stack.js';

export interface Mail {
  from: string;
  to: string[];
  subject: string;
  messageId: string;
  template: NotificationTemplate;
  headers: Record<string, string>;
  text: string;
  html: string;
}

export interface Charge {
  id: string;
  idempotencyKey: string;
  orderId: string;
  amountMinor: number;
  currency: string;
  status: 'succeeded' | 'declined';
  refundedMinor: number;
}

const itemsOf = async <T>(url: string): Promise<T[]> => {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return ((await response.json()) as { items: T[] }).items;
};

/** What has arrived at an address so far. */
export const mailsTo = (email: string): Promise<Mail[]> =>
  itemsOf(`${stack().mailUrl}/messages?to=${encodeURIComponent(email)}`);

/** The mails of one template at an address, once there are `count` that `about` finds. */
export const mailsOf = (
  email: string,
  template: NotificationTemplate,
  { about = '', count = 1 }: { about?: string; count?: number } = {},
): Promise<Mail[]> =>
  eventually(`${count} ${template} to ${email}`, async () => {
    const all = await mailsTo(email);
    const found = all.filter((mail) => mail.template === template && mail.text.includes(about));
    return found.length >= count ? found : undefined;
  });

/** The first one. */
export const mailOf = async (email: string, template: NotificationTemplate, about = ''): Promise<Mail> => {
  const [mail] = await mailsOf(email, template, { about });
  if (!mail) throw new Error('unreachable');
  return mail;
};

/** The provider's journal for an order. */
export const chargesOf = (orderId: string): Promise<Charge[]> =>
  itemsOf(`${stack().paymentsUrl}/charges?orderId=${encodeURIComponent(orderId)}`);

export const paymentFaults = async (faults: {
  mode: string;
  count?: number;
  delayMs?: number;
}): Promise<void> => {
  const response = await fetch(`${stack().paymentsUrl}/faults`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(faults),
  });
  if (!response.ok) throw new Error(`the payment simulator answered ${response.status}`);
};
