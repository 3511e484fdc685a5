import { acceptedBy, openAccepting, requireSameAccepts } from '../lib/accepting.js';
import { compare } from '../lib/compare.js';
import {
  atLeast,
  atMost,
  boundFigure,
  cpuPerOperation,
  ratioFigure,
  rate,
  type Scenario,
} from '../lib/goal.js';
import { rowsOf } from '../lib/rows.js';
import { interleave } from '../lib/slices.js';

const REQUESTS = 1_500;
const QUICK_REQUESTS = 300;

const STEADY_PER_SECOND = 100;
const STEADY_REQUESTS = 300;
const STEADY_ROUNDS = 5;
const STEADY_P99_MS = 100;

/** G3: with authentication, authorization, validation and logs on our side alone. */
export const g3: Scenario = {
  id: 'G3',
  group: 'gateway',
  title: 'Accepting a purchase, everything on, against bare Fastify doing the same insert',
  run: async (bench) => {
    const { stores, options, signal, say } = bench;
    const requests = options.n ?? (options.quick ? QUICK_REQUESTS : REQUESTS);
    const accepting = await openAccepting(bench, { signIn: true });
    try {
      await requireSameAccepts(bench, accepting);
      const variants = [
        acceptedBy(accepting, 'reference', requests, null),
        acceptedBy(accepting, 'project', requests, null),
      ];
      const { noise, measured } = await compare(bench, variants);
      say(` ${STEADY_PER_SECOND} requests a second`);
      const steady = acceptedBy(accepting, 'project', STEADY_REQUESTS, STEADY_PER_SECOND);
      const rounds = Math.min(STEADY_ROUNDS, options.pairs);
      const latency = await interleave(stores, [steady], rounds, signal, say);
      const p99s = latency.rounds.map((round) => round[0]?.latency?.p99 ?? Number.NaN);
      return {
        figures: [
          ratioFigure(measured, noise, {
            label: 'requests/s, gateway : bare',
            metric: rate,
            limit: atLeast(0.5),
          }),
          ratioFigure(measured, noise, {
            label: 'CPU per request of the process, gateway : bare',
            metric: cpuPerOperation,
            limit: null,
          }),
          boundFigure(`p99 at ${STEADY_PER_SECOND} requests/s`, 'ms', p99s, atMost(STEADY_P99_MS)),
        ],
        rows: [
          ...rowsOf(
            variants.map((variant) => variant.name),
            measured,
          ),
          ...rowsOf([`${steady.name}, ${STEADY_PER_SECOND}/s`], latency),
        ],
        rounds: [noise, measured, latency],
        remarks: [`${requests} purchases a slice`],
      };
    } finally {
      await accepting.close();
    }
  },
};
