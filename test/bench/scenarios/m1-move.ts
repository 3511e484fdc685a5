import { compare } from '../lib/compare.js';
import { atLeast, cpuPerOperation, ratioFigure, rate, type Scenario } from '../lib/goal.js';
import { openMoving, projectMove, rawMove, requireSameLicenses } from '../lib/moving.js';
import { rowsOf } from '../lib/rows.js';

const USERS = 60_000;
const QUICK_USERS = 5_000;

/** M1: everything transactional, with a result per user, beside the fastest write that could be made of it. */
export const m1: Scenario = {
  id: 'M1',
  group: 'move',
  title: 'A move against raw updateMany by 1,000 known ids',
  run: async (bench) => {
    const users = bench.options.n ?? (bench.options.quick ? QUICK_USERS : USERS);
    const moving = await openMoving(bench);
    try {
      await requireSameLicenses(moving);
      const variants = [rawMove(moving, users), projectMove(moving, users)];
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
        remarks: [`${users} users a slice`],
      };
    } finally {
      await moving.close();
    }
  },
};
