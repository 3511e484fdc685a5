import { sizedAlike } from '../lib/calibrate.js';
import { compare } from '../lib/compare.js';
import { atLeast, checking, cpuPerOperation, ratioFigure, rate, type Scenario } from '../lib/goal.js';
import { openPurchasing, purchasesBy, requireSamePurchases } from '../lib/purchasing.js';
import { rowsOf } from '../lib/rows.js';

const PROBE_PURCHASES = 60;
/** Each purchase is somebody else's. */
const BUYERS = 4_000;

/** P1: what contracts, policies, leases, fences and the second transaction cost. */
export const p1: Scenario = {
  id: 'P1',
  group: 'purchases',
  title: 'Purchases against a floor script of the same writes and hops',
  meaning:
    'From the queue to the last write: claim, charge, one transaction of twelve documents, mails enqueued. The floor is a script of the same writes with no rules, leases or recovery; 0.80 x means four purchases in the time of its five.',
  check: checking((bench) => openPurchasing(bench, 0), requireSamePurchases),
  run: async (bench) => {
    const buyers = bench.options.n ?? BUYERS;
    const purchasing = await openPurchasing(bench, buyers);
    try {
      await requireSamePurchases(purchasing);
      const side = (name: 'floor' | 'worker') => ({
        of: (count: number) => purchasesBy(purchasing, name, count),
        probe: PROBE_PURCHASES,
        most: buyers,
      });
      const { variants, size } = await sizedAlike(bench, [side('floor'), side('worker')]);
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
        remarks: [`${size} purchases a slice`, 'the payment provider answers at once on both sides'],
      };
    } finally {
      await purchasing.close();
    }
  },
};
