import { Temporal } from 'temporal-polyfill';

/** A subscription's term as an ISO 8601 duration. */
export const TERMS = ['P1M', 'P1Y'] as const;
export type Term = (typeof TERMS)[number];

export const monthsOf = (term: Term): number => (term === 'P1M' ? 1 : 12);

/** The end of a term that starts at `start`, in UTC; 31 January plus a month is the last day of February. [BUY-2] */
export const addTerm = (start: Date, term: Term): Date => addDuration(start, term);

export const addDays = (start: Date, days: number): Date => addDuration(start, `P${days}D`);

const addDuration = (start: Date, duration: string): Date => {
  const zoned = Temporal.Instant.fromEpochMilliseconds(start.getTime()).toZonedDateTimeISO('UTC');
  return new Date(zoned.add(duration).epochMilliseconds);
};

/** Whole seconds from `from` to `to`; never negative. */
export const secondsBetween = (from: Date, to: Date): number =>
  Math.max(0, Math.floor((to.getTime() - from.getTime()) / 1000));

/** The UTC day of `at` as `YYYY-MM-DD`, in which dated rules and prices are written; such days compare as strings. [ELG-6] */
export const utcDay = (at: Date): string => at.toISOString().slice(0, 10);

/** Whether a rule dated `from` (inclusive) `until` (exclusive) is in force on `day`; all three `YYYY-MM-DD`. [ELG-6] */
export const inForce = (rule: { from: string; until?: string }, day: string): boolean =>
  rule.from <= day && (rule.until === undefined || day < rule.until);
