import { addressesOf } from '../lib/addresses.js';
import { type Sizable, sizedEach } from '../lib/calibrate.js';
import { compare } from '../lib/compare.js';
import { atLeast, cpuPerOperation, ratioFigure, rate, type Scenario } from '../lib/goal.js';
import type { open as openQueuePath } from '../lib/project/queue-path.js';
import { openPurchasing, purchasesBy } from '../lib/purchasing.js';
import { rowsOf } from '../lib/rows.js';
import { Side } from '../lib/side.js';
import type { Variant } from '../lib/slices.js';
import type { open as openNoOp } from '../references/no-op-queue.js';

const PROBE_JOBS = 2_000;
const PROBE_PURCHASES = 60;
/** Each purchase is somebody else's. */
const BUYERS = 4_000;

type QueueSide = Awaited<ReturnType<typeof Side.start<typeof openNoOp>>>;

/** P2: the queue path, and a whole purchase, beside a job that does nothing. */
export const p2: Scenario = {
  id: 'P2',
  group: 'purchases',
  title: 'The queue path and full purchases against a one-hop BullMQ no-op',
  meaning:
    'How much of plain BullMQ is left when contracts, typed handlers and patience are around a job; and how a whole purchase, database and all, compares with a job that does nothing.',
  run: async (bench) => {
    const purchasing = await openPurchasing(bench, BUYERS);
    try {
      const noOp = await Side.start<typeof openNoOp>(
        'references/no-op-queue.js',
        addressesOf(bench, 'bench_noop'),
      );
      const path = await Side.start<typeof openQueuePath>(
        'lib/project/queue-path.js',
        addressesOf(bench, 'bench_path'),
      );
      const purchases = {
        of: (count: number) => purchasesBy(purchasing, 'worker', count),
        probe: PROBE_PURCHASES,
        most: BUYERS,
      };
      const variants = await sizedEach(bench, [
        { ...jobsThrough('BullMQ no-op', noOp), asked: bench.options.n },
        { ...jobsThrough('queue path', path), asked: bench.options.n },
        purchases,
      ]);
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

const jobsThrough = (name: string, side: QueueSide): Sizable => ({
  probe: PROBE_JOBS,
  of: (jobs): Variant => ({
    name,
    pid: side.pid,
    prepare: async () => undefined,
    run: async () => {
      const { seconds, cpuSeconds } = await side.run({ jobs });
      return { operations: jobs, seconds, cpuSeconds };
    },
  }),
});
