import type { Database } from '@commissary/store';
import { addressesOf } from './addresses.js';
import { loadSubscriptions, type SubscriptionList } from './data/subscription-data.js';
import type { Bench } from './goal.js';
import { type HttpCall, HttpTarget, openLoop } from './http-load.js';
import type { open as openGateway } from './project/gateway.js';
import { Side } from './side.js';
import type { Variant } from './slices.js';
import { dbOf } from '../../support/driver.js';
import { migrate } from '@commissary/store';

const PAGE = 50;
const PER_SECOND = 100;
const FILTERS = ['', '&origin=selfService&status=active', '&productId=product-3'];

/** A database with a list of some length, and a gateway that shows it. */
export interface Listing {
  size: number;
  database: Database;
  list: SubscriptionList;
  side: Awaited<ReturnType<typeof Side.start<typeof openGateway>>>;
  target: HttpTarget;
  close(): Promise<void>;
}

export const openListing = async (bench: Bench, size: number): Promise<Listing> => {
  const name = `bench_lists_${size}`;
  const database = await bench.stores.open(name);
  await dbOf(database).dropDatabase();
  await migrate(database, { holder: 'test' });
  bench.say(` loading ${size} subscriptions`);
  const list = await loadSubscriptions(database, size);
  const side = await Side.start<typeof openGateway>('lib/project/gateway.js', {
    ...addressesOf(bench, name),
    issuer: null,
    audience: 'bench',
    tenant: list.tenant,
    callers: [list.admin],
    logs: false,
  });
  const target = new HttpTarget((await side.run()).value.url);
  const close = async (): Promise<void> => {
    target.close();
    await side.close();
    await dbOf(database).dropDatabase();
    await database.close();
  };
  return { size, database, list, side, target, close };
};

type Depth = 'first' | 'deep';

const callsFor = ({ list }: Listing, depth: Depth, count: number): HttpCall[] => {
  const cursor = depth === 'deep' ? `&cursor=${Buffer.from(list.deepId).toString('base64url')}` : '';
  return Array.from({ length: count }, (_, place) => ({
    method: 'GET',
    path: `/v1/subscriptions?limit=${PAGE}${cursor}${FILTERS[place % FILTERS.length] ?? ''}`,
    headers: { authorization: `Bearer ${list.admin._id}` },
    expected: 200,
  }));
};

/** First pages, or deep ones, with and without filters, at a fixed arrival rate. */
export const pagesOf = (listing: Listing, depth: Depth, seconds: number): Variant => {
  const calls = callsFor(listing, depth, Math.round(PER_SECOND * seconds));
  return {
    name: `${listing.size} rows, ${depth} page`,
    pid: listing.side.pid,
    prepare: async () => undefined,
    run: async () => {
      const before = await listing.side.run();
      const result = await openLoop(listing.target, calls, PER_SECOND);
      const after = await listing.side.run();
      const cpuSeconds = after.value.cpuSeconds - before.value.cpuSeconds;
      return { operations: calls.length, cpuSeconds, ...result };
    },
  };
};

/** Documents looked at for each one returned, over both kinds of page, by the server's own count. */
export const examinedPerReturned = async (listing: Listing): Promise<number> => {
  const db = dbOf(listing.database);
  await db.command({ profile: 2 });
  for (const depth of ['first', 'deep'] as const) {
    const calls = callsFor(listing, depth, FILTERS.length);
    const bodies = await Promise.all(calls.map((call) => listing.target.send(call)));
    for (const body of bodies) {
      const { items } = JSON.parse(body) as { items: unknown[] };
      if (items.length !== PAGE) throw new Error(`a page of ${items.length} rows`);
    }
  }
  await db.command({ profile: 0 });
  const reads = await db
    .collection<{ docsExamined: number; nreturned: number }>('system.profile')
    .find({ ns: `${db.databaseName}.subscriptions`, op: 'query' })
    .toArray();
  const total = (pick: (read: { docsExamined: number; nreturned: number }) => number): number =>
    reads.reduce((sum, read) => sum + pick(read), 0);
  return total((read) => read.docsExamined) / total((read) => read.nreturned);
};
