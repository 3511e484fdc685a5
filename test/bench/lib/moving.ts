import { WORKER_FLAGS } from '@commissary/stack';
import type { Database } from '@commissary/store';
import type { open as openUpdateMany } from '../references/update-many.js';
import { addressesOf } from './addresses.js';
import {
  addOperation,
  ADMIN,
  loadMove,
  loadSeats,
  moveData,
  requireMoved,
  TENANT,
  type MoveData,
} from './data/move-data.js';
import { insertAll } from './data/fresh.js';
import { digestOf, requireEqual } from './digest.js';
import type { Bench } from './goal.js';
import type { open as openMover } from './project/mover.js';
import { Side } from './side.js';
import type { StoreAddresses } from './side-contract.js';
import type { Timed, Variant } from './slices.js';
import { dbOf } from '../../support/driver.js';

const DATABASE = 'bench_moves';
const EQUALITY_USERS = 2_500;

/** A database for moves, the mover, and the raw reference. */
export interface Moving {
  database: Database;
  at: StoreAddresses;
  mover: Awaited<ReturnType<typeof startMover>>;
  raw: Awaited<ReturnType<typeof startRaw>>;
  close(): Promise<void>;
}

const startMover = (at: StoreAddresses) =>
  Side.start<typeof openMover>('lib/project/mover.js', at, WORKER_FLAGS);
const startRaw = (at: StoreAddresses) => Side.start<typeof openUpdateMany>('references/update-many.js', at);

export const openMoving = async (bench: Bench): Promise<Moving> => {
  const database = await bench.stores.open(DATABASE);
  await insertAll(database, 'tenants', [TENANT]);
  await insertAll(database, 'users', [ADMIN]);
  const at = addressesOf(bench, DATABASE);
  const [mover, raw] = await Promise.all([startMover(at), startRaw(at)]);
  const close = async (): Promise<void> => {
    await Promise.all([mover.close(), raw.close()]);
    await dbOf(database).dropDatabase();
    await database.close();
  };
  return { database, at, mover, raw, close };
};

/** A mover that has moved nothing yet, for its memory. On a queue of its own, or the other one might take its job. */
export const freshMover = ({ at }: Pick<Moving, 'at'>) => startMover({ ...at, queuePrefix: 'bench_memory' });

export const movedBy = async (
  side: Moving['mover'],
  { operation: { _id: operationId, tenantId } }: MoveData,
): Promise<Timed> => {
  const { seconds, cpuSeconds } = await side.run({ operationId, tenantId });
  return { operations: 0, seconds, cpuSeconds };
};

/** The project's way, `users` at a time. */
export const projectMove = ({ database, mover }: Moving, users: number): Variant => {
  const data = moveData(users);
  return {
    name: 'move',
    pid: mover.pid,
    prepare: () => loadMove(database, data),
    run: async () => {
      const timed = await movedBy(mover, data);
      await requireMoved(database, data);
      return { ...timed, operations: users };
    },
  };
};

/** `times` moves of `users` each, one after another; the seats of all of them are there from the start. */
export const movesInTurn = ({ database, mover }: Moving, users: number, times: number): Variant => {
  const moves = Array.from({ length: times }, () => moveData(users));
  return {
    name: times === 1 ? `a move of ${users}` : `${times} moves of ${users}`,
    pid: mover.pid,
    prepare: () => loadSeats(database, moves),
    run: async () => {
      const timed: Timed = { operations: users * times, seconds: 0, cpuSeconds: 0 };
      for (const data of moves) {
        await addOperation(database, data);
        const { seconds, cpuSeconds } = await movedBy(mover, data);
        timed.seconds += seconds;
        timed.cpuSeconds += cpuSeconds;
      }
      for (const data of moves) await requireMoved(database, data);
      return timed;
    },
  };
};

export const rawMove = ({ database, raw }: Pick<Moving, 'database' | 'raw'>, users: number): Variant => {
  const data = moveData(users);
  const task = { sourceId: data.source._id, targetId: data.target._id };
  return {
    name: 'raw updateMany',
    pid: raw.pid,
    prepare: async () => {
      await loadMove(database, data);
      await raw.prepare(task);
    },
    run: async () => {
      const { seconds, cpuSeconds } = await raw.run(task);
      return { operations: users, seconds, cpuSeconds };
    },
  };
};

/** Throws unless both ways leave the same licenses. */
export const requireSameLicenses = async ({ database, mover, raw }: Moving): Promise<void> => {
  const data = moveData(EQUALITY_USERS);
  const known = new Set([data.source._id, data.target._id, ...data.licenses.map((license) => license._id)]);
  const task = { sourceId: data.source._id, targetId: data.target._id };
  await loadMove(database, data);
  await raw.prepare(task);
  await raw.run(task);
  const reference = await digestOf(database, ['licenses'], known);
  await loadMove(database, data);
  await movedBy(mover, data);
  await requireMoved(database, data);
  requireEqual(reference, await digestOf(database, ['licenses'], known));
};
