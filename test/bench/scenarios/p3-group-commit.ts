import { sizedEach } from '../lib/calibrate.js';
import { compare } from '../lib/compare.js';
import { atLeast, atMost, cpuPerOperation, p50, ratioFigure, rate, type Scenario } from '../lib/goal.js';
import { openPurchasing, purchasesBy, requireSamePurchases } from '../lib/purchasing.js';
import { rowsOf } from '../lib/rows.js';

const PROBE_PURCHASES = 60;
/** Each purchase is somebody else's. */
const BUYERS = 6_000;
const ONE_BY_ONE = 150;
const ONE_BY_ONE_QUICK = 40;
/** Rules, leases and the second transaction take their part of it; a wait for others to come would take more. */
const AT_NO_LOAD = 1.5;

/** P3: what it brings to commit several purchases in one transaction, and that nobody waits for it. */
export const p3: Scenario = {
  id: 'P3',
  group: 'purchases',
  title: 'Several purchases in one transaction, against a floor script of one transaction each',
  meaning:
    'Under load purchases that are under way at the same time share their transactions: the same writes, many at once. One by one there is nothing to share, and a purchase must not wait for others to come.',
  run: async (bench) => {
    const buyers = bench.options.n ?? BUYERS;
    const purchasing = await openPurchasing(bench, buyers);
    try {
      await requireSamePurchases(purchasing);
      const alone = Math.min(buyers, bench.options.quick ? ONE_BY_ONE_QUICK : ONE_BY_ONE);
      const side = (name: 'floor' | 'worker') => ({
        of: (count: number) => purchasesBy(purchasing, name, count),
        probe: PROBE_PURCHASES,
        most: buyers,
      });
      const oneByOne = (name: 'floor' | 'worker') => purchasesBy(purchasing, name, alone, { oneByOne: true });
      const [floor, project] = await sizedEach(bench, [side('floor'), side('worker')]);
      if (!floor || !project) throw new Error('a side is missing');
      const variants = [floor, oneByOne('floor'), project, oneByOne('worker')];
      const { noise, measured } = await compare(bench, variants, 2);
      const loaded = { of: 2, to: 0 };
      return {
        figures: [
          ratioFigure(measured, noise, {
            ...loaded,
            label: 'purchases/s under load, project : floor',
            metric: rate,
            limit: atLeast(3),
          }),
          ratioFigure(measured, noise, {
            ...loaded,
            label: 'CPU per purchase of the process, project : floor',
            metric: cpuPerOperation,
            limit: null,
          }),
          ratioFigure(measured, noise, {
            label: 'median time of a purchase at no load, project : floor',
            metric: p50,
            limit: atMost(AT_NO_LOAD),
            of: 3,
            to: 1,
          }),
        ],
        rows: rowsOf(
          variants.map((variant) => variant.name),
          measured,
        ),
        rounds: [noise, measured],
        remarks: ['the payment provider answers at once on both sides'],
      };
    } finally {
      await purchasing.close();
    }
  },
};
