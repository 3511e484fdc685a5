import { describe, expect, it } from '@jest/globals';
import { rateOf, type Sizable, sizedAlike, sizedEach } from './calibrate.js';
import type { Bench } from './goal.js';
import { FULL_LENGTH } from './sizing.js';

/** A machine without noise, stores or time. */
const benchWith = (n: number | null = null): Bench =>
  ({
    stores: { settle: () => Promise.resolve() },
    options: { pairs: 11, noisePairs: 6, quick: false, n },
    say: () => undefined,
    signal: new AbortController().signal,
  }) as unknown as Bench;

interface Timeless extends Sizable {
  /** Sizes of all runs so far. */
  sizes: number[];
}

/** A side of so many operations a second after a first run at a tenth of that, each run with some seconds of its own. */
const sideOf = (perSecond: number, fields: Partial<Sizable> = {}, fixedSeconds = 0): Timeless => {
  const sizes: number[] = [];
  const of: Sizable['of'] = (size) => ({
    name: String(perSecond),
    pid: 0,
    prepare: () => Promise.resolve(),
    run: () => {
      const speed = sizes.length === 0 ? perSecond / 10 : perSecond;
      sizes.push(size);
      return Promise.resolve({ operations: size, seconds: size / speed + fixedSeconds, cpuSeconds: 0 });
    },
  });
  return { of, probe: 100, ...fields, sizes };
};

describe('the rate of a side', () => {
  it('is that of a warm one, at a size that can be timed', async () => {
    const side = sideOf(50_000);
    expect(await rateOf(benchWith(), side)).toBeCloseTo(50_000);
    expect((side.sizes.at(-1) ?? 0) / 50_000).toBeGreaterThanOrEqual(FULL_LENGTH.least / 3);
  });

  it('is not taken from a run that a fixed cost fills', async () => {
    expect(await rateOf(benchWith(), sideOf(50_000, {}, 0.1))).toBeGreaterThan(35_000);
  });

  it('is found with the data there is', async () => {
    const side = sideOf(50_000, { most: 1_000 });
    expect(await rateOf(benchWith(), side)).toBeCloseTo(50_000);
    expect(Math.max(...side.sizes)).toBe(1_000);
  });

  it('starts slow sides small', async () => {
    const side = sideOf(50);
    await rateOf(benchWith(), side);
    expect(Math.max(...side.sizes)).toBe(100);
  });
});

describe('the size of slices', () => {
  it('is one for sides that do the same work', async () => {
    const { variants, size } = await sizedAlike(benchWith(), [sideOf(1_000), sideOf(600)]);
    const runs = await Promise.all(variants.map((variant) => variant.run()));
    expect(runs.map((run) => run.operations)).toEqual([size, size]);
    expect(size / 1_000).toBeGreaterThanOrEqual(FULL_LENGTH.least);
    expect(size / 600).toBeLessThanOrEqual(FULL_LENGTH.most);
  });

  it('is what somebody asks for, without a run', async () => {
    const side = sideOf(1_000);
    expect((await sizedAlike(benchWith(77), [side])).size).toBe(77);
    expect(side.sizes).toEqual([]);
  });

  it('is no more than the side with the least data has', async () => {
    const sides = [sideOf(1_000), sideOf(1_000, { most: 500 })];
    expect((await sizedAlike(benchWith(), sides)).size).toBe(500);
  });

  it('is each side’s own where they are too far apart', async () => {
    const variants = await sizedEach(benchWith(), [sideOf(40_000), sideOf(400), sideOf(1, { asked: 3 })]);
    const sizes = (await Promise.all(variants.map((variant) => variant.run()))).map((run) => run.operations);
    expect((sizes[0] ?? 0) / 40_000).toBeCloseTo((sizes[1] ?? 0) / 400, 1);
    expect(sizes[2]).toBe(3);
  });
});
