import type { NotificationParams, NotificationTemplate } from '@commissary/contracts';
import type { Format } from './format.js';
import type { Links } from './links.js';
import type { Translate } from './translate.js';

/** What a mail says, apart from how it looks: HTML and text are made from the same blocks, and cannot disagree. */
export interface MailContent {
  subject: string;
  heading: string;
  blocks: Block[];
  /** The line of MSG-4, in mails to purchasers. */
  support: boolean;
}

export type Block =
  | { kind: 'text'; text: string }
  | { kind: 'quote'; lines: string[] }
  | { kind: 'facts'; rows: Fact[] }
  | { kind: 'button'; label: string; url: string }
  | { kind: 'link'; label: string; url: string };

export interface Fact {
  label: string;
  value: string;
}

export interface Tools {
  t: Translate;
  format: Format;
  links: Links;
}

/** One file each under `templates/`; parameters come with every name made one plain line. */
export type Template<T extends NotificationTemplate> = (
  params: NotificationParams<T>,
  tools: Tools,
) => MailContent;

export const text = (...lines: string[]): Block => ({ kind: 'text', text: lines.join(' ') });

/** Somebody's own words, line by line. */
export const quote = (words: string): Block => ({ kind: 'quote', lines: words.split('\n') });

/** A table of labels and values; rows without a value are left out. */
export const facts = (...rows: [label: string, value: string | null][]): Block => ({
  kind: 'facts',
  rows: rows.flatMap(([label, value]) => (value === null ? [] : [{ label, value }])),
});

export const button = (label: string, url: string): Block => ({ kind: 'button', label, url });
export const link = (label: string, url: string): Block => ({ kind: 'link', label, url });
