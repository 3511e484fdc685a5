import { createInstance, type TFunction } from 'i18next';
import { FALLBACK_LANGUAGE, LOCALES } from './locales/index.js';

declare module 'i18next' {
  interface CustomTypeOptions {
    resources: { translation: (typeof LOCALES)['en'] };
  }
}

export type Translate = TFunction;

const resources = Object.fromEntries(
  Object.entries(LOCALES).map(([tag, texts]) => [tag, { translation: texts }]),
);

/** The texts of one language of LOCALES; those without parameters are looked up once. */
export const createTranslate = (tag: string): Translate => {
  // An instance each, for one instance's `getFixedT` copies all settings at every call, five times the work.
  const i18n = createInstance();
  // The texts are in memory, so that it is ready when this returns. Values are escaped where they meet HTML, not here.
  void i18n.init({
    initAsync: false,
    lng: tag,
    fallbackLng: FALLBACK_LANGUAGE,
    resources,
    interpolation: { escapeValue: false },
  });
  const lookUp = i18n.t as (key: string, params?: object) => string;
  const plain = new Map<string, string>();
  const translate = (key: string, params?: object): string => {
    if (params) return lookUp(key, params);
    const known = plain.get(key) ?? lookUp(key);
    plain.set(key, known);
    return known;
  };
  return translate as Translate;
};
