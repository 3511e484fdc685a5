import type { Bench } from './goal.js';
import { interleave, type Rounds, type Variant, warmUp } from './slices.js';

export interface Compared {
  /** The reference against itself. */
  noise: Rounds;
  measured: Rounds;
}

/** The first variant is the reference: against itself first, for the noise floor, then against the others. */
export const compare = async (bench: Bench, variants: readonly Variant[]): Promise<Compared> => {
  const { stores, options, say, signal } = bench;
  const reference = variants[0];
  if (!reference) throw new Error('nothing to compare');
  await warmUp(variants);
  say(` ${reference.name} against itself`);
  const noise = await interleave(stores, [reference, reference], options.noisePairs, signal, say);
  say(` ${variants.map((each) => each.name).join(' | ')}`);
  const measured = await interleave(stores, variants, options.pairs, signal, say);
  return { noise, measured };
};
