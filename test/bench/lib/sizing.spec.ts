import { describe, expect, it } from '@jest/globals';
import { FULL_LENGTH, nextProbe, ownSize, sharedSize, timesFor } from './sizing.js';

const { least, most } = FULL_LENGTH;

describe('the size of a slice', () => {
  it.each([
    [50_000, 22_800],
    [300, 210],
    [1_000, 1_000],
    [100, 31],
  ])('keeps both sides within the length of a slice: %d and %d a second', (one, other) => {
    const size = sharedSize([other, one], FULL_LENGTH);
    expect(size / one).toBeGreaterThanOrEqual(least);
    expect(size / other).toBeLessThanOrEqual(most);
  });

  it('leaves room for a side that turns out faster or slower than it was', () => {
    const size = sharedSize([1_000, 600], FULL_LENGTH);
    expect(size / 1_200).toBeGreaterThanOrEqual(least);
    expect(size / 480).toBeLessThanOrEqual(most);
  });

  it('times the faster side where the two are too far apart for both', () => {
    const size = sharedSize([50_000, 1_000], FULL_LENGTH);
    expect(size / 50_000).toBeCloseTo(least, 1);
    expect(size / 1_000).toBeGreaterThan(most);
  });

  it('is a number for people, and at least one', () => {
    expect(sharedSize([52_345], FULL_LENGTH)).toBe(99_000);
    expect(sharedSize([0.1], FULL_LENGTH)).toBe(1);
  });

  it('is that of one side where it is nobody else’s business', () => {
    expect(ownSize(640, FULL_LENGTH)).toBe(sharedSize([640], FULL_LENGTH));
  });

  it('refuses to guess', () => {
    expect(() => sharedSize([], FULL_LENGTH)).toThrow('no rates');
  });
});

describe('repetitions', () => {
  it('fill a slice with what is too short for one', () => {
    expect(timesFor(0.3, FULL_LENGTH) * 0.3).toBeGreaterThanOrEqual(least);
    expect(timesFor(0.3, FULL_LENGTH) * 0.3).toBeLessThan(most);
  });

  it('are one of what is long enough', () => {
    expect(timesFor(25, FULL_LENGTH)).toBe(1);
  });
});

describe('the next probe', () => {
  it('aims at the time wanted', () => {
    expect(nextProbe(1_000, 0.1, 0.5)).toBe(6_250);
  });

  it('neither leaps after one that was over at once nor dawdles', () => {
    expect(nextProbe(1_000, 0, 0.5)).toBe(20_000);
    expect(nextProbe(1_000, 0.45, 0.5)).toBe(2_000);
  });
});
