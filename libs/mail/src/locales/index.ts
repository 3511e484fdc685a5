import { en } from './en.js';

/** A language without a plural of its own for one may leave out the `_one` keys; every other key must be there. */
type Texts<T> = { [K in keyof T as K extends `${string}_one` ? never : K]: Text<T[K]> } & {
  [K in keyof T as K extends `${string}_one` ? K : never]?: Text<T[K]>;
};
type Text<T> = T extends string ? string : Texts<T>;

/** What a locale's file exports: one file under this folder and one line below make a language. [MSG-2] */
export type MailLocale = Texts<typeof en>;

export const FALLBACK_LANGUAGE = 'en';

/** By BCP 47 tag: a language (`en`), or a language of one region or script (`zh-TW`). */
export const LOCALES = { en } satisfies Record<string, MailLocale>;
