import { sizedAlike } from '../lib/calibrate.js';
import { compare } from '../lib/compare.js';
import { atLeast, checking, cpuPerOperation, ratioFigure, rate, type Scenario } from '../lib/goal.js';
import { openMoving, projectMove, rawMove, requireSameLicenses } from '../lib/moving.js';
import { rowsOf } from '../lib/rows.js';

const PROBE_USERS = 3_000;

/** M1: everything transactional, with a result per user, beside the fastest write that could be made of it. */
export const m1: Scenario = {
  id: 'M1',
  group: 'move',
  title: 'A move against raw updateMany by 1,000 known ids',
  meaning:
    'The reference only rewrites the licenses, in one go and without a result; ours moves them in transactions with both seat counters, a cursor to resume from and a result per user. 0.80 x means 80 users in the time of its 100.',
  check: checking(openMoving, requireSameLicenses),
  run: async (bench) => {
    const moving = await openMoving(bench);
    try {
      await requireSameLicenses(moving);
      const { variants, size } = await sizedAlike(bench, [
        { of: (users) => rawMove(moving, users), probe: PROBE_USERS },
        { of: (users) => projectMove(moving, users), probe: PROBE_USERS },
      ]);
      const { noise, measured } = await compare(bench, variants);
      return {
        figures: [
          ratioFigure(measured, noise, { label: 'users/s, move : raw', metric: rate, limit: atLeast(0.8) }),
          ratioFigure(measured, noise, {
            label: 'CPU per user of the process, move : raw',
            metric: cpuPerOperation,
            limit: null,
          }),
        ],
        rows: rowsOf(
          variants.map((variant) => variant.name),
          measured,
        ),
        rounds: [noise, measured],
        remarks: [`${size} users a slice`],
      };
    } finally {
      await moving.close();
    }
  },
};
