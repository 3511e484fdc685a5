import { describe, expect, it } from '@jest/globals';
import { estimate, judge, median, noiseFloor, quantile, seededRandom } from './statistics.js';

describe('quantiles', () => {
  it('interpolates between neighbours', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(quantile([0, 10], 0.99)).toBeCloseTo(9.9);
    expect(quantile([7], 0.99)).toBe(7);
  });

  it('refuses an empty row', () => {
    expect(() => median([])).toThrow('no values');
  });
});

describe('bootstrap interval of the median', () => {
  const spread = Array.from({ length: 11 }, (_, i) => 0.9 + i / 50);

  it('is the value itself where all agree', () => {
    expect(estimate([0.8, 0.8, 0.8])).toEqual({ median: 0.8, low: 0.8, high: 0.8 });
  });

  it('encloses the median, lies within the values, and is the same each time', () => {
    const found = estimate(spread);
    expect(found.median).toBeCloseTo(1);
    expect(found.low).toBeLessThan(found.median);
    expect(found.high).toBeGreaterThan(found.median);
    expect(found.low).toBeGreaterThanOrEqual(0.9);
    expect(found.high).toBeLessThanOrEqual(1.1);
    expect(estimate(spread)).toEqual(found);
  });

  it('holds the true median in about 95 of 100 samples', () => {
    const random = seededRandom(7);
    const held = Array.from({ length: 60 }, () =>
      estimate(Array.from({ length: 11 }, () => random())),
    ).filter(({ low, high }) => low <= 0.5 && 0.5 <= high);
    expect(held.length).toBeGreaterThan(52);
  });

  it('gives the noise floor as the furthest stray from 1', () => {
    expect(noiseFloor([1, 1, 1])).toBe(0);
    expect(noiseFloor([0.9, 0.9, 0.9])).toBeCloseTo(0.1);
  });
});

describe('verdict', () => {
  const atLeast = { kind: 'atLeast', value: 0.8 } as const;
  const atMost = { kind: 'atMost', value: 1.3 } as const;

  it('passes or fails only with the whole interval on one side', () => {
    expect(judge({ median: 0.9, low: 0.85, high: 0.95 }, atLeast, 0)).toBe('pass');
    expect(judge({ median: 0.7, low: 0.65, high: 0.75 }, atLeast, 0)).toBe('fail');
    expect(judge({ median: 0.9, low: 0.75, high: 0.95 }, atLeast, 0)).toBe('undecided');
    expect(judge({ median: 1.2, low: 1.1, high: 1.25 }, atMost, 0)).toBe('pass');
    expect(judge({ median: 1.5, low: 1.4, high: 1.6 }, atMost, 0)).toBe('fail');
  });

  it('meets a limit exactly', () => {
    expect(judge({ median: 0.8, low: 0.8, high: 0.8 }, atLeast, 0)).toBe('pass');
    expect(judge({ median: 1.3, low: 1.3, high: 1.3 }, atMost, 0)).toBe('pass');
  });

  it('claims nothing finer than the noise', () => {
    expect(judge({ median: 0.82, low: 0.81, high: 0.83 }, atLeast, 0.05)).toBe('undecided');
    expect(judge({ median: 1.35, low: 1.34, high: 1.36 }, atMost, 0.05)).toBe('undecided');
  });
});
