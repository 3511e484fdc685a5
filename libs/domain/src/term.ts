import { Temporal } from 'temporal-polyfill';

/** A subscription's term as an ISO 8601 duration. */
export const TERMS = ['P1M', 'P1Y'] as const;
export type Term = (typeof TERMS)[number];

export const monthsOf = (term: Term): number => (term === 'P1M' ? 1 : 12);

/** The end of a term that starts at `start`, in UTC; 31 January plus a month is the last day of February. [BUY-2] */
export const addTerm = (start: Date, term: Term): Date => addTerms(start, term, 1);

/** The end of the `count`-th term since `anchor`, in UTC: the 31st comes back after a shorter month. [BUY-9] */
export const addTerms = (anchor: Date, term: Term, count: number): Date =>
  addDuration(anchor, `P${monthsOf(term) * count}M`);

/** Days of 24 hours, for UTC has no others; before `start` where `days` is negative. */
export const addDays = (start: Date, days: number): Date => addDuration(start, { days });

const addDuration = (start: Date, duration: string | { days: number }): Date => {
  const zoned = Temporal.Instant.fromEpochMilliseconds(start.getTime()).toZonedDateTimeISO('UTC');
  return new Date(zoned.add(duration).epochMilliseconds);
};

/** Whole seconds from `from` to `to`; never negative. */
export const secondsBetween = (from: Date, to: Date): number =>
  Math.max(0, Math.floor((to.getTime() - from.getTime()) / 1000));

/** The UTC day of `at` as `YYYY-MM-DD`, in which dated rules and prices are written; such days compare as strings. [ELG-6] */
export const utcDay = (at: Date): string => {
  const number = Math.floor(at.getTime() / DAY_MS);
  // Rules of one day are asked for again and again; writing the day out costs more than they do.
  if (number !== last.number) last = { number, text: at.toISOString().slice(0, 10) };
  return last.text;
};

const DAY_MS = 86_400_000;
let last = { number: Number.NaN, text: '' };

/** Whether a rule dated `from` (inclusive) `until` (exclusive) is in force on `day`; all three `YYYY-MM-DD`. [ELG-6] */
export const inForce = (rule: { from: string; until?: string }, day: string): boolean =>
  rule.from <= day && (rule.until === undefined || day < rule.until);
