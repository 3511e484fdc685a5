import type { UserDocument } from '../collections/index.js';

/** Longer texts are found by so many of their first characters. */
const LENGTH_MAX = 80;
/** Of so many words at the most. */
const KEYS_PER_TEXT = 10;

/** What looks alike is alike: no matter the case, the accents (É, Å) or the width of its letters. */
const folded = (text: string): string =>
  text
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .normalize('NFC')
    .replace(/\s+/g, ' ')
    .trim();

/** The text itself and its rest from each further word on: what a search may begin with. */
const keysOf = (text: string): string[] => {
  const line = folded(text);
  const starts = [...line.matchAll(/(?<=^|\s)\S|(?<![\p{L}\p{N}])[\p{L}\p{N}]/gu)].map(({ index }) => index);
  return starts.slice(0, KEYS_PER_TEXT).map((start) => line.slice(start, start + LENGTH_MAX));
};

/** A user is found by the start of the e-mail address, the name or any word of the name. */
export const searchKeysOf = ({
  email,
  displayName,
}: Pick<UserDocument, 'email' | 'displayName'>): string[] => [
  ...new Set([folded(email).slice(0, LENGTH_MAX), ...keysOf(displayName)]),
];

/** A subscription is found by its product's name or a word of it, and as its purchaser is; a contract has none. [ADM-1] */
export const subscriptionSearchKeys = (
  productName: string,
  purchaser: Pick<UserDocument, 'email' | 'displayName'> | null,
): string[] => [...new Set([...keysOf(productName), ...(purchaser ? searchKeysOf(purchaser) : [])])];

/** Matches the keys that begin with a person's text, whatever characters are in it; by an index from end to end. */
export const keysBeginWith = (text: string): { $regex: string } => ({
  $regex: `^${folded(text)
    .slice(0, LENGTH_MAX)
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`,
});
