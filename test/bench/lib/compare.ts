import type { Bench } from './goal.js';
import { interleave, type Noise, type Rounds, type Variant, warmUp } from './slices.js';

export interface Compared {
  noise: Noise;
  measured: Rounds;
}

/** The first variants are the references, one unless said: against themselves first, for the noise floor, then against the others. */
export const compare = async (
  bench: Bench,
  variants: readonly Variant[],
  references = 1,
): Promise<Compared> => {
  const { stores, options, say, signal } = bench;
  const those = variants.slice(0, references);
  if (those.length < references) throw new Error('nothing to compare');
  await warmUp(variants);
  say(` ${those.map((each) => each.name).join(' and ')} against ${references > 1 ? 'themselves' : 'itself'}`);
  const twice = [...those, ...those];
  const noise = { ...(await interleave(stores, twice, options.noisePairs, signal, say)), references };
  say(` ${variants.map((each) => each.name).join(' | ')}`);
  const measured = await interleave(stores, variants, options.pairs, signal, say);
  return { noise, measured };
};
