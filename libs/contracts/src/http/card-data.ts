/** What of a card never belongs in a text: its number, its check value, and the provider's token for it. [BUY-3, OPS-2] */

/** Visa, Mastercard, American Express, Diners Club, Discover, JCB. */
const NUMBER =
  /^(?:4\d{12}(?:\d{3}){0,2}|5[1-5]\d{14}|2[2-7]\d{14}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|6(?:011|4[4-9]\d|5\d\d)\d{12}|35\d{14})$/;
const LONGEST = 19;
const BETWEEN_GROUPS = /^[ ._\-\u00a0\u2010-\u2015]?$/;
const NAMED = /\btok_\w+|\b(?:cvv2?|cvc2?|security ?code)\W{0,5}\d{3,4}\b/gi;

/** The check digit of every card number (Luhn): most other numbers of that length fail it. */
const checks = (digits: string): boolean => {
  const sum = Array.from(digits)
    .reverse()
    .reduce((total, digit, i) => {
      const value = Number(digit) * (i % 2 === 0 ? 1 : 2);
      return total + (value > 9 ? value - 9 : value);
    }, 0);
  return sum % 10 === 0;
};

const isNumber = (digits: string): boolean => NUMBER.test(digits) && checks(digits);

interface Part {
  from: number;
  to: number;
}

/** Card numbers, written in one or in groups with something between them; a longer number does not hold one. */
const numbersIn = (text: string): Part[] => {
  const groups = [...text.matchAll(/\d+/g)].map(({ index, 0: digits }) => ({
    from: index,
    to: index + digits.length,
    digits,
  }));
  return groups.flatMap(({ from }, first) => {
    let [digits, end] = ['', from];
    for (const group of groups.slice(first, first + LONGEST)) {
      if (!BETWEEN_GROUPS.test(text.slice(end, group.from))) break;
      [digits, end] = [digits + group.digits, group.to];
      if (digits.length > LONGEST) break;
      if (isNumber(digits)) return [{ from, to: end }];
    }
    return [];
  });
};

/** What says itself what it is. */
const namedIn = (text: string): Part[] =>
  [...text.matchAll(NAMED)].map(({ index, 0: named }) => ({ from: index, to: index + named.length }));

const partsIn = (text: string): Part[] =>
  [...numbersIn(text), ...namedIn(text)].sort((a, b) => a.from - b.from);

export const holdsCardData = (text: string): boolean => partsIn(text).length > 0;

/** The text with `[card]` where such a thing was. */
export const withoutCardData = (text: string): string => {
  let [kept, at] = ['', 0];
  for (const { from, to } of partsIn(text)) {
    if (from < at) continue;
    kept += `${text.slice(at, from)}[card]`;
    at = to;
  }
  return kept + text.slice(at);
};
