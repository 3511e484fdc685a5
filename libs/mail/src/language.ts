import { createFormat, type Format } from './format.js';
import { FALLBACK_LANGUAGE, LOCALES } from './locales/index.js';
import { createTranslate, type Translate } from './translate.js';

export interface Language {
  /** Tag of the texts in use, such as `en`. */
  tag: string;
  t: Translate;
  format: Format;
}

const translates = new Map<string, Translate>();
const languages = new Map<string, Language>();
/** People name their own locale; a flood of odd ones must not fill the memory. */
const MOST_LANGUAGES = 1_000;

/**
 * How to speak to a recipient: the texts of the locale itself, of its language, or English, with the numbers and dates of the
 * recipient's region. English for a Swede is `en-SE`: English words, a Swede's order of day and month, and comma. [MSG-2]
 */
export const languageOf = (locale: string): Language => {
  const known = languages.get(locale);
  if (known) return known;
  const { language, region } = partsOf(locale);
  const tag = [locale, language].find((candidate) => Object.hasOwn(LOCALES, candidate)) ?? FALLBACK_LANGUAGE;
  const spoken = { tag, t: translateOf(tag), format: createFormat(withRegion(tag, region)) };
  if (languages.size >= MOST_LANGUAGES) languages.clear();
  languages.set(locale, spoken);
  return spoken;
};

const translateOf = (tag: string): Translate => {
  const translate = translates.get(tag) ?? createTranslate(tag);
  translates.set(tag, translate);
  return translate;
};

const withRegion = (tag: string, region: string | undefined): string =>
  region ? new Intl.Locale(tag, { region }).toString() : tag;

/** Language and region of a BCP 47 tag; a malformed one has neither. */
const partsOf = (locale: string): { language: string; region?: string } => {
  try {
    return new Intl.Locale(locale);
  } catch {
    return { language: '' };
  }
};
