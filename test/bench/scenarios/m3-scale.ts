import { lengthOf, secondsOf } from '../lib/calibrate.js';
import { compare } from '../lib/compare.js';
import { moveData } from '../lib/data/move-data.js';
import {
  atLeast,
  atMost,
  type Bench,
  boundFigure,
  type Figure,
  type Metric,
  ratioFigure,
  type Scenario,
} from '../lib/goal.js';
import { memoryOfMove } from '../lib/move-memory.js';
import { type Moving, movesInTurn, openMoving } from '../lib/moving.js';
import { rowsOf } from '../lib/rows.js';
import { timesFor } from '../lib/sizing.js';
import type { Noise, Rounds } from '../lib/slices.js';

/** The size of the goal, and with it the limits. */
const LARGE = 1_000_000;
const QUICK_LARGE = 10_000;
const FACTOR = 10;
const MEMORY_BASE = 10_000;
/** From here on a pair takes minutes, and the ratio is steady. */
const HUGE = 500_000;
const HUGE_PAIRS = 3;

const PROMISED_USERS = 100_000;
const PROMISED_SECONDS = 20;

const MIB = 2 ** 20;

/** M3: ten times the users take ten times as long, and no more memory. */
export const m3: Scenario = {
  id: 'M3',
  group: 'move',
  title: 'A move of N users against one of 10 N',
  meaning:
    'A move of ten times the users should take ten times as long (1 x per user), and no more memory in the worker or in Redis.',
  run: async (bench) => {
    const { options } = bench;
    const large = options.n ?? (options.quick ? QUICK_LARGE : LARGE);
    const small = Math.round(large / FACTOR);
    const pairs = large >= HUGE ? Math.min(HUGE_PAIRS, options.pairs) : options.pairs;
    const noisePairs = Math.min(options.noisePairs, pairs);
    const moving = await openMoving(bench);
    try {
      const memory = await memoryFigures(bench, moving, large);
      // One small move is over before it can be timed.
      const times = timesFor(await secondsOf(bench, movesInTurn(moving, small, 1)), lengthOf(bench));
      const variants = [movesInTurn(moving, small, times), movesInTurn(moving, large, 1)];
      const paired = { ...bench, options: { ...options, pairs, noisePairs } };
      const { noise, measured } = await compare(paired, variants);
      return {
        figures: [...timeFigures(measured, noise, { large, small, times }), ...memory],
        rows: rowsOf(
          variants.map((variant) => variant.name),
          measured,
        ),
        rounds: [noise, measured],
        remarks: ['memory is that of a process which has moved nothing else, against another one'],
      };
    } finally {
      await moving.close();
    }
  },
};

const perUser: Metric = ({ seconds, operations }) => seconds / operations;

const timeFigures = (
  measured: Rounds,
  noise: Noise,
  { large, small, times }: { large: number; small: number; times: number },
): Figure[] => {
  // Below the size of the goal a move's fixed cost (small first chunks, so that progress shows at once) is all one sees.
  const limits = large >= LARGE ? { low: atLeast(0.85), high: atMost(1.15) } : { low: null, high: null };
  const label = `time per user, ${large} : ${small} users`;
  const wholes = [small, large].map((users, place) => {
    const moves = place === 0 ? times : 1;
    const seconds = measured.rounds.map((round) => (round[place]?.seconds ?? Number.NaN) / moves);
    const limit = users === PROMISED_USERS ? atMost(PROMISED_SECONDS) : null;
    return boundFigure(`a move of ${users} users`, 's', seconds, limit);
  });
  return [
    ratioFigure(measured, noise, { label, metric: perUser, limit: limits.low }),
    ratioFigure(measured, noise, { label, metric: perUser, limit: limits.high }),
    ...wholes,
  ];
};

const memoryFigures = async (bench: Bench, moving: Moving, large: number): Promise<Figure[]> => {
  const baseUsers = Math.min(MEMORY_BASE, Math.round(large / FACTOR));
  const base = await memoryOfMove(bench, moving, moveData(baseUsers));
  const grown = await memoryOfMove(bench, moving, moveData(large));
  const figures: Figure[] = [
    boundFigure('Redis growth during the large move', 'MB', [grown.redisBytes / 1e6], atMost(2)),
  ];
  if (base.peakBytes !== null && grown.peakBytes !== null) {
    const growth = (grown.peakBytes - base.peakBytes) / MIB;
    const label = `peak RSS, ${large} users less ${baseUsers} users`;
    figures.unshift(boundFigure(label, 'MiB', [growth], atMost(64)));
  }
  return figures;
};
