import { acceptedBy, openAccepting, requireSameAccepts } from '../lib/accepting.js';
import { sizedAlike } from '../lib/calibrate.js';
import { compare } from '../lib/compare.js';
import {
  atLeast,
  boundFigure,
  checking,
  cpuPerOperation,
  ratioFigure,
  rate,
  type Scenario,
} from '../lib/goal.js';
import { rowsOf } from '../lib/rows.js';
import { interleave } from '../lib/slices.js';

const PROBE_REQUESTS = 200;

const STEADY_PER_SECOND = 100;
const STEADY_REQUESTS = 300;
const STEADY_ROUNDS = 5;

/** G3: with authentication, authorization, validation and logs on our side alone. */
export const g3: Scenario = {
  id: 'G3',
  group: 'gateway',
  title: 'Accepting a purchase, everything on, against bare Fastify doing the same insert',
  meaning:
    'The same as G1, but on our side every request is signed in (JWT), authorized, limited and logged, as in production; the reference does none of it.',
  check: checking((bench) => openAccepting(bench, { signIn: true }), requireSameAccepts),
  run: async (bench) => {
    const accepting = await openAccepting(bench, { signIn: true });
    try {
      await requireSameAccepts(accepting, bench);
      const { variants, size } = await sizedAlike(bench, [
        { of: (requests) => acceptedBy(accepting, 'reference', requests, null), probe: PROBE_REQUESTS },
        { of: (requests) => acceptedBy(accepting, 'project', requests, null), probe: PROBE_REQUESTS },
      ]);
      const { noise, measured } = await compare(bench, variants);
      bench.say(` ${STEADY_PER_SECOND} requests a second`);
      const steady = acceptedBy(accepting, 'project', STEADY_REQUESTS, STEADY_PER_SECOND);
      const rounds = Math.min(STEADY_ROUNDS, bench.options.pairs);
      const latency = await interleave(bench.stores, [steady], rounds, bench.signal, bench.say);
      const p99s = latency.rounds.flatMap(([slice]) => slice?.latency?.p99 ?? []);
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
          boundFigure(`p99 at ${STEADY_PER_SECOND}/s with no worker beside (G2 has them)`, 'ms', p99s, null),
        ],
        rows: [
          ...rowsOf(
            variants.map((variant) => variant.name),
            measured,
          ),
          ...rowsOf([`${steady.name}, ${STEADY_PER_SECOND}/s offered`], latency),
        ],
        rounds: [noise, measured, latency],
        remarks: [`${size} purchases a slice`],
      };
    } finally {
      await accepting.close();
    }
  },
};
