import { describe, expect, it } from '@jest/globals';
import { atLeast, type GoalReport } from './goal.js';
import { pageText, short, summaryText } from './report.js';

const report: GoalReport = {
  id: 'M1',
  title: 'A move against raw writes',
  meaning: 'What it says.',
  figures: [
    {
      label: 'users/s, move : raw',
      unit: 'x',
      value: { median: 0.8421, low: 0.83, high: 0.85 },
      limit: atLeast(0.8),
      noise: 0.021,
      verdict: 'pass',
    },
    {
      label: 'CPU per user',
      unit: 'us',
      value: { median: 12, low: 11, high: 13 },
      limit: null,
      noise: null,
      verdict: null,
    },
  ],
  rows: [],
  rerun: 1,
  disturbed: 0,
  othersCores: 0.02,
  seconds: 12,
  remarks: ['60000 users a slice'],
};

describe('numbers for people', () => {
  it.each([
    [0.84213, '0.842'],
    [12.345, '12.3'],
    [95_123.4, '95123'],
    [0.0000123, '0.00001'],
    [0, '0'],
    [Number.NaN, '-'],
  ])('%d is shown as %s', (value, text) => {
    expect(short(value)).toBe(text);
  });
});

describe('the page', () => {
  it('sums up what has a limit', () => {
    const lines = summaryText([report]).split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[2]).toMatch(
      /^\| M1 +\| users\/s, move : raw +\| 0\.842 x +\| 0\.830 to 0\.850 +\| >= 0\.8 x +\| 2\.1% +\| pass +\|$/,
    );
  });

  it('begins with the summary and tells of the machine before the goals', () => {
    const page = pageText({ processor: 'two cores' }, [report], 'npm run bench');
    const places = ['npm run bench', '| goal ', 'How to read it', 'two cores', '## M1', 'What it says.'].map(
      (text) => page.indexOf(text),
    );
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(places[0]).toBeGreaterThan(0);
    expect(page).toContain('60000 users a slice.');
  });
});
