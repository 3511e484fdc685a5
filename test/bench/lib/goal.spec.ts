import { describe, expect, it } from '@jest/globals';
import { atLeast, atMost, boundFigure, ratioFigure, rate } from './goal.js';
import type { Noise, Rounds, Slice } from './slices.js';

/** Slices of one second, so that a rate is its number of operations. */
const slice = (operations: number): Slice => ({
  operations,
  seconds: 1,
  cpuSeconds: 0,
  counters: { redisCommands: {}, mongoOperations: {} },
  peakBytes: null,
  storesCpuSeconds: 0,
  othersCores: null,
});

const roundsOf = (...rounds: number[][]): Rounds => ({
  rounds: rounds.map((round) => round.map(slice)),
  rerun: 0,
  disturbed: 0,
});

const noiseOf = (references: number, ...rounds: number[][]): Noise => ({
  ...roundsOf(...rounds),
  references,
});

const QUIET = noiseOf(1, [100, 100], [100, 100]);

describe('a ratio', () => {
  it('is taken round by round, so that what drifts is in both', () => {
    const drifting = roundsOf([100, 90], [50, 45], [10, 9]);
    const figure = ratioFigure(drifting, QUIET, { label: '', metric: rate, limit: atLeast(0.8) });
    expect(figure).toMatchObject({ value: { median: 0.9 }, noise: 0, verdict: 'pass' });
  });

  it('is judged beside the noise of its own reference', () => {
    const noise = noiseOf(2, [100, 10, 100, 12], [100, 10, 100, 12]);
    const measured = roundsOf([100, 10, 90], [100, 10, 90], [100, 10, 90]);
    const options = { label: '', metric: rate, limit: atLeast(0.8), of: 2 };
    expect(ratioFigure(measured, noise, { ...options, to: 0 }).noise).toBeCloseTo(0);
    expect(ratioFigure(measured, noise, { ...options, to: 1 }).noise).toBeCloseTo(0.2);
  });

  it('decides nothing by fewer than three rounds', () => {
    const figure = ratioFigure(roundsOf([100, 90], [100, 90]), QUIET, {
      label: '',
      metric: rate,
      limit: atLeast(0.8),
    });
    expect(figure.verdict).toBe('undecided');
  });
});

describe('a bound', () => {
  it('holds for the worst value, not for the middle one', () => {
    expect(boundFigure('', 'ms', [10, 20, 90], atMost(100)).verdict).toBe('pass');
    expect(boundFigure('', 'ms', [10, 20, 110], atMost(100))).toMatchObject({
      value: { median: 20, low: 10, high: 110 },
      verdict: 'fail',
    });
  });
});
