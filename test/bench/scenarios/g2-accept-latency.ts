import { acceptedBy, type Accepting, openAccepting, requireSameAccepts } from '../lib/accepting.js';
import { compare } from '../lib/compare.js';
import {
  atMost,
  type Bench,
  boundFigure,
  p95,
  p99,
  ratioFigure,
  type Scenario,
  type ScenarioOutcome,
} from '../lib/goal.js';
import { rowsOf } from '../lib/rows.js';
import { interleave, warmUp } from '../lib/slices.js';
import { median } from '../lib/statistics.js';
import { openWholeService, type WholeVariant } from '../lib/whole-service.js';

const PER_SECOND = 1_000;
const SECONDS = 2.5;
const QUICK_SECONDS = 0.5;
const PROBE_REQUESTS = 500;
/** Of what the slower side can do: above it queues grow without end, and latency says nothing. */
const SUSTAINED = 0.6;
const STEP = 25;

const WHOLE = { perSecond: 100, seconds: 10, rounds: 5, p99Ms: 100 };
const QUICK_WHOLE = { ...WHOLE, seconds: 3, rounds: 1 };

/** G2: latency at a fixed arrival rate: against the bare reference, and of the service as a whole. */
export const g2: Scenario = {
  id: 'G2',
  group: 'gateway',
  title: 'Latency of accepting a purchase at a fixed arrival rate',
  meaning:
    'Requests arrive at a fixed rate whatever the answers do, and each is timed from the moment it was due. First G1’s two programs, one against the other; then the whole service by itself, as it runs in production: signed in, limited and logged, with four workers that charge, write and mail every purchase meanwhile, and the load generator, all on the same cores.',
  run: async (bench) => {
    const against = await againstBare(bench);
    const whole = await asAWhole(bench);
    return {
      figures: [...against.figures, ...whole.figures],
      rows: [...against.rows, ...whole.rows],
      rounds: [...against.rounds, ...whole.rounds],
      remarks: [...(against.remarks ?? []), ...(whole.remarks ?? [])],
    };
  },
};

const againstBare = async (bench: Bench): Promise<ScenarioOutcome> => {
  const accepting = await openAccepting(bench, { signIn: false });
  try {
    await requireSameAccepts(accepting, bench);
    const perSecond = await sustainedRate(bench, accepting);
    const requests = Math.round(perSecond * (bench.options.quick ? QUICK_SECONDS : SECONDS));
    const variants = [
      acceptedBy(accepting, 'reference', requests, perSecond),
      acceptedBy(accepting, 'project', requests, perSecond),
    ];
    const { noise, measured } = await compare(bench, variants);
    const at = `at ${perSecond}/s`;
    return {
      figures: [
        ratioFigure(measured, noise, { label: `p99 ${at}, gateway : bare`, metric: p99, limit: atMost(1.5) }),
        ratioFigure(measured, noise, { label: `p95 ${at}, gateway : bare`, metric: p95, limit: null }),
      ],
      rows: rowsOf(
        variants.map((variant) => `${variant.name}, ${perSecond}/s offered`),
        measured,
      ),
      rounds: [noise, measured],
      remarks:
        perSecond === PER_SECOND
          ? []
          : [
              `this machine does not sustain the ${PER_SECOND} requests/s of the goal with the load generator and the stores on the same cores, so ${perSecond}/s were offered: ${SUSTAINED * 100}% of what the slower side can take`,
            ],
    };
  } finally {
    await accepting.close();
  }
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

const asAWhole = async (bench: Bench): Promise<ScenarioOutcome> => {
  const { options, signal, say } = bench;
  const { perSecond, seconds, rounds, p99Ms } = options.quick ? QUICK_WHOLE : WHOLE;
  say(' the whole service');
  const service = await openWholeService(bench);
  try {
    const purchases = service.purchases(perSecond * seconds, perSecond);
    await warmUp([purchases]);
    purchases.seen.length = 0;
    const count = Math.min(rounds, options.pairs);
    const measured = await interleave(service.stores, [purchases], count, signal, say);
    const latencies = measured.rounds.flatMap(([slice]) => slice?.latency ?? []);
    const quantiles = (pick: 'p50' | 'p95' | 'p99'): number[] => latencies.map((one) => one[pick]);
    const at = `at ${perSecond}/s, whole service`;
    return {
      figures: [
        boundFigure(`p99 ${at}`, 'ms', quantiles('p99'), atMost(p99Ms)),
        boundFigure(`p95 ${at}`, 'ms', quantiles('p95'), null),
        boundFigure(`p50 ${at}`, 'ms', quantiles('p50'), null),
        boundFigure(
          `purchases completed meanwhile ${at}`,
          'x',
          purchases.seen.map((one) => one.completed),
          null,
        ),
      ],
      rows: rowsOf([purchases.name], measured),
      rounds: [measured],
      remarks: [
        `the whole service is given ${seconds} s a slice`,
        cpuText(purchases.seen, perSecond * seconds),
      ],
    };
  } finally {
    await service.close();
  }
};

/** Where the cores went. */
const cpuText = (seen: WholeVariant['seen'], purchases: number): string => {
  const names = [...(seen[0]?.cpu.keys() ?? [])];
  const each = names
    .map((name) => ({ name, ms: (median(seen.map(({ cpu }) => cpu.get(name) ?? 0)) / purchases) * 1000 }))
    .filter(({ ms }) => ms >= 0.1)
    .toSorted((a, b) => b.ms - a.ms);
  const total = each.reduce((sum, { ms }) => sum + ms, 0);
  const parts = each.map(({ name, ms }) => `${name} ${ms.toFixed(1)}`);
  return `CPU ms for each purchase offered: ${total.toFixed(1)} in all (${parts.join(', ')})`;
};
