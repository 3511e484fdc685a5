import { loadMove, type MoveData, moveData } from '../lib/data/move-data.js';
import { atLeast, type Figure, ratioFigure, rate, type Scenario } from '../lib/goal.js';
import { type Moving, openMoving, projectMove } from '../lib/moving.js';
import { rowsOf } from '../lib/rows.js';
import { Side } from '../lib/side.js';
import type { StoreAddresses } from '../lib/side-contract.js';
import { interleave, type Variant, warmUp } from '../lib/slices.js';
import type { open as openJobs } from '../naive/job-per-user.js';
import type { open as openLoop } from '../naive/update-one-loop.js';
import type { open as openTransactions } from '../naive/transaction-per-user.js';

const USERS = 60_000;
const QUICK_USERS = 10_000;

interface Naive {
  name: string;
  start: (at: StoreAddresses) => Promise<Awaited<ReturnType<typeof Side.start<typeof openLoop>>>>;
  /** So many users take about two seconds. */
  users: number;
  times: number;
}

const NAIVE: readonly Naive[] = [
  {
    name: 'loop of updateOne',
    start: (at) => Side.start<typeof openLoop>('naive/update-one-loop.js', at),
    users: 1_500,
    times: 20,
  },
  {
    name: 'a transaction per user',
    start: (at) => Side.start<typeof openTransactions>('naive/transaction-per-user.js', at),
    users: 800,
    times: 40,
  },
  {
    name: 'a job per user',
    start: (at) => Side.start<typeof openJobs>('naive/job-per-user.js', at),
    users: 4_000,
    times: 10,
  },
];

/** M5: the ways a user would write it first. */
export const m5: Scenario = {
  id: 'M5',
  group: 'move',
  title: 'A move against the naive ways',
  run: async (bench) => {
    const { stores, options, signal, say } = bench;
    const users = options.n ?? (options.quick ? QUICK_USERS : USERS);
    const moving = await openMoving(bench);
    try {
      const naive = await Promise.all(
        NAIVE.map(async (one) => naiveMove(moving, one, await one.start(moving.at), options.quick)),
      );
      const variants = [...naive, projectMove(moving, users)];
      await warmUp(variants);
      const measured = await interleave(stores, variants, options.pairs, signal, say);
      const figures = NAIVE.map(({ name, times }, place): Figure =>
        ratioFigure(measured, null, {
          label: `users/s, move : ${name}`,
          metric: rate,
          limit: atLeast(times),
          of: NAIVE.length,
          to: place,
        }),
      );
      const names = variants.map((variant) => variant.name);
      return { figures, rows: rowsOf(names, measured), rounds: [measured] };
    } finally {
      await moving.close();
    }
  },
};

const naiveMove = (
  { database }: Moving,
  { name, users }: Naive,
  side: Awaited<ReturnType<Naive['start']>>,
  quick: boolean,
): Variant => {
  const data: MoveData = moveData(quick ? Math.round(users / 4) : users);
  const task = {
    tenantId: data.operation.tenantId,
    operationId: data.operation._id,
    sourceId: data.source._id,
    targetId: data.target._id,
    userIds: data.licenses.map((license) => license.userId),
  };
  return {
    name,
    pid: side.pid,
    prepare: () => loadMove(database, data),
    run: async () => {
      const { seconds, cpuSeconds } = await side.run(task);
      const left = await database.collections.licenses.countDocuments({ subscriptionId: task.sourceId });
      if (left > 0) throw new Error(`${name} left ${left} users behind`);
      return { operations: task.userIds.length, seconds, cpuSeconds };
    },
  };
};
