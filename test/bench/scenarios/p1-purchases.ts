import { compare } from '../lib/compare.js';
import { atLeast, cpuPerOperation, ratioFigure, rate, type Scenario } from '../lib/goal.js';
import { openPurchasing, purchasesBy, requireSamePurchases } from '../lib/purchasing.js';
import { rowsOf } from '../lib/rows.js';

const PURCHASES = 500;
const QUICK_PURCHASES = 100;

/** P1: what contracts, policies, leases, fences and the second transaction cost. */
export const p1: Scenario = {
  id: 'P1',
  group: 'purchases',
  title: 'Purchases against a floor script of the same writes and hops',
  run: async (bench) => {
    const count = bench.options.n ?? (bench.options.quick ? QUICK_PURCHASES : PURCHASES);
    const purchasing = await openPurchasing(bench, count);
    try {
      await requireSamePurchases(purchasing);
      const variants = [purchasesBy(purchasing, 'floor', count), purchasesBy(purchasing, 'worker', count)];
      const { noise, measured } = await compare(bench, variants);
      const cpu = { label: 'CPU per purchase of the process, project : floor', metric: cpuPerOperation };
      return {
        figures: [
          ratioFigure(measured, noise, {
            label: 'purchases/s, project : floor',
            metric: rate,
            limit: atLeast(0.8),
          }),
          ratioFigure(measured, noise, { ...cpu, limit: null }),
        ],
        rows: rowsOf(
          variants.map((variant) => variant.name),
          measured,
        ),
        rounds: [noise, measured],
        remarks: [`${count} purchases a slice`, 'the payment provider answers at once on both sides'],
      };
    } finally {
      await purchasing.close();
    }
  },
};
