import { addressesOf } from '../lib/addresses.js';
import { compare } from '../lib/compare.js';
import { atLeast, cpuPerOperation, ratioFigure, rate, type Scenario } from '../lib/goal.js';
import type { open as openQueuePath } from '../lib/project/queue-path.js';
import { openPurchasing, purchasesBy } from '../lib/purchasing.js';
import { rowsOf } from '../lib/rows.js';
import { Side } from '../lib/side.js';
import type { Variant } from '../lib/slices.js';
import type { open as openNoOp } from '../references/no-op-queue.js';

const JOBS = 20_000;
const QUICK_JOBS = 2_000;
const PURCHASES = 500;
const QUICK_PURCHASES = 100;

type QueueSide = Awaited<ReturnType<typeof Side.start<typeof openNoOp>>>;

/** P2: the queue path, and a whole purchase, beside a job that does nothing. */
export const p2: Scenario = {
  id: 'P2',
  group: 'purchases',
  title: 'The queue path and full purchases against a one-hop BullMQ no-op',
  run: async (bench) => {
    const { quick } = bench.options;
    const jobs = bench.options.n ?? (quick ? QUICK_JOBS : JOBS);
    const count = quick ? QUICK_PURCHASES : PURCHASES;
    const purchasing = await openPurchasing(bench, count);
    try {
      const noOp = await Side.start<typeof openNoOp>(
        'references/no-op-queue.js',
        addressesOf(bench, 'bench_noop'),
      );
      const path = await Side.start<typeof openQueuePath>(
        'lib/project/queue-path.js',
        addressesOf(bench, 'bench_path'),
      );
      const variants = [
        jobsThrough('BullMQ no-op', noOp, jobs),
        jobsThrough('queue path', path, jobs),
        purchasesBy(purchasing, 'worker', count),
      ];
      const { noise, measured } = await compare(bench, variants);
      const path1 = { label: 'CPU per job of the process, queue path : no-op', metric: cpuPerOperation };
      return {
        figures: [
          ratioFigure(measured, noise, {
            label: 'jobs/s, queue path : no-op',
            metric: rate,
            limit: atLeast(0.5),
          }),
          ratioFigure(measured, noise, { ...path1, limit: null }),
          ratioFigure(measured, noise, {
            label: 'full purchases/s : no-op jobs/s',
            metric: rate,
            limit: atLeast(0.1),
            of: 2,
          }),
        ],
        rows: rowsOf(
          variants.map((variant) => variant.name),
          measured,
        ),
        rounds: [noise, measured],
      };
    } finally {
      await purchasing.close();
    }
  },
};

const jobsThrough = (name: string, side: QueueSide, jobs: number): Variant => ({
  name,
  pid: side.pid,
  prepare: async () => undefined,
  run: async () => {
    const { seconds, cpuSeconds } = await side.run({ jobs });
    return { operations: jobs, seconds, cpuSeconds };
  },
});
