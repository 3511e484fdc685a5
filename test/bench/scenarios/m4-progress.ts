import { atMost, boundFigure, type Figure, type Scenario } from '../lib/goal.js';
import { openMoving } from '../lib/moving.js';
import { openWatching, type Seen, watchMove } from '../lib/watching.js';

const SIZES = [10_000, 100_000];
const QUICK_SIZES = [2_000, 10_000];
const WARM_UP_USERS = 3_000;
const MAX_ROUNDS = 5;
/** From here on a round takes minutes. */
const HUGE = 500_000;

/** M4: how soon an admin sees the first users moved, and how long nothing new comes, at any size. */
export const m4: Scenario = {
  id: 'M4',
  group: 'move',
  title: 'Progress as an admin sees it over HTTP, by server-sent events',
  meaning:
    'An admin asks for a move and watches it: how soon the first users are shown as moved, and the longest time without news.',
  run: async (bench) => {
    const { options, signal, say } = bench;
    const sizes = [...(options.quick ? QUICK_SIZES : SIZES), ...(options.n === null ? [] : [options.n])];
    const moving = await openMoving(bench);
    const watching = await openWatching(bench, moving);
    try {
      const figures: Figure[] = [];
      // The first move of a process compiles its code.
      await watchMove(bench, watching, WARM_UP_USERS);
      for (const users of new Set(sizes)) {
        const seen: Seen[] = [];
        for (let round = 0; round < (users >= HUGE ? 1 : Math.min(MAX_ROUNDS, options.pairs)); round += 1) {
          signal.throwIfAborted();
          const one = await watchMove(bench, watching, users);
          say(
            `  ${users} users: first ${one.firstMs.toFixed(0)} ms, gap ${one.longestGapMs.toFixed(0)} ms, whole ${one.wholeMs.toFixed(0)} ms`,
          );
          seen.push(one);
        }
        figures.push(...figuresOf(users, seen));
      }
      return {
        figures,
        rows: [],
        rounds: [],
        remarks: [
          'first progress counts from the request that asks for the move, the longest gap up to the end',
          'bounds hold for the worst of all moves',
        ],
      };
    } finally {
      await watching.close();
      await moving.close();
    }
  },
};

const figuresOf = (users: number, seen: readonly Seen[]): Figure[] => [
  boundFigure(
    `first progress, ${users} users`,
    'ms',
    seen.map((one) => one.firstMs),
    atMost(250),
  ),
  boundFigure(
    `longest gap, ${users} users`,
    'ms',
    seen.map((one) => one.longestGapMs),
    atMost(1_000),
  ),
];
