import type { Bench } from './goal.js';
import { FULL_LENGTH, nextProbe, ownSize, QUICK_LENGTH, sharedSize, type SliceLength } from './sizing.js';
import type { Variant } from './slices.js';

/** A side whose slices can have any size. */
export interface Sizable {
  /** Fresh data of so many operations. */
  of: (size: number) => Variant;
  /** Size of the first, uncounted run, which compiles the side's code. */
  probe: number;
  /** There is no data for more. */
  most?: number;
  /** The size somebody asked for, if they did. */
  asked?: number | null;
}

export const lengthOf = ({ options }: Pick<Bench, 'options'>): SliceLength =>
  options.quick ? QUICK_LENGTH : FULL_LENGTH;

/** A probe of this share of a slice tells the rate. */
const ENOUGH = 1 / 3;

const runOnce = async (bench: Bench, variant: Variant): Promise<{ operations: number; seconds: number }> => {
  bench.signal.throwIfAborted();
  await variant.prepare();
  await bench.stores.settle();
  return variant.run();
};

/** How long a variant takes once it is warm. */
export const secondsOf = async (bench: Bench, variant: Variant): Promise<number> => {
  await runOnce(bench, variant);
  return (await runOnce(bench, variant)).seconds;
};

/**
 * Operations a second of a warm side, by runs that grow until one is long enough: the best of that size, for what is new to
 * a side, or disturbed, is slower than its slices will be.
 */
export const rateOf = async (bench: Bench, { of, probe, most = Infinity }: Sizable): Promise<number> => {
  const wanted = lengthOf(bench).least * ENOUGH;
  let size = Math.min(probe, most);
  await runOnce(bench, of(size));
  for (;;) {
    const variant = of(size);
    const first = await runOnce(bench, variant);
    if (first.seconds < wanted && size < most) {
      size = Math.min(most, nextProbe(size, first.seconds, wanted));
      continue;
    }
    const second = await runOnce(bench, variant);
    const seconds = Math.min(first.seconds, second.seconds);
    if (seconds >= wanted / 2 || size >= most) return first.operations / seconds;
    size = Math.min(most, nextProbe(size, seconds, wanted));
  }
};

const capped = (size: number, { most = Infinity }: Sizable): number => Math.min(size, most);

/** Sides that do the same work, and how much: `--n`, or what their rates allow. */
export const sizedAlike = async (
  bench: Bench,
  sides: readonly Sizable[],
): Promise<{ variants: Variant[]; size: number }> => {
  const size = bench.options.n ?? (await calibratedSize(bench, sides));
  const bounded = Math.min(...sides.map((side) => capped(size, side)));
  return { variants: sides.map(({ of }) => of(bounded)), size: bounded };
};

const calibratedSize = async (bench: Bench, sides: readonly Sizable[]): Promise<number> => {
  bench.say(' finding the size of a slice');
  const rates: number[] = [];
  for (const side of sides) rates.push(await rateOf(bench, side));
  return sharedSize(rates, lengthOf(bench));
};

/** Sides so far apart that each gets as much work as a slice holds of it; rates are compared all the same. */
export const sizedEach = async (bench: Bench, sides: readonly Sizable[]): Promise<Variant[]> => {
  bench.say(' finding the size of a slice');
  const variants: Variant[] = [];
  for (const side of sides) {
    const size = side.asked ?? ownSize(await rateOf(bench, side), lengthOf(bench));
    variants.push(side.of(capped(size, side)));
  }
  return variants;
};
