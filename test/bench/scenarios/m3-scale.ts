import {
  atLeast,
  atMost,
  type Bench,
  boundFigure,
  type Figure,
  ratioFigure,
  type Scenario,
} from '../lib/goal.js';
import { loadMove, type MoveData, moveData, requireMoved } from '../lib/data/move-data.js';
import { freshMover, movedBy, type Moving, openMoving } from '../lib/moving.js';
import { peakBytesOf } from '../lib/process-usage.js';
import { rowsOf } from '../lib/rows.js';
import { interleave, type Variant, warmUp } from '../lib/slices.js';

const LARGE = 100_000;
const QUICK_LARGE = 10_000;
const FACTOR = 10;
const MEMORY_BASE = 10_000;
/** From here on a pair takes minutes, and the ratio is steady. */
const HUGE = 500_000;
const HUGE_PAIRS = 3;

const PROMISED_USERS = 100_000;
const PROMISED_SECONDS = 20;

const MIB = 2 ** 20;
const REDIS_POLL_MS = 200;

/** M3: ten times the users take ten times as long, and no more memory. */
export const m3: Scenario = {
  id: 'M3',
  group: 'move',
  title: 'A move of N users against one of 10 N',
  run: async (bench) => {
    const { stores, options, signal, say } = bench;
    const large = options.n ?? (options.quick ? QUICK_LARGE : LARGE);
    const small = Math.round(large / FACTOR);
    const pairs = large >= HUGE ? Math.min(HUGE_PAIRS, options.pairs) : options.pairs;
    const moving = await openMoving(bench);
    try {
      const memory = await memoryFigures(bench, moving, large);
      const variants = [moveOf(moving, small), moveOf(moving, large)];
      await warmUp(variants.slice(0, 1));
      const measured = await interleave(stores, variants, pairs, signal, say);
      const perUser = { label: `time per user, ${large} : ${small} users`, limit: null };
      const metric = ({ seconds, operations }: { seconds: number; operations: number }): number =>
        seconds / operations;
      const names = variants.map((variant) => variant.name);
      return {
        figures: [
          ratioFigure(measured, null, { ...perUser, metric, limit: atLeast(0.85) }),
          ratioFigure(measured, null, { ...perUser, metric, limit: atMost(1.15) }),
          ...memory,
          ...wholeTime(
            large,
            measured.rounds.map((round) => round[1]?.seconds ?? Number.NaN),
          ),
        ],
        rows: rowsOf(names, measured),
        rounds: [measured],
      };
    } finally {
      await moving.close();
    }
  },
};

const wholeTime = (users: number, seconds: number[]): Figure[] => [
  boundFigure(
    `a move of ${users} users`,
    's',
    seconds,
    users === PROMISED_USERS ? atMost(PROMISED_SECONDS) : null,
  ),
];

const moveOf = ({ database, mover }: Moving, users: number): Variant => {
  const data = moveData(users);
  return {
    name: `${users} users`,
    pid: mover.pid,
    prepare: () => loadMove(database, data),
    run: async () => ({ ...(await movedBy(mover, data)), operations: users }),
  };
};

/** Memory is that of processes which have moved nothing else. */
const memoryFigures = async (bench: Bench, moving: Moving, large: number): Promise<Figure[]> => {
  const baseUsers = Math.min(MEMORY_BASE, Math.round(large / FACTOR));
  const base = await memoryOf(bench, moving, moveData(baseUsers));
  const grown = await memoryOf(bench, moving, moveData(large));
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

const memoryOf = async (
  { stores }: Bench,
  moving: Moving,
  data: MoveData,
): Promise<{ peakBytes: number | null; redisBytes: number }> => {
  await loadMove(moving.database, data);
  await stores.settle();
  const mover = await freshMover(moving);
  const before = await stores.redisBytes();
  let highest = before;
  const poll = setInterval(() => {
    void stores.redisBytes().then((bytes) => (highest = Math.max(highest, bytes)));
  }, REDIS_POLL_MS);
  await movedBy(mover, data).finally(() => clearInterval(poll));
  const redisBytes = Math.max(highest, await stores.redisBytes()) - before;
  const peakBytes = peakBytesOf(mover.pid);
  await mover.close();
  await requireMoved(moving.database, data);
  return { peakBytes, redisBytes };
};
