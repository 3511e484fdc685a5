/** What a row of measured ratios says, and how sure one may be of it. Pure; the random numbers are seeded. */

export interface Interval {
  low: number;
  high: number;
}

export interface Estimate extends Interval {
  median: number;
}

/** `undecided`: the limit lies within what the measurement can tell. */
export type Verdict = 'pass' | 'fail' | 'undecided';

export interface Limit {
  kind: 'atLeast' | 'atMost';
  value: number;
}

/** The q-quantile (0..1) by linear interpolation. Throws for no values. */
export const quantile = (values: readonly number[], q: number): number => {
  if (values.length === 0) throw new Error('no values');
  const sorted = values.toSorted((a, b) => a - b);
  const place = (sorted.length - 1) * q;
  const below = sorted[Math.floor(place)] ?? 0;
  const above = sorted[Math.ceil(place)] ?? below;
  return below + (above - below) * (place - Math.floor(place));
};

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** mulberry32: small, seeded, good enough to resample with. Numbers in [0, 1). */
export const seededRandom = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

const RESAMPLES = 2_000;
const SEED = 20_200_114;

/** The median and its 95% percentile-bootstrap interval; the same values give the same interval. */
export const estimate = (values: readonly number[]): Estimate => {
  const random = seededRandom(SEED);
  const medians = Array.from({ length: RESAMPLES }, () =>
    median(values.map(() => values[Math.floor(random() * values.length)] ?? 0)),
  );
  return { median: median(values), low: quantile(medians, 0.025), high: quantile(medians, 0.975) };
};

/** How far a thing measured against itself strays from 1: nothing finer than this is claimed. */
export const noiseFloor = (againstItself: readonly number[]): number => {
  const { low, high } = estimate(againstItself);
  return Math.max(Math.abs(1 - low), Math.abs(high - 1));
};

/** Pass or fail only if the whole interval is on one side of the limit, and the median further from it than the noise. */
export const judge = ({ median: middle, low, high }: Estimate, limit: Limit, noise: number): Verdict => {
  const { kind, value } = limit;
  const clearsAbove = low >= value && middle >= value * (1 + noise);
  const clearsBelow = high < value && middle < value * (1 - noise);
  // "At most" is met on the limit as well.
  const metBelow = high <= value && middle <= value * (1 - noise);
  const missedAbove = low > value && middle > value * (1 + noise);
  if (kind === 'atLeast') return clearsAbove ? 'pass' : clearsBelow ? 'fail' : 'undecided';
  return metBelow ? 'pass' : missedAbove ? 'fail' : 'undecided';
};
