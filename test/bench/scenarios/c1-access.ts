import { accessCuts, openAccessCut } from '../lib/access-cut.js';
import { compare } from '../lib/compare.js';
import { atMost, boundFigure, p50, ratioFigure, type Scenario } from '../lib/goal.js';
import { rowsOf } from '../lib/rows.js';
import { quantile } from '../lib/statistics.js';

const SMALL = 100;
const LARGE = 1_000_000;
const QUICK_LARGE = 100_000;
const TIMES = 10;
const QUICK_TIMES = 3;

/** C1: one status change cuts the access of all, however many they are. */
export const c1: Scenario = {
  id: 'C1',
  group: 'cancel',
  title: 'From an accepted cancellation to no access, at two sizes',
  meaning:
    'An admin cancels a subscription over HTTP, and one of its users asks for their licenses again and again: how long after the 202 the license is gone. 1 x means that the number of licenses does not matter.',
  run: async (bench) => {
    const { quick, n } = bench.options;
    const small = await openAccessCut(bench, SMALL);
    const large = await openAccessCut(bench, n ?? (quick ? QUICK_LARGE : LARGE));
    try {
      const seen: number[][] = [[], []];
      const times = quick ? QUICK_TIMES : TIMES;
      const variants = [small, large].map((cut, place) =>
        accessCuts(cut, times, (ms) => seen[place]?.push(ms)),
      );
      const { noise, measured } = await compare(bench, variants);
      // Without those that warm up.
      const counted = (place: number): number[] => seen[place]?.slice(times) ?? [];
      const sizes = `${large.size} : ${small.size} licenses`;
      return {
        figures: [
          ratioFigure(measured, noise, { label: `median, ${sizes}`, metric: p50, limit: atMost(1.2) }),
          ...[small, large].map(({ size }, place) =>
            boundFigure(`p99, ${size} licenses`, 'ms', [quantile(counted(place), 0.99)], atMost(250)),
          ),
          ...[small, large].map(({ size }, place) =>
            boundFigure(`each one, ${size} licenses`, 'ms', counted(place), null),
          ),
        ],
        rows: rowsOf(
          variants.map((variant) => variant.name),
          measured,
        ),
        rounds: [noise, measured],
        remarks: [`${times} cancellations a slice; those of the noise are in p99 as well`],
      };
    } finally {
      await small.close();
      await large.close();
    }
  },
};
