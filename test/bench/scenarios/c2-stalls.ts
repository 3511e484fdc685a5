import { atMost, boundFigure, type Figure, type Scenario } from '../lib/goal.js';
import { openMoving } from '../lib/moving.js';
import {
  atRest,
  openStalling,
  type Stall,
  type Stalling,
  whileCancelling,
  whileStopping,
} from '../lib/stalls.js';

const USERS = 100_000;
const QUICK_USERS = 10_000;
const MAX_ROUNDS = 5;
const AT_REST_MS = 2_000;
const WARM_UP_USERS = 3_000;

/** C2: whoever else uses Redis notices nothing of a cancellation, or of a large move that is stopped. */
export const c2: Scenario = {
  id: 'C2',
  group: 'cancel',
  title: 'A second Redis client during a cancellation and the stop of a large move',
  meaning:
    'A second client of Redis pings all the time: the longest it waits for an answer while a subscription of many users is cancelled, while a move of many is stopped on its way, and, to compare, while nothing is done. The client goes before others on the processor where the system allows it; Redis does not.',
  run: async (bench) => {
    const { options, say, signal } = bench;
    const users = options.n ?? (options.quick ? QUICK_USERS : USERS);
    const moving = await openMoving(bench);
    const stalling = await openStalling(bench, moving);
    try {
      await whileCancelling(stalling, WARM_UP_USERS);
      const seen = new Map(PHASES.map(({ name }) => [name, [] as Stall[]]));
      for (let round = 0; round < Math.min(MAX_ROUNDS, options.pairs); round += 1) {
        for (const { name, run } of PHASES) {
          signal.throwIfAborted();
          const stall = await run(stalling, users);
          say(`  ${name}: ${stall.count} pings, worst ${stall.worstMs.toFixed(1)} ms`);
          seen.get(name)?.push(stall);
        }
      }
      return {
        figures: PHASES.flatMap((phase) => figuresOf(phase, seen.get(phase.name) ?? [])),
        rows: [],
        rounds: [],
        remarks: [`${users} users`, 'bounds hold for the worst of all rounds'],
      };
    } finally {
      await stalling.close();
      await moving.close();
    }
  },
};

interface Phase {
  name: string;
  run: (stalling: Stalling, users: number) => Promise<Stall>;
  isJudged: boolean;
}

const PHASES: readonly Phase[] = [
  { name: 'nothing is done', run: (stalling) => atRest(stalling, AT_REST_MS), isJudged: false },
  { name: 'a cancellation', run: whileCancelling, isJudged: true },
  { name: 'a move that is stopped', run: whileStopping, isJudged: true },
];

const figuresOf = ({ name, isJudged }: Phase, seen: readonly Stall[]): Figure[] => {
  const of = (pick: (stall: Stall) => number): number[] => seen.map(pick);
  const limit = isJudged ? atMost(20) : null;
  const stalls = boundFigure(
    `longest wait, ${name}`,
    'ms',
    of((one) => one.worstMs),
    limit,
  );
  if (!isJudged) return [stalls];
  return [
    stalls,
    boundFigure(
      `longest command in Redis, ${name}`,
      'ms',
      of((one) => one.longestCommandMs),
      limit,
    ),
    boundFigure(
      `answers that were none (BUSY), ${name}`,
      '',
      of((one) => one.errors.length),
      atMost(0),
    ),
  ];
};
