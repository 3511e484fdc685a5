import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { addDays, addTerm, addTerms, inForce, monthsOf, secondsBetween, TERMS, utcDay } from './term.js';

const at = (iso: string): Date => new Date(iso);

const dates = fc.date({ min: at('2020-01-01'), max: at('2100-01-01'), noInvalidDate: true });

describe('term arithmetic', () => {
  it.each([
    ['2023-01-31T10:00:00.000Z', 'P1M', '2023-02-28T10:00:00.000Z'],
    ['2024-01-31T10:00:00.000Z', 'P1M', '2024-02-29T10:00:00.000Z'],
    ['2024-02-29T23:59:59.999Z', 'P1Y', '2025-02-28T23:59:59.999Z'],
    ['2023-12-31T00:00:00.000Z', 'P1M', '2024-01-31T00:00:00.000Z'],
    // Summer time begins on 26 March 2023 in Europe; UTC does not care.
    ['2023-03-15T01:30:00.000Z', 'P1M', '2023-04-15T01:30:00.000Z'],
  ] as const)('BUY-2 %s plus %s is %s', (start, term, end) => {
    expect(addTerm(at(start), term).toISOString()).toBe(end);
  });

  it('BUY-2 a term has its months, and lasts 28 to 31 days for each', () => {
    expect(TERMS.map(monthsOf)).toEqual([1, 12]);
    fc.assert(
      fc.property(dates, fc.constantFrom(...TERMS), (start, term) => {
        const days = secondsBetween(start, addTerm(start, term)) / 86_400;
        const [least, most] = term === 'P1M' ? [28, 31] : [365, 366];
        expect(days).toBeGreaterThanOrEqual(least);
        expect(days).toBeLessThanOrEqual(most);
      }),
    );
  });

  it('BUY-9 the 31st comes back after shorter months, and 29 February in leap years', () => {
    const ends = (start: string, term: 'P1M' | 'P1Y', counts: number[]) =>
      counts.map((count) => utcDay(addTerms(at(start), term, count)));
    expect(ends('2026-01-31', 'P1M', [1, 2, 3, 4, 25])).toEqual([
      ...['2026-02-28', '2026-03-31', '2026-04-30', '2026-05-31', '2028-02-29'],
    ]);
    expect(ends('2024-02-29', 'P1Y', [1, 2, 4])).toEqual(['2025-02-28', '2026-02-28', '2028-02-29']);
  });

  it('BUY-9 terms since an anchor follow each other, each at its time of day', () => {
    const counts = fc.integer({ min: 0, max: 300 });
    fc.assert(
      fc.property(dates, fc.constantFrom(...TERMS), counts, (anchor, term, count) => {
        const [from, to] = [addTerms(anchor, term, count), addTerms(anchor, term, count + 1)];
        const days = (to.getTime() - from.getTime()) / 86_400_000;
        const [least, most] = term === 'P1M' ? [28, 31] : [365, 366];
        expect(Number.isInteger(days) && days >= least && days <= most).toBe(true);
        const months = (to.getUTCFullYear() - anchor.getUTCFullYear()) * 12 + to.getUTCMonth();
        expect(months - anchor.getUTCMonth()).toBe((count + 1) * monthsOf(term));
        expect(to.getUTCDate()).toBeLessThanOrEqual(anchor.getUTCDate());
      }),
    );
  });

  it('BUY-8 BUY-9 days are of 24 hours, before a date as after it', () => {
    expect(addDays(at('2024-02-28T12:00:00.000Z'), 30).toISOString()).toBe('2024-03-29T12:00:00.000Z');
    expect(addDays(at('2024-03-29T12:00:00.000Z'), -30).toISOString()).toBe('2024-02-28T12:00:00.000Z');
    expect(addDays(at('2024-03-29T12:00:00.000Z'), 0).toISOString()).toBe('2024-03-29T12:00:00.000Z');
  });

  it('OWN-5 counts whole seconds, and none backwards', () => {
    expect(secondsBetween(at('2024-01-01T00:00:00.000Z'), at('2024-01-01T00:00:01.999Z'))).toBe(1);
    expect(secondsBetween(at('2024-01-02T00:00:00.000Z'), at('2024-01-01T00:00:00.000Z'))).toBe(0);
  });

  it('ELG-6 a rule is in force from its first day until the day before its end, in UTC', () => {
    expect(utcDay(at('2020-09-15T01:00:00+02:00'))).toBe('2020-09-14');
    const rule = { from: '2020-01-14', until: '2020-09-15' };
    const days = ['2020-01-13', '2020-01-14', '2020-09-14', '2020-09-15'];
    expect(days.map((day) => inForce(rule, day))).toEqual([false, true, true, false]);
    expect(inForce({ from: '2020-01-14' }, '2999-12-31')).toBe(true);
  });

  it('ELG-6 the day is that of the moment asked for, whichever was asked for before', () => {
    const moment = fc.date({
      min: at('1969-12-01T00:00:00Z'),
      max: at('1970-02-01T00:00:00Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(fc.array(moment), (moments) => {
        expect(moments.map(utcDay)).toEqual(moments.map((each) => each.toISOString().slice(0, 10)));
      }),
    );
    expect(() => utcDay(new Date(Number.NaN))).toThrow(RangeError);
  });
});
