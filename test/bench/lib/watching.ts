import { isEnded } from '@commissary/domain';
import type { OperationView } from '@commissary/contracts';
import { EventReader } from '../../support/gateway/event-reader.js';
import { addressesOf } from './addresses.js';
import { ADMIN, loadUnasked, moveData, TENANT } from './data/move-data.js';
import type { Bench } from './goal.js';
import { HttpTarget } from './http-load.js';
import type { Moving } from './moving.js';
import type { open as openGateway } from './project/gateway.js';
import { Side } from './side.js';
import { dbOf } from '../../support/driver.js';

/** A gateway beside the mover: an admin asks for moves there and follows them by server-sent events. */
export interface Watching {
  moving: Moving;
  url: string;
  target: HttpTarget;
  close(): Promise<void>;
}

export const openWatching = async (bench: Bench, moving: Moving): Promise<Watching> => {
  const { database } = moving;
  const side = await Side.start<typeof openGateway>('lib/project/gateway.js', {
    ...addressesOf(bench, dbOf(database).databaseName),
    issuer: null,
    audience: 'bench',
    tenant: TENANT,
    callers: [ADMIN],
    logs: false,
  });
  const { url } = (await side.run()).value;
  const target = new HttpTarget(url);
  const close = async (): Promise<void> => {
    target.close();
    await side.close();
  };
  return { moving, url, target, close };
};

/** What an admin saw of one move, ms. */
export interface Seen {
  /** From the request that asks for the move to the first users moved. */
  firstMs: number;
  /** The longest time without news: neither more users nor, at last, the end. */
  longestGapMs: number;
  /** From the request to the end. */
  wholeMs: number;
}

/** Asks for a move of `users` over HTTP and follows it to its end. Throws unless it succeeds for all of them. */
export const watchMove = async (
  { stores }: Bench,
  { moving, url, target }: Watching,
  users: number,
): Promise<Seen> => {
  const data = moveData(users);
  await loadUnasked(moving.database, data);
  await stores.settle();
  const began = performance.now();
  const accepted = await target.send({
    method: 'POST',
    path: `/v1/subscriptions/${data.source._id}/move`,
    headers: { authorization: `Bearer ${ADMIN._id}`, 'idempotency-key': data.operation._id },
    body: JSON.stringify({ targetSubscriptionId: data.target._id }),
    expected: 202,
  });
  const { id } = JSON.parse(accepted) as OperationView;
  const reader = await EventReader.open(`${url}/v1/operations/${id}/events`, ADMIN._id);
  const newsAt = await timesOfNews(reader, users);
  const [first = began] = newsAt;
  const gaps = newsAt.map((at, place) => at - (newsAt[place - 1] ?? at));
  return {
    firstMs: first - began,
    longestGapMs: Math.max(...gaps),
    wholeMs: (newsAt.at(-1) ?? began) - began,
  };
};

/** When more users were seen moved, each time, and at last the end. */
const timesOfNews = async (reader: EventReader, users: number): Promise<number[]> => {
  const newsAt: number[] = [];
  let done = 0;
  for (let read = 0; ;) {
    const events = await reader.until((all) => all.length > read);
    const now = performance.now();
    const last = events.at(-1)?.operation;
    if (last === undefined || events.length === read) throw new Error('the stream ended before the move did');
    read = events.length;
    const ended = isEnded(last.status);
    if (last.progress.done > done || ended) newsAt.push(now);
    done = last.progress.done;
    if (!ended) continue;
    if (last.status === 'succeeded' && done === users) return newsAt;
    throw new Error(`the move is ${last.status} with ${done} of ${users}`);
  }
};
