import { acceptedBy, openAccepting, requireSameAccepts } from '../lib/accepting.js';
import { sizedAlike } from '../lib/calibrate.js';
import { compare } from '../lib/compare.js';
import { atLeast, cpuPerOperation, ratioFigure, rate, type Scenario } from '../lib/goal.js';
import { rowsOf } from '../lib/rows.js';

const PROBE_REQUESTS = 200;

/** G3: with authentication, authorization, validation and logs on our side alone. */
export const g3: Scenario = {
  id: 'G3',
  group: 'gateway',
  title: 'Accepting a purchase, everything on, against bare Fastify doing the same insert',
  meaning:
    'The same as G1, but on our side every request is signed in (JWT), authorized, limited and logged, as in production; the reference does none of it.',
  run: async (bench) => {
    const accepting = await openAccepting(bench, { signIn: true });
    try {
      await requireSameAccepts(bench, accepting);
      const { variants, size } = await sizedAlike(bench, [
        { of: (requests) => acceptedBy(accepting, 'reference', requests, null), probe: PROBE_REQUESTS },
        { of: (requests) => acceptedBy(accepting, 'project', requests, null), probe: PROBE_REQUESTS },
      ]);
      const { noise, measured } = await compare(bench, variants);
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
        ],
        rows: rowsOf(
          variants.map((variant) => variant.name),
          measured,
        ),
        rounds: [noise, measured],
        remarks: [`${size} purchases a slice`],
      };
    } finally {
      await accepting.close();
    }
  },
};
