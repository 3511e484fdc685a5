import { acceptedBy, openAccepting, requireSameAccepts } from '../lib/accepting.js';
import { sizedAlike } from '../lib/calibrate.js';
import { compare } from '../lib/compare.js';
import { atLeast, atMost, checking, cpuPerOperation, ratioFigure, rate, type Scenario } from '../lib/goal.js';
import { rowsOf } from '../lib/rows.js';

const PROBE_REQUESTS = 200;

/** G1: what Nest, contracts, rules and manners cost, with nobody to sign in on either side. */
export const g1: Scenario = {
  id: 'G1',
  group: 'gateway',
  title: 'Accepting a purchase against bare Fastify and ajv, without sign-in on either side',
  meaning:
    'Both sides take a POST, check it, write the same five documents in one transaction and enqueue one job; ours adds Nest, contracts, rules and manners. 1 x would be as fast as a server that does nothing else.',
  check: checking((bench) => openAccepting(bench, { signIn: false }), requireSameAccepts),
  run: async (bench) => {
    const accepting = await openAccepting(bench, { signIn: false });
    try {
      await requireSameAccepts(accepting, bench);
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
        remarks: [`${size} purchases a slice`],
      };
    } finally {
      await accepting.close();
    }
  },
};
