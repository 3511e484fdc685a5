import { atMost, boundFigure, type Figure, ratioFigure, type Scenario } from '../lib/goal.js';
import { openMoving, projectMove } from '../lib/moving.js';
import { rowsOf } from '../lib/rows.js';
import { Side } from '../lib/side.js';
import { interleave, type Rounds, type Variant, warmUp } from '../lib/slices.js';
import type { open as openEmpty } from '../references/empty-move.js';

const USERS = 60_000;
const QUICK_USERS = 5_000;
const TIMES = 20;

/** M2: what the queue, the runner and the handler's own work cost of a move's time. */
export const m2: Scenario = {
  id: 'M2',
  group: 'move',
  title: 'A move against the same move with no database work',
  run: async (bench) => {
    const { stores, options, signal, say } = bench;
    const users = options.n ?? (options.quick ? QUICK_USERS : USERS);
    const moving = await openMoving(bench);
    try {
      const settings = { ...moving.at, queuePrefix: 'bench_empty', users };
      const empty = await Side.start<typeof openEmpty>('references/empty-move.js', settings);
      const emptyMove: Variant = {
        name: 'move without a database',
        pid: empty.pid,
        prepare: async () => undefined,
        run: async () => {
          const { seconds, cpuSeconds } = await empty.run({ times: TIMES });
          return { operations: users * TIMES, seconds, cpuSeconds };
        },
      };
      const variants = [projectMove(moving, users), emptyMove];
      await warmUp(variants);
      const measured = await interleave(stores, variants, options.pairs, signal, say);
      await empty.close();
      const names = variants.map((variant) => variant.name);
      return {
        figures: figuresOf(measured),
        rows: rowsOf(names, measured),
        rounds: [measured],
        remarks: [`${users} users a move`, `${TIMES} empty moves a slice`],
      };
    } finally {
      await moving.close();
    }
  },
};

const figuresOf = (measured: Rounds): Figure[] => {
  const empties = measured.rounds.flatMap((round) => round[1] ?? []);
  return [
    ratioFigure(measured, null, {
      label: 'wall time of the control plane : of the move',
      metric: ({ seconds, operations }) => seconds / operations,
      limit: atMost(0.02),
    }),
    boundFigure(
      'CPU of the control plane per user',
      'us',
      empties.map(({ cpuSeconds, operations }) => (cpuSeconds / operations) * 1e6),
      atMost(1),
    ),
  ];
};
