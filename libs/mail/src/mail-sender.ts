import type { NotificationTemplate } from '@commissary/contracts';
import { createTransport, type Transporter } from 'nodemailer';
import { plainLine } from './plain-line.js';
import type { RenderedMail } from './render-mail.js';

export interface MailSenderOptions {
  /** `smtp://` or `smtps://`; its query can set what nodemailer's pool knows, such as `?maxConnections=5`. */
  smtpUrl: string;
  /** `Name <address>`; its domain is that of the Message-IDs. */
  from: string;
}

export type OutgoingMail = RenderedMail & {
  /** From `messageIdOf`: the same for every attempt. */
  messageId: string;
  template: NotificationTemplate;
  to: { name: string; address: string };
};

/**
 * `retry`: the server, or the way to it, could not do it now. `rejected`: it said no to this mail, for good. `reason` is a reply code
 * (`550`), nodemailer's class of the fault (`ECONNECTION`) or `bad_address`, never a text. [MSG-3]
 */
export type SendOutcome = { outcome: 'sent' } | { outcome: 'retry' | 'rejected'; reason: string };

const SECOND = 1_000;

/** Nothing that a parser of address lists, or a line of SMTP, could take for a second recipient. */
const ONE_ADDRESS = /^[^\s\p{Cc}\p{Cf}"(),:;<>@[\\\]]+@[^\s\p{Cc}\p{Cf}"(),:;<>@[\\\]]+$/u;

/** Pooled SMTP. One per process; `close` it once nothing is being sent. */
export class MailSender {
  private readonly transporter: Transporter;
  private readonly domain: string;

  constructor(private readonly options: MailSenderOptions) {
    this.domain = /@([^\s<>@]+)>?\s*$/.exec(options.from)?.[1] ?? 'localhost';
    this.transporter = createTransport({
      pool: true,
      maxConnections: 20,
      // A new connection after every hundred mails, the default, costs a quarter of the rate.
      maxMessages: Number.POSITIVE_INFINITY,
      // For a connection that died while idle; everything else is retried by the one who asked, with a record of it.
      maxRequeues: 1,
      dnsTimeout: 10 * SECOND,
      connectionTimeout: 10 * SECOND,
      greetingTimeout: 10 * SECOND,
      socketTimeout: 60 * SECOND,
      disableFileAccess: true,
      disableUrlAccess: true,
      url: options.smtpUrl,
    });
  }

  /** Stable per notification, so that a mail that went out twice is recognized as one. [MSG-3] */
  messageIdOf(notificationId: string): string {
    return `<${notificationId}@${this.domain}>`;
  }

  async send(mail: OutgoingMail): Promise<SendOutcome> {
    if (!ONE_ADDRESS.test(mail.to.address)) return { outcome: 'rejected', reason: 'bad_address' };
    try {
      await this.transporter.sendMail({
        from: this.options.from,
        to: { name: plainLine(mail.to.name), address: mail.to.address },
        messageId: mail.messageId,
        subject: plainLine(mail.subject),
        html: mail.html,
        text: mail.text,
        headers: { 'X-Commissary-Template': mail.template, 'Auto-Submitted': 'auto-generated' },
      });
      return { outcome: 'sent' };
    } catch (error) {
      return classify(error);
    }
  }

  close(): void {
    this.transporter.close();
  }
}

interface SmtpError {
  code?: unknown;
  responseCode?: unknown;
}

/** Faults of the message or its envelope; all others are of the server or the way to it, and pass. */
const OF_THIS_MAIL = ['EENVELOPE', 'EMESSAGE'];
/** "Bad sequence of commands" is about the session: on a new one the same mail can pass. */
const BAD_SEQUENCE = 503;

const classify = (error: unknown): SendOutcome => {
  const { code, responseCode } = error as SmtpError;
  const reply = typeof responseCode === 'number' ? responseCode : null;
  const reason = String(reply ?? (typeof code === 'string' ? code : 'unknown'));
  // A refused login (535) is a fault of our settings: mails wait until it is mended.
  const ofThisMail = typeof code === 'string' && OF_THIS_MAIL.includes(code);
  const permanent = reply === null || (reply >= 500 && reply !== BAD_SEQUENCE);
  return { outcome: ofThisMail && permanent ? 'rejected' : 'retry', reason };
};
