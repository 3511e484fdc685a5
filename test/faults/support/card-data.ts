/** Numbers of test cards, as nobody but the provider may ever have them. */
export const CARD_NUMBERS = ['4242424242424242', '5555555555554444', '378282246310005'] as const;
export const CVV = '7391';

/** `4242 4242 4242 4242`, as it is written on the card. */
export const inGroups = (number: string, by: ' ' | '-'): string =>
  number.replace(/(\d{4})(?=\d)/g, `$1${by}`);

/** With whatever may stand between two digits, encoded or not. */
const NUMBERS = CARD_NUMBERS.map(
  (number) => new RegExp(number.split('').join('(?:[ \\-+._]|%20|%2D)?'), 'i'),
);

const SECRETS: readonly [what: string, pattern: RegExp][] = [
  ...NUMBERS.map((pattern): [string, RegExp] => ['a card number', pattern]),
  ['a CVV', new RegExp(`(?:cvv|cvc|securityCode)\\W{0,6}${CVV}`, 'i')],
  ['a card token', /tok_\w+/],
  ['a bearer token', /eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}/],
];

const AROUND = 60;

/** What of a card, or of a caller's credentials, is in a text, with what stands around it. */
export const secretsIn = (where: string, text: string): string[] =>
  SECRETS.flatMap(([what, pattern]) => {
    const found = pattern.exec(text);
    if (!found) return [];
    const around = text.slice(Math.max(0, found.index - AROUND), found.index + found[0].length + AROUND);
    return [`${what} in ${where}: ...${around}...`];
  });
