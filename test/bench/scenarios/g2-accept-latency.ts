import { acceptedBy, type Accepting, openAccepting, requireSameAccepts } from '../lib/accepting.js';
import { compare } from '../lib/compare.js';
import { atMost, type Bench, p95, p99, ratioFigure, type Scenario } from '../lib/goal.js';
import { rowsOf } from '../lib/rows.js';

const PER_SECOND = 1_000;
const SECONDS = 2.5;
const QUICK_SECONDS = 0.5;
const PROBE_REQUESTS = 500;
/** Of what the slower side can do: above it queues grow without end, and latency says nothing. */
const SUSTAINED = 0.6;
const STEP = 25;

/** G2: latency at a fixed arrival rate. */
export const g2: Scenario = {
  id: 'G2',
  group: 'gateway',
  title: 'Latency of accepting a purchase at a fixed arrival rate, without sign-in on either side',
  run: async (bench) => {
    const accepting = await openAccepting(bench, { signIn: false });
    try {
      await requireSameAccepts(bench, accepting);
      const perSecond = await sustainedRate(bench, accepting);
      const requests = Math.round(perSecond * (bench.options.quick ? QUICK_SECONDS : SECONDS));
      const variants = [
        acceptedBy(accepting, 'reference', requests, perSecond),
        acceptedBy(accepting, 'project', requests, perSecond),
      ];
      const { noise, measured } = await compare(bench, variants);
      return {
        figures: [
          ratioFigure(measured, noise, { label: 'p99, gateway : bare', metric: p99, limit: atMost(1.5) }),
          ratioFigure(measured, noise, { label: 'p95, gateway : bare', metric: p95, limit: null }),
        ],
        rows: rowsOf(
          variants.map((variant) => variant.name),
          measured,
        ),
        rounds: [noise, measured],
        remarks: [
          perSecond === PER_SECOND
            ? `${PER_SECOND} requests/s`
            : `${perSecond} requests/s, for this machine does not sustain ${PER_SECOND}`,
        ],
      };
    } finally {
      await accepting.close();
    }
  },
};

/** 1,000 a second, or what both sides sustain with room to spare. The probe warms them up as well. */
const sustainedRate = async ({ stores }: Bench, accepting: Accepting): Promise<number> => {
  const rates: number[] = [];
  for (const which of ['reference', 'project', 'reference', 'project'] as const) {
    const probe = acceptedBy(accepting, which, PROBE_REQUESTS, null);
    await probe.prepare();
    await stores.settle();
    const { operations, seconds } = await probe.run();
    rates.push(operations / seconds);
  }
  const steady = Math.min(...rates.slice(2)) * SUSTAINED;
  return Math.min(PER_SECOND, Math.max(STEP, Math.floor(steady / STEP) * STEP));
};
