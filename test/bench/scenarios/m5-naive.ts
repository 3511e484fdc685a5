import { type Sizable, sizedEach } from '../lib/calibrate.js';
import { compare } from '../lib/compare.js';
import { loadMove, moveData } from '../lib/data/move-data.js';
import { atLeast, type Figure, ratioFigure, rate, type Scenario } from '../lib/goal.js';
import { type Moving, openMoving, projectMove } from '../lib/moving.js';
import { rowsOf } from '../lib/rows.js';
import { Side } from '../lib/side.js';
import type { StoreAddresses } from '../lib/side-contract.js';
import type { Variant } from '../lib/slices.js';
import type { open as openJobs } from '../naive/job-per-user.js';
import type { open as openLoop } from '../naive/update-one-loop.js';
import type { open as openTransactions } from '../naive/transaction-per-user.js';
import { collectionsOf } from '../../support/driver.js';

const PROBE_USERS = 3_000;
const NAIVE_PROBE_USERS = 100;

interface Naive {
  name: string;
  start: (at: StoreAddresses) => Promise<Awaited<ReturnType<typeof Side.start<typeof openLoop>>>>;
  /** So many times faster the move is to be. */
  times: number;
}

const NAIVE: readonly Naive[] = [
  {
    name: 'loop of updateOne',
    start: (at) => Side.start<typeof openLoop>('naive/update-one-loop.js', at),
    times: 20,
  },
  {
    name: 'a transaction per user',
    start: (at) => Side.start<typeof openTransactions>('naive/transaction-per-user.js', at),
    times: 40,
  },
  {
    name: 'a job per user',
    start: (at) => Side.start<typeof openJobs>('naive/job-per-user.js', at),
    times: 10,
  },
];

/** M5: the ways a user would write it first. */
export const m5: Scenario = {
  id: 'M5',
  group: 'move',
  title: 'A move against the naive ways',
  meaning:
    'How many times faster a move is than the three ways one would write first: a write per user, a transaction per user, a job per user.',
  run: async (bench) => {
    const moving = await openMoving(bench);
    try {
      const naive = await Promise.all(
        NAIVE.map(async (one) => naiveMove(moving, one, await one.start(moving.at))),
      );
      const project: Sizable = { of: (users) => projectMove(moving, users), probe: PROBE_USERS };
      const variants = await sizedEach(bench, [...naive, { ...project, asked: bench.options.n }]);
      const { noise, measured } = await compare(bench, variants, NAIVE.length);
      const figures = NAIVE.map(({ name, times }, place): Figure =>
        ratioFigure(measured, noise, {
          label: `users/s, move : ${name}`,
          metric: rate,
          limit: atLeast(times),
          of: NAIVE.length,
          to: place,
        }),
      );
      const names = variants.map((variant) => variant.name);
      return {
        figures,
        rows: rowsOf(names, measured),
        rounds: [noise, measured],
        remarks: ['a slice has as many users as its side moves in some two seconds'],
      };
    } finally {
      await moving.close();
    }
  },
};

const naiveMove = (
  { database }: Moving,
  { name }: Naive,
  side: Awaited<ReturnType<Naive['start']>>,
): Sizable => ({
  probe: NAIVE_PROBE_USERS,
  of: (users): Variant => {
    const data = moveData(users);
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
        const left = await collectionsOf(database).licenses.countDocuments({ subscriptionId: task.sourceId });
        if (left > 0) throw new Error(`${name} left ${left} users behind`);
        return { operations: users, seconds, cpuSeconds };
      },
    };
  },
});
