import { setTimeout as delay } from 'node:timers/promises';
import { isEnded } from '@commissary/domain';
import { fetch } from '@commissary/stack/http';
import { Database, type QuoteDocument } from '@commissary/store';
import { insertAll } from './data/fresh.js';
import { openTenant, quoteFor, type Shop } from './data/shop.js';
import type { Bench } from './goal.js';
import { closedLoop, type HttpCall, HttpTarget, openLoop } from './http-load.js';
import { cpuSecondsOf } from './process-usage.js';
import type { Variant } from './slices.js';
import { Stores } from './stores.js';
import { collectionsOf } from '../../support/driver.js';

const EVERYTHING = ['gateway', 'workers', 'payments', 'mail', 'issuer'];
const BUYERS = 250;
const CARDS_AT_ONCE = 8;
const DONE_WITHIN_MS = 120_000;
const LOOK_EVERY_MS = 100;

/** As `npm start` runs it: gateway, a worker per queue, payment simulator, mail catcher and issuer, with the stores. */
export interface WholeService {
  stores: Stores;
  close(): Promise<void>;
  /** So many purchases at a fixed arrival rate per second, while the workers complete them. */
  purchases(count: number, perSecond: number): WholeVariant;
}

export interface WholeVariant extends Variant {
  /** Share of the purchases that had ended when the last one was accepted, and CPU by process, of each run so far. */
  seen: { completed: number; cpu: CpuByProcess }[];
}

/** Seconds. */
export type CpuByProcess = ReadonlyMap<string, number>;

interface Open {
  stores: Stores;
  database: Database;
  target: HttpTarget;
  gatewayPid: number;
  shop: Shop;
  tokens: string[];
  /** Of the buyers, in their order. */
  cardIds: string[];
}

export const openWholeService = async ({ say, signal }: Bench): Promise<WholeService> => {
  const stores = await Stores.start(say, signal, EVERYTHING);
  try {
    const open = await peopleOf(stores);
    return {
      stores,
      purchases: (count, perSecond) => purchasesAt(open, count, perSecond),
      close: async () => {
        open.target.close();
        await open.database.close();
        await stores.stop();
      },
    };
  } catch (error) {
    await stores.stop();
    throw error;
  }
};

/** Buyers in a tenant of their own, signed in, each with a card. */
const peopleOf = async (stores: Stores): Promise<Open> => {
  const { gatewayUrl, issuer, processes } = stores.stack.describe();
  const gatewayPid = processes.find(({ name }) => name === 'gateway')?.pid;
  if (!gatewayUrl || !issuer || gatewayPid === undefined) throw new Error('the service did not start');
  const database = await Database.connect({ uri: stores.mongodbUri, appName: 'commissary-bench' });
  const shop = await openTenant(database, BUYERS);
  const tokens: string[] = [];
  for (const { email } of shop.buyers) tokens.push(await tokenFor(issuer, email));
  const target = new HttpTarget(gatewayUrl);
  const calls = tokens.map((token, place): HttpCall => ({
    method: 'POST',
    path: '/v1/payment-methods',
    headers: { authorization: `Bearer ${token}`, 'idempotency-key': `card-${place}` },
    body: JSON.stringify({ token: 'tok_visa' }),
    expected: 201,
  }));
  await closedLoop(target, calls, CARDS_AT_ONCE);
  const cards = await collectionsOf(database).paymentMethods.find({ tenantId: shop.tenant._id }).toArray();
  const cardOf = new Map(cards.map((card) => [card.userId, card._id]));
  const cardIds = shop.buyers.map((user) => cardOf.get(user._id) ?? '');
  return { stores, database, target, gatewayPid, shop, tokens, cardIds };
};

const tokenFor = async (issuer: string, email: string): Promise<string> => {
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'urn:commissary:grant-type:sample-user',
      client_id: 'commissary-cli',
      username: email,
    }),
  });
  const { access_token: token } = (await response.json()) as { access_token?: string };
  if (token === undefined) throw new Error(`the issuer gave ${email} no token: ${response.status}`);
  return token;
};

interface Orders {
  quotes: QuoteDocument[];
  calls: HttpCall[];
}

const ordersFor = ({ shop, tokens, cardIds }: Open, count: number): Orders => {
  const orders: Orders = { quotes: [], calls: [] };
  for (let place = 0; place < count; place += 1) {
    const buyer = shop.buyers[place % BUYERS];
    if (!buyer) throw new Error('no buyer');
    const quote = quoteFor(buyer, null);
    orders.quotes.push(quote);
    orders.calls.push({
      method: 'POST',
      path: '/v1/purchases',
      headers: { authorization: `Bearer ${tokens[place % BUYERS] ?? ''}`, 'idempotency-key': quote._id },
      body: JSON.stringify({ quoteId: quote._id, paymentMethodId: cardIds[place % BUYERS] }),
      expected: 202,
    });
  }
  return orders;
};

const cpuOf = ({ stack }: Stores): CpuByProcess =>
  new Map([
    ...stack.describe().processes.map(({ name, pid }) => [name, cpuSecondsOf(pid)] as const),
    ['load generator', cpuSecondsOf(process.pid)],
  ]);

const purchasesAt = (open: Open, count: number, perSecond: number): WholeVariant => {
  const { stores, database, target, gatewayPid, shop } = open;
  let orders: Orders = { quotes: [], calls: [] };
  const seen: WholeVariant['seen'] = [];
  const operationsIn = async (): Promise<{ open: number; succeeded: number }> => {
    const rows = await collectionsOf(database)
      .operations.find({ tenantId: shop.tenant._id }, { projection: { status: 1 } })
      .toArray();
    const succeeded = rows.filter(({ status }) => status === 'succeeded').length;
    return { open: rows.filter(({ status }) => !isEnded(status)).length, succeeded };
  };
  return {
    name: `whole service at ${perSecond}/s`,
    pid: gatewayPid,
    seen,
    prepare: async () => {
      await untilQuiet(open, async () => (await operationsIn()).open);
      orders = ordersFor(open, count);
      await insertAll(database, 'quotes', orders.quotes);
    },
    run: async () => {
      const before = await operationsIn();
      const cpuBefore = cpuOf(stores);
      const result = await openLoop(target, orders.calls, perSecond);
      const after = await operationsIn();
      const cpu = new Map(
        [...cpuOf(stores)].map(([name, used]) => [name, used - (cpuBefore.get(name) ?? 0)]),
      );
      seen.push({ completed: (after.succeeded - before.succeeded) / count, cpu });
      return { operations: count, cpuSeconds: cpu.get('gateway') ?? 0, ...result };
    },
  };
};

/** Resolves once every purchase has ended and every mail is out. */
const untilQuiet = async ({ database, shop }: Open, openOperations: () => Promise<number>): Promise<void> => {
  const deadline = performance.now() + DONE_WITHIN_MS;
  for (;;) {
    const mails = await collectionsOf(database).notifications.countDocuments({
      tenantId: shop.tenant._id,
      endedAt: null,
    });
    const operations = await openOperations();
    if (operations + mails === 0) return;
    if (performance.now() > deadline)
      throw new Error(`${operations} purchases and ${mails} mails never ended`);
    await delay(LOOK_EVERY_MS);
  }
};
