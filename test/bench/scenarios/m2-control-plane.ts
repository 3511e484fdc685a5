import { lengthOf, rateOf, secondsOf } from '../lib/calibrate.js';
import { compare } from '../lib/compare.js';
import { atMost, type Bench, boundFigure, type Figure, ratioFigure, type Scenario } from '../lib/goal.js';
import { type Moving, openMoving, projectMove } from '../lib/moving.js';
import { rowsOf } from '../lib/rows.js';
import { Side } from '../lib/side.js';
import { ownSize, timesFor } from '../lib/sizing.js';
import type { Noise, Rounds, Variant } from '../lib/slices.js';
import type { open as openEmpty } from '../references/empty-move.js';

const PROBE_USERS = 3_000;

type EmptySide = Awaited<ReturnType<typeof Side.start<typeof openEmpty>>>;

/** M2: what the queue, the runner and the handler's own work cost of a move's time. */
export const m2: Scenario = {
  id: 'M2',
  group: 'move',
  title: 'A move against the same move with no database work',
  meaning:
    'What queue, runner and handler cost by themselves: the same move over repositories that do nothing.',
  run: async (bench) => {
    const moving = await openMoving(bench);
    try {
      const users = await sizeOfMove(bench, moving);
      const settings = { ...moving.at, queuePrefix: 'bench_empty', users };
      const empty = await Side.start<typeof openEmpty>('references/empty-move.js', settings);
      const times = timesFor(await secondsOf(bench, emptyMoves(empty, users, 1)), lengthOf(bench));
      const variants = [projectMove(moving, users), emptyMoves(empty, users, times)];
      const { noise, measured } = await compare(bench, variants);
      await empty.close();
      return {
        figures: figuresOf(measured, noise),
        rows: rowsOf(
          variants.map((variant) => variant.name),
          measured,
        ),
        rounds: [noise, measured],
        remarks: [`${users} users a move`, `${times} empty moves a slice`],
      };
    } finally {
      await moving.close();
    }
  },
};

const sizeOfMove = async (bench: Bench, moving: Moving): Promise<number> => {
  if (bench.options.n !== null) return bench.options.n;
  bench.say(' finding the size of a slice');
  const move = { of: (users: number) => projectMove(moving, users), probe: PROBE_USERS };
  return ownSize(await rateOf(bench, move), lengthOf(bench));
};

const emptyMoves = (side: EmptySide, users: number, times: number): Variant => ({
  name: 'move without a database',
  pid: side.pid,
  prepare: async () => undefined,
  run: async () => {
    const { seconds, cpuSeconds } = await side.run({ times });
    return { operations: users * times, seconds, cpuSeconds };
  },
});

const figuresOf = (measured: Rounds, noise: Noise): Figure[] => {
  const empties = measured.rounds.flatMap((round) => round[1] ?? []);
  return [
    ratioFigure(measured, noise, {
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
