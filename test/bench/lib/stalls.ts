import { setTimeout as delay } from 'node:timers/promises';
import { isEnded } from '@commissary/domain';
import type { OperationView } from '@commissary/contracts';
import { newId } from '@commissary/platform';
import { cancelData, loadCancel, requireCanceled } from './data/cancel-data.js';
import { ADMIN, loadUnasked, moveData } from './data/move-data.js';
import type { Bench } from './goal.js';
import type { HttpTarget } from './http-load.js';
import type { Moving } from './moving.js';
import type { open as openCanceller } from './project/canceller.js';
import type { open as openPinger, Pings } from './project/pinger.js';
import { Side } from './side.js';
import { openWatching, type Watching } from './watching.js';

const LOOK_EVERY_MS = 20;
const WITHIN_MS = 60_000;

/** Workers of moves and cancellations, a gateway, and a second client of Redis. */
export interface Stalling {
  bench: Bench;
  moving: Moving;
  watching: Watching;
  canceller: Awaited<ReturnType<typeof startCanceller>>;
  pinger: Awaited<ReturnType<typeof startPinger>>;
  close(): Promise<void>;
}

const startCanceller = ({ at }: Moving) => Side.start<typeof openCanceller>('lib/project/canceller.js', at);
const startPinger = ({ at: { redisUrl } }: Moving) =>
  Side.start<typeof openPinger>('lib/project/pinger.js', { redisUrl });

export const openStalling = async (bench: Bench, moving: Moving): Promise<Stalling> => {
  const watching = await openWatching(bench, moving);
  const [canceller, pinger] = await Promise.all([startCanceller(moving), startPinger(moving)]);
  const close = async (): Promise<void> => {
    await Promise.all([watching.close(), canceller.close(), pinger.close()]);
  };
  return { bench, moving, watching, canceller, pinger, close };
};

/** What the second client saw, and the longest command by Redis' own clock, ms. */
export interface Stall extends Pings {
  longestCommandMs: number;
}

const SLOWLOG = { slowerThan: 'slowlog-log-slower-than', length: 'slowlog-max-len' };
const LOGGED_FROM_US = 500;

const pingedWhile = async (
  { bench: { stores }, pinger }: Stalling,
  work: () => Promise<void>,
): Promise<Stall> => {
  await stores.settle();
  await stores.redis.config('SET', SLOWLOG.slowerThan, LOGGED_FROM_US);
  await stores.redis.config('SET', SLOWLOG.length, 1_000);
  await stores.redis.slowlog('RESET');
  await pinger.prepare();
  await work();
  const pings = (await pinger.run()).value;
  const entries = (await stores.redis.slowlog('GET', 1_000)) as [id: number, at: number, us: number][];
  return { ...pings, longestCommandMs: Math.max(0, ...entries.map(([, , us]) => us)) / 1000 };
};

export const atRest = (stalling: Stalling, ms: number): Promise<Stall> =>
  pingedWhile(stalling, () => delay(ms));

/** A whole cancellation of `users`. */
export const whileCancelling = async (stalling: Stalling, users: number): Promise<Stall> => {
  const { moving, canceller } = stalling;
  const data = cancelData(users);
  await loadCancel(moving.database, data);
  const { _id: operationId, tenantId } = data.operation;
  const stall = await pingedWhile(stalling, async () => {
    await canceller.run({ operationId, tenantId, mails: false });
  });
  await requireCanceled(moving.database, data);
  return stall;
};

/** A move of `users` that an admin asks for and stops on its way. Throws if it was over before. */
export const whileStopping = async (stalling: Stalling, users: number): Promise<Stall> => {
  const { moving, watching } = stalling;
  const data = moveData(users);
  await loadUnasked(moving.database, data);
  return pingedWhile(stalling, async () => {
    const accepted = await post(watching.target, `/v1/subscriptions/${data.source._id}/move`, 202, {
      targetSubscriptionId: data.target._id,
    });
    const path = `/v1/operations/${accepted.id}`;
    await until(watching.target, path, ({ progress }) => progress.done > 0);
    await post(watching.target, `${path}/stop`, 200, {});
    const { status } = await until(watching.target, path, (operation) => isEnded(operation.status));
    if (status !== 'stopped') throw new Error(`the move is ${status}`);
  });
};

const headers = { authorization: `Bearer ${ADMIN._id}` };

const post = async (
  target: HttpTarget,
  path: string,
  expected: number,
  asked: object,
): Promise<OperationView> => {
  const body = JSON.stringify(asked);
  const keyed = { ...headers, 'idempotency-key': newId('req') };
  return JSON.parse(
    await target.send({ method: 'POST', path, headers: keyed, body, expected }),
  ) as OperationView;
};

const until = async (
  target: HttpTarget,
  path: string,
  wanted: (operation: OperationView) => boolean,
): Promise<OperationView> => {
  for (const began = performance.now(); performance.now() - began < WITHIN_MS;) {
    const operation = JSON.parse(
      await target.send({ method: 'GET', path, headers, expected: 200 }),
    ) as OperationView;
    if (wanted(operation)) return operation;
    await delay(LOOK_EVERY_MS);
  }
  throw new Error(`${path}: nothing came in ${WITHIN_MS} ms`);
};
