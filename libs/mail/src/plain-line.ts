/** Controls, line and paragraph separators, and the marks that turn the direction of what follows. */
const UNSAFE = /[\p{Cc}\u2028\u2029]+/gu;
const BIDI = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
const LONGEST = 200;

/**
 * A name as one harmless line: people choose their own, and it goes into headers, where a line break would begin another one,
 * and into sentences, where a direction mark would turn the rest around.
 */
export const plainLine = (text: string): string => {
  const line = text.replace(BIDI, '').replace(UNSAFE, ' ').trim();
  const points = Array.from(line);
  return points.length > LONGEST ? `${points.slice(0, LONGEST - 1).join('')}…` : line;
};

/** Several lines of a person's own words: line breaks stay, of other controls and direction marks nothing does. */
export const plainText = (text: string): string =>
  text
    .replace(BIDI, '')
    .split(/\r\n|[\r\n\u2028\u2029]/u)
    .map((line) => line.replace(UNSAFE, ' ').trimEnd())
    .join('\n')
    .trim();
