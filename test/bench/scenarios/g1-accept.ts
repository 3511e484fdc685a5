import { acceptedBy, openAccepting, requireSameAccepts } from '../lib/accepting.js';
import { compare } from '../lib/compare.js';
import { atLeast, atMost, cpuPerOperation, ratioFigure, rate, type Scenario } from '../lib/goal.js';
import { rowsOf } from '../lib/rows.js';

const REQUESTS = 1_500;
const QUICK_REQUESTS = 300;

/** G1: what Nest, contracts, rules and manners cost, with nobody to sign in on either side. */
export const g1: Scenario = {
  id: 'G1',
  group: 'gateway',
  title: 'Accepting a purchase against bare Fastify and ajv, without sign-in on either side',
  run: async (bench) => {
    const requests = bench.options.n ?? (bench.options.quick ? QUICK_REQUESTS : REQUESTS);
    const accepting = await openAccepting(bench, { signIn: false });
    try {
      await requireSameAccepts(bench, accepting);
      const variants = [
        acceptedBy(accepting, 'reference', requests, null),
        acceptedBy(accepting, 'project', requests, null),
      ];
      const { noise, measured } = await compare(bench, variants);
      return {
        figures: [
          ratioFigure(measured, noise, {
            label: 'requests/s, gateway : bare',
            metric: rate,
            limit: atLeast(0.8),
          }),
          ratioFigure(measured, noise, {
            label: 'CPU per request of the process, gateway : bare',
            metric: cpuPerOperation,
            limit: atMost(1.3),
          }),
        ],
        rows: rowsOf(
          variants.map((variant) => variant.name),
          measured,
        ),
        rounds: [noise, measured],
        remarks: [`${requests} purchases a slice`],
      };
    } finally {
      await accepting.close();
    }
  },
};
