import type { ChangeStreamUpdateDocument } from 'mongodb';
import type { OperationDocument } from '@commissary/store';
import { atMost, type Bench, boundFigure, type Scenario } from '../lib/goal.js';
import { loadMove, moveData } from '../lib/data/move-data.js';
import { movedBy, type Moving, openMoving } from '../lib/moving.js';

const SIZES = [10_000, 100_000];
const QUICK_SIZES = [2_000, 10_000];
const MAX_ROUNDS = 5;

interface Watched {
  firstMs: number;
  longestGapMs: number;
}

/** M4: how soon a watcher sees the first users moved, and how long nothing new comes, at any size. */
export const m4: Scenario = {
  id: 'M4',
  group: 'move',
  title: 'Progress as a watcher sees it',
  run: async (bench) => {
    const { options, signal, say } = bench;
    const sizes = options.quick ? QUICK_SIZES : SIZES;
    const rounds = Math.min(MAX_ROUNDS, options.pairs);
    const moving = await openMoving(bench);
    try {
      const figures = [];
      // The first move of a process compiles its code.
      await watchMove(bench, moving, 1_000);
      for (const users of options.n === null ? sizes : [...sizes, options.n]) {
        const watched: Watched[] = [];
        for (let round = 0; round < rounds; round += 1) {
          signal.throwIfAborted();
          const seen = await watchMove(bench, moving, users);
          say(
            `  ${users} users: first ${seen.firstMs.toFixed(0)} ms, gap ${seen.longestGapMs.toFixed(0)} ms`,
          );
          watched.push(seen);
        }
        const first = watched.map((one) => one.firstMs);
        const gaps = watched.map((one) => one.longestGapMs);
        figures.push(
          boundFigure(`first progress, ${users} users`, 'ms', first, atMost(250)),
          boundFigure(`longest gap, ${users} users`, 'ms', gaps, atMost(1_000)),
        );
      }
      return { figures, rows: [], rounds: [], remarks: ['bounds hold for the worst of all moves'] };
    } finally {
      await moving.close();
    }
  },
};

/** Watches the operation's changes as the gateway does, from the wake-up on. */
const watchMove = async (bench: Bench, moving: Moving, users: number): Promise<Watched> => {
  const data = moveData(users);
  await loadMove(moving.database, data);
  await bench.stores.settle();
  const changes = moving.database.collections.operations.watch<
    OperationDocument,
    ChangeStreamUpdateDocument<OperationDocument>
  >([{ $match: { 'documentKey._id': data.operation._id } }]);
  const seenAt: number[] = [];
  changes.on('change', (change) => {
    const fields = Object.keys(change.updateDescription.updatedFields ?? {});
    if (fields.includes('progress.done')) seenAt.push(performance.now());
  });
  // The stream is open once its first batch has come.
  await new Promise<void>((resolve) => changes.once('resumeTokenChanged', () => resolve()));
  const began = performance.now();
  await movedBy(moving.mover, data);
  await changes.close();
  const [first] = seenAt;
  if (first === undefined) throw new Error('no progress was seen');
  const gaps = seenAt.map((at, i) => at - (seenAt[i - 1] ?? at));
  return { firstMs: first - began, longestGapMs: Math.max(...gaps) };
};
