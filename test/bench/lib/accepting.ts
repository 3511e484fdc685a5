import { queuePrefix as bullPrefix } from '@commissary/queue';
import type { CollectionName, Database, QuoteDocument } from '@commissary/store';
import { AUDIENCE, TestIssuer } from '../../support/gateway/test-issuer.js';
import type { open as openBare } from '../references/bare-fastify.js';
import { addressesOf } from './addresses.js';
import { clear, insertAll } from './data/fresh.js';
import { openShop, PURCHASE_COLLECTIONS, quoteFor, type Shop } from './data/shop.js';
import { digestOf, requireEqual } from './digest.js';
import type { Bench } from './goal.js';
import { closedLoop, type HttpCall, HttpTarget, openLoop } from './http-load.js';
import type { open as openGateway } from './project/gateway.js';
import { Side } from './side.js';
import type { Variant } from './slices.js';
import { dbOf } from '../../support/driver.js';
import { migrate } from '@commissary/store';

const DATABASE = 'bench_accepts';
const CALLERS = 256;
const EQUALITY_REQUESTS = 40;
export const CONCURRENCY = 32;

type ServerSide = Awaited<ReturnType<typeof Side.start<typeof openGateway>>>;

interface Server {
  name: string;
  side: ServerSide;
  target: HttpTarget;
  queuePrefix: string;
  /** What a caller sends as its token. */
  tokenOf: (place: number) => string;
}

/** The bare reference, and the gateway with or without sign-in, over one database. */
export interface Accepting {
  database: Database;
  shop: Shop;
  reference: Server;
  project: Server;
  close(): Promise<void>;
}

export const openAccepting = async (bench: Bench, { signIn }: { signIn: boolean }): Promise<Accepting> => {
  const database = await bench.stores.open(DATABASE);
  await dbOf(database).dropDatabase();
  await migrate(database, { holder: 'test' });
  const shop = await openShop(database, CALLERS);
  await insertAll(database, 'paymentMethods', shop.cards);
  const issuer = signIn ? await TestIssuer.start() : null;
  const tokens = issuer && (await Promise.all(shop.buyers.map((user) => issuer.token(user))));
  const plain = (place: number): string => shop.buyers[place % CALLERS]?._id ?? '';
  const settings = { audience: AUDIENCE, tenant: shop.tenant, callers: shop.buyers };
  const bare = { ...addressesOf(bench, DATABASE), queuePrefix: 'bench_bare', ...settings };
  const real = { ...addressesOf(bench, DATABASE), queuePrefix: 'bench_gateway', ...settings };
  const reference = await serverOf(
    'bare Fastify',
    await Side.start<typeof openBare>('references/bare-fastify.js', { ...bare, issuer: null, logs: false }),
    bare.queuePrefix,
    plain,
  );
  const project = await serverOf(
    signIn ? 'gateway, everything on' : 'gateway without sign-in',
    await Side.start<typeof openGateway>('lib/project/gateway.js', {
      ...real,
      issuer: issuer?.url ?? null,
      logs: signIn,
    }),
    real.queuePrefix,
    tokens ? (place) => tokens[place % CALLERS] ?? '' : plain,
  );
  const close = async (): Promise<void> => {
    for (const { target, side } of [reference, project]) {
      target.close();
      await side.close();
    }
    await issuer?.stop();
    await dbOf(database).dropDatabase();
    await database.close();
  };
  return { database, shop, reference, project, close };
};

const serverOf = async (
  name: string,
  side: ServerSide,
  queuePrefix: string,
  tokenOf: Server['tokenOf'],
): Promise<Server> => {
  const { value } = await side.run();
  return { name, side, target: new HttpTarget(value.url), queuePrefix, tokenOf };
};

interface Orders {
  quotes: QuoteDocument[];
  calls: HttpCall[];
}

/** A quote and its purchase each, by all callers in turn. */
const ordersFor = ({ shop }: Accepting, { tokenOf }: Server, count: number): Orders => {
  const quotes: QuoteDocument[] = [];
  const calls = Array.from({ length: count }, (_, place): HttpCall => {
    const buyer = shop.buyers[place % CALLERS];
    const card = shop.cards[place % CALLERS];
    if (!buyer || !card) throw new Error('no buyer');
    const quote = quoteFor(buyer, null);
    quotes.push(quote);
    return {
      method: 'POST',
      path: '/v1/purchases',
      headers: { authorization: `Bearer ${tokenOf(place)}`, 'idempotency-key': `key-${place}` },
      body: JSON.stringify({ quoteId: quote._id, paymentMethodId: card._id }),
      expected: 202,
    };
  });
  return { quotes, calls };
};

const load = async ({ database }: Accepting, { quotes }: Orders): Promise<void> => {
  await clear(database, PURCHASE_COLLECTIONS);
  await insertAll(database, 'quotes', quotes);
};

/** `count` purchases accepted: as fast as they go, or at a fixed arrival rate per second. */
export const acceptedBy = (
  accepting: Accepting,
  which: 'reference' | 'project',
  count: number,
  perSecond: number | null,
): Variant => {
  const server = accepting[which];
  const orders = ordersFor(accepting, server, count);
  return {
    name: server.name,
    pid: server.side.pid,
    prepare: () => load(accepting, orders),
    run: async () => {
      const before = await server.side.run();
      const result =
        perSecond === null
          ? await closedLoop(server.target, orders.calls, CONCURRENCY)
          : await openLoop(server.target, orders.calls, perSecond);
      const after = await server.side.run();
      const cpuSeconds = after.value.cpuSeconds - before.value.cpuSeconds;
      return { operations: count, cpuSeconds, ...result };
    },
  };
};

/** Throws unless both leave the same documents and as many jobs. */
export const requireSameAccepts = async (accepting: Accepting, { stores }: Bench): Promise<void> => {
  const orders = {
    reference: ordersFor(accepting, accepting.reference, EQUALITY_REQUESTS),
    project: ordersFor(accepting, accepting.project, EQUALITY_REQUESTS),
  };
  // The same quotes for both.
  orders.project.quotes = orders.reference.quotes;
  for (const [place, call] of orders.project.calls.entries()) {
    const body = orders.reference.calls[place]?.body;
    if (body !== undefined) call.body = body;
  }
  const names: CollectionName[] = ['operations', 'audit', 'idempotency', 'quotes', 'paymentMethods'];
  const leftBy = async (which: 'reference' | 'project') => {
    const { target, queuePrefix } = accepting[which];
    await load(accepting, orders[which]);
    await stores.redis.flushall();
    await closedLoop(target, orders[which].calls, CONCURRENCY);
    const jobs = await stores.redis.llen(`${bullPrefix(queuePrefix, 'purchases')}:purchases:wait`);
    if (jobs !== EQUALITY_REQUESTS) throw new Error(`${which} left ${jobs} jobs`);
    return digestOf(accepting.database, names);
  };
  const [reference, project] = [await leftBy('reference'), await leftBy('project')];
  requireEqual(reference, project);
};
