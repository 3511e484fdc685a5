import type { Money } from '@commissary/domain';

/** Amounts, counts and dates as a locale writes them. */
export interface Format {
  money(amount: Money): string;
  count(n: number): string;
  /** `at` is RFC 3339; the day is that of UTC. */
  date(at: string): string;
}

/**
 * Minor units by ISO 4217 where they are not two. Not asked of Intl, which follows CLDR and gives HUF or PKR none.
 */
const MINOR_DIGITS: Record<number, string> = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF',
  3: 'BHD IQD JOD KWD LYD OMR TND',
  4: 'CLF UYW',
};
const DIGITS_OF = new Map(
  Object.entries(MINOR_DIGITS).flatMap(([digits, codes]) =>
    codes.split(' ').map((code) => [code, Number(digits)]),
  ),
);

/** `locale` is a well-formed BCP 47 tag. */
export const createFormat = (locale: string): Format => {
  const counts = new Intl.NumberFormat(locale);
  const dates = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'UTC' });
  const amounts = new Map<string, Intl.NumberFormat>();
  return {
    count: (n) => counts.format(n),
    date: (at) => dates.format(new Date(at)),
    money: ({ amountMinor, currency }) => {
      const digits = DIGITS_OF.get(currency) ?? 2;
      let amount = amounts.get(currency);
      if (!amount) {
        amount = new Intl.NumberFormat(locale, {
          style: 'currency',
          currency,
          minimumFractionDigits: digits,
          maximumFractionDigits: digits,
        });
        amounts.set(currency, amount);
      }
      return amount.format(decimal(amountMinor, digits));
    },
  };
};

/** Shifts the decimal point in the digits themselves, for a division would round large amounts. */
const decimal = (amountMinor: number, digits: number): Intl.StringNumericLiteral => {
  const sign = amountMinor < 0 ? '-' : '';
  const padded = String(Math.abs(amountMinor)).padStart(digits + 1, '0');
  const whole = padded.slice(0, padded.length - digits);
  const fraction = padded.slice(padded.length - digits);
  return `${sign}${whole}${fraction ? `.${fraction}` : ''}` as Intl.StringNumericLiteral;
};
