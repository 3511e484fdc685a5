/** How much work a slice gets, from rates that were measured. Pure. */

/** Seconds a slice is to last: long enough to be timed, short enough for many of them. */
export interface SliceLength {
  least: number;
  most: number;
}

export const FULL_LENGTH: SliceLength = { least: 1.5, most: 5 };
/** Shows that everything works. */
export const QUICK_LENGTH: SliceLength = { least: 0.3, most: 1 };

/** A rate measured at the start is not the rate of every slice. */
const MARGIN = 1.25;

/** Up to two digits that matter: sizes are for people to read. */
const roundUp = (size: number): number => {
  const step = 10 ** Math.max(0, Math.floor(Math.log10(size)) - 1);
  return Math.max(1, Math.ceil(size / step) * step);
};

/**
 * Operations for sides that must do the same work, from their rates (operations a second): the faster one lasts `least`, and
 * the slower one no longer than `most` unless they are too far apart for both. Throws without rates.
 */
export const sharedSize = (rates: readonly number[], { least, most }: SliceLength): number => {
  if (rates.length === 0) throw new Error('no rates');
  const [fastest, slowest] = [Math.max(...rates), Math.min(...rates)];
  const comfortable = Math.min(fastest * least * MARGIN, (slowest * most) / MARGIN);
  return roundUp(Math.max(fastest * least, comfortable));
};

/** Operations for a side whose amount is its own business: one that lasts `least` with room to spare. */
export const ownSize = (rate: number, length: SliceLength): number => sharedSize([rate], length);

/** Repetitions of a piece of work that lasts `seconds`, so that all of them last `least`. */
export const timesFor = (seconds: number, { least }: SliceLength): number =>
  Math.max(1, Math.ceil((least * MARGIN) / seconds));

/** The size of the next probe after one of `size` operations that took `seconds`: on the way to `wanted` seconds, in bounded steps. */
export const nextProbe = (size: number, seconds: number, wanted: number): number =>
  Math.ceil(size * Math.min(20, Math.max(2, (wanted * MARGIN) / Math.max(seconds, 1e-4))));
