/** The mails that were caught, by recipient, in order of arrival. Parsed when first looked at. */
import { randomUUID } from 'node:crypto';
import PostalMime from 'postal-mime';

/** API.md's shape. Header names are lower case; those that occur more than once are joined by ", ". */
export interface CaughtMail {
  id: string;
  /** Envelope addresses. */
  from: string;
  to: string[];
  subject: string | null;
  messageId: string | null;
  template: string | null;
  headers: Record<string, string>;
  text: string | null;
  html: string | null;
  receivedAt: string;
}

interface Arrived {
  id: string;
  from: string;
  to: string[];
  receivedAt: string;
  content: Buffer | CaughtMail;
}

/** Older mails make room beyond this, so that a long run does not eat the machine. */
const MAX_MAILS = 200_000;

const parse = async (arrived: Arrived, raw: Buffer): Promise<CaughtMail> => {
  const email = await PostalMime.parse(raw);
  const headers: Record<string, string> = {};
  for (const { key, value } of email.headers) {
    const before = headers[key];
    headers[key] = before === undefined ? value : `${before}, ${value}`;
  }
  return {
    id: arrived.id,
    from: arrived.from,
    to: arrived.to,
    subject: email.subject ?? null,
    messageId: email.messageId ?? null,
    template: headers['x-commissary-template'] ?? null,
    headers,
    text: email.text ?? null,
    html: email.html ?? null,
    receivedAt: arrived.receivedAt,
  };
};

export class Mailbox {
  private readonly all = new Set<Arrived>();
  private readonly byRecipient = new Map<string, Set<Arrived>>();

  add(from: string, to: readonly string[], raw: Buffer): void {
    const recipients = to.map((address) => address.toLowerCase());
    const arrived: Arrived = {
      id: `mail_${randomUUID()}`,
      from,
      to: recipients,
      receivedAt: new Date().toISOString(),
      content: raw,
    };
    this.all.add(arrived);
    for (const recipient of recipients) {
      const mails = this.byRecipient.get(recipient) ?? new Set();
      this.byRecipient.set(recipient, mails.add(arrived));
    }
    const [oldest] = this.all;
    if (this.all.size > MAX_MAILS && oldest) this.remove(oldest);
  }

  /** Oldest first; all of them for null. */
  async list(to: string | null): Promise<CaughtMail[]> {
    const mails: Iterable<Arrived> = to === null ? this.all : (this.byRecipient.get(to.toLowerCase()) ?? []);
    return Promise.all([...mails].map((arrived) => this.parsed(arrived)));
  }

  clear(): void {
    this.all.clear();
    this.byRecipient.clear();
  }

  private async parsed(arrived: Arrived): Promise<CaughtMail> {
    if (!Buffer.isBuffer(arrived.content)) return arrived.content;
    const mail = await parse(arrived, arrived.content);
    arrived.content = mail;
    return mail;
  }

  private remove(arrived: Arrived): void {
    this.all.delete(arrived);
    for (const recipient of arrived.to) {
      const mails = this.byRecipient.get(recipient);
      mails?.delete(arrived);
      if (mails?.size === 0) this.byRecipient.delete(recipient);
    }
  }
}
