import { sizedAlike } from '../lib/calibrate.js';
import { openCancelling, projectCancel } from '../lib/cancelling.js';
import { compare } from '../lib/compare.js';
import { atLeast, cpuPerOperation, ratioFigure, rate, type Scenario } from '../lib/goal.js';
import { rawMove } from '../lib/moving.js';
import { rowsOf } from '../lib/rows.js';
import type { Limit } from '../lib/statistics.js';

const PROBE_USERS = 3_000;

/** C3: the sweep of a cancellation beside the fastest write to as many licenses. */
export const c3: Scenario = {
  id: 'C3',
  group: 'cancel',
  title: 'The sweep of a cancellation against raw updateMany by 1,000 known ids',
  meaning:
    'The reference rewrites as many licenses, in one go and without a result; ours ends the access and removes the licenses in transactions with the seat counter, a cursor to resume from, a result per user and the e-mails owed. 0.80 x means 80 users in the time of its 100. The outbox takes the mails later: the last figure is with that, one after the other.',
  run: async (bench) => {
    const cancelling = await openCancelling(bench);
    try {
      const { variants, size } = await sizedAlike(bench, [
        { of: (users) => rawMove(cancelling, users), probe: PROBE_USERS },
        { of: (users) => projectCancel(cancelling, users), probe: PROBE_USERS },
        { of: (users) => projectCancel(cancelling, users, { mails: true }), probe: PROBE_USERS },
      ]);
      const { noise, measured } = await compare(bench, variants);
      const ratio = (label: string, of: number, limit: Limit | null, metric = rate) =>
        ratioFigure(measured, noise, { label, metric, limit, of });
      return {
        figures: [
          ratio('users/s, sweep : raw', 1, atLeast(0.8)),
          ratio('CPU per user of the process, sweep : raw', 1, null, cpuPerOperation),
          ratio('users/s, sweep and a row of the outbox each : raw', 2, null),
        ],
        rows: rowsOf(
          variants.map((variant) => variant.name),
          measured,
        ),
        rounds: [noise, measured],
        remarks: [`${size} users a slice`],
      };
    } finally {
      await cancelling.close();
    }
  },
};
