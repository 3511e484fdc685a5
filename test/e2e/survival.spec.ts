import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { OperationView } from '@commissary/contracts';
import { Redis } from 'ioredis';
import { audit, NOTHING_WRONG, type Seeded, seed } from './support/commands.js';
import { database, quiet } from './support/database.js';
import { eventually } from './support/eventually.js';
import { ended } from './support/operations.js';
import { chargesOf, mailsOf } from './support/outside.js';
import { adminOf, newcomer } from './support/people.js';
import { must, type Person } from './support/person.js';
import { addCard, allOf, askQuote, purchaseOutcome, subscription } from './support/shop.js';
import { gatewayReady, restarted, signal, stack } from './support/stack.js';
import { collectionsOf } from '../support/driver.js';

const MOVER = 'worker:license-moves';
const BUYING = 'worker:purchases';
const WITHIN_MS = 60_000;

let redis: Redis;

beforeAll(() => {
  redis = new Redis(stack().redisUrl, { lazyConnect: true, retryStrategy: () => 100 });
  redis.on('error', () => undefined);
});

afterAll(async () => {
  redis.disconnect();
  await once(redis, 'end').catch(() => undefined);
});

/** Kills one of the stack's processes the hard way; the supervisor starts it again. */
const killed = async (...names: string[]): Promise<void> => {
  const pids = names.map((name) => [name, signal(name, 'SIGKILL')] as const);
  await Promise.all(pids.map(([name, pid]) => restarted(name, pid)));
};

const startMove = async (admin: Person, { sourceSubscriptionId, targetSubscriptionId }: Seeded) => {
  const body = { targetSubscriptionId };
  return must(202, admin.post<OperationView>(`/v1/subscriptions/${sourceSubscriptionId}/move`, body));
};

/** Resolves in the middle: some users are behind the move, and some before it. */
const underWay = async ({ id }: OperationView): Promise<void> => {
  const collections = collectionsOf(await database());
  await eventually('the move has begun', async () => {
    const operation = await collections.operations.findOne({ _id: id, 'progress.done': { $gt: 0 } });
    return operation ?? undefined;
  });
};

const holdersOf = async (subscriptionId: string): Promise<string[]> => {
  const { licenses } = collectionsOf(await database());
  return (await licenses.distinct('userId', { subscriptionId })).sort();
};

/** First column of the file. */
const usersWithResult = async (admin: Person, { id }: OperationView): Promise<string[]> => {
  const response = await admin.fetch(`/v1/operations/${id}/results`, { headers: { accept: 'text/csv' } });
  const [, ...rows] = (await response.text()).trimEnd().split('\r\n');
  return rows.map((row) => row.split(',')[0] ?? '').sort();
};

/** Every user on the target, each with one result; source deleted; all told once. */
const expectMoved = async (admin: Person, seeded: Seeded, operation: OperationView, holders: string[]) => {
  expect(operation.result).toMatchObject({ moved: holders.length, failed: 0, sourceStatus: 'deleted' });
  expect(await holdersOf(seeded.targetSubscriptionId)).toEqual(holders);
  const source = await subscription(admin, seeded.sourceSubscriptionId);
  expect([source.status, source.seats.assigned, source.operation]).toEqual(['deleted', 0, null]);
  expect((await subscription(admin, seeded.targetSubscriptionId)).seats.reserved).toBe(0);
  expect(await usersWithResult(admin, operation)).toEqual(holders);
  await quiet();
  expect(await mailsOf(source.purchaser?.email ?? '', 'canceled')).toHaveLength(1);
};

/** Quotes and a card for as many purchases, each sent by its own request later. */
const purchasesOf = async (buyer: Person, count: number) => {
  const card = await addCard(buyer);
  const quotes = await Promise.all(Array.from({ length: count }, () => must(201, askQuote(buyer))));
  return quotes.map(
    ({ id }) =>
      () =>
        must(202, buyer.post<OperationView>('/v1/purchases', { quoteId: id, paymentMethodId: card.id })),
  );
};

/** Every one has succeeded in time, with exactly one charge. */
const expectBought = async (buyer: Person, operations: readonly OperationView[]): Promise<void> => {
  const ends = await Promise.all(operations.map((operation) => ended(buyer, operation, WITHIN_MS)));
  const orders = ends.map((end) => purchaseOutcome(end).orderId);
  const charges = await Promise.all(orders.map(chargesOf));
  expect(charges.map((each) => each.map(({ status }) => status))).toEqual(orders.map(() => ['succeeded']));
  const subscriptions = await allOf(buyer, '/v1/subscriptions?limit=200');
  expect(subscriptions).toHaveLength(operations.length);
};

describe('what is accepted ends, whatever dies', () => {
  it('kill -9 of the mover and of the gateway in the middle of a move of 15,000 users [MOV-3] [OPS-4]', async () => {
    const admin = await adminOf('contoso.example');
    const seeded = await seed(15_000);
    const holders = await holdersOf(seeded.sourceSubscriptionId);
    const operation = await startMove(admin, seeded);
    await underWay(operation);
    await killed(MOVER, 'gateway');
    await gatewayReady();
    const { progress } = await must(200, admin.get<OperationView>(`/v1/operations/${operation.id}`));
    expect(progress.pending).toBeGreaterThan(0);
    const end = await ended(admin, operation, WITHIN_MS);
    expect(end.status).toBe('succeeded');
    await expectMoved(admin, seeded, end, holders);
  });

  it('FLUSHALL of Redis with 100 purchases pending: each ends, and is charged once [OPS-4] [BUY-6]', async () => {
    const buyer = await newcomer();
    const purchases = await purchasesOf(buyer, 100);
    signal(BUYING, 'SIGSTOP');
    const operations = await Promise.all(purchases.map((send) => send()));
    const collections = collectionsOf(await database());
    const pending = { 'requestedBy.userId': buyer.userId, status: 'accepted' } as const;
    expect(await collections.operations.countDocuments(pending)).toBe(100);
    await redis.flushall();
    signal(BUYING, 'SIGCONT');
    await expectBought(buyer, operations);
  });

  it('kill -9 of Redis during POSTs: 202 all the same, and each ends [OPS-4]', async () => {
    const buyer = await newcomer();
    const purchases = await purchasesOf(buyer, 40);
    const killing = killed('redis-server');
    const operations = await Promise.all(purchases.map((send) => send()));
    await killing;
    await expectBought(buyer, operations);
  });

  it('and the audit finds nothing [OPS-5]', async () => {
    await quiet();
    expect(await audit()).toEqual(NOTHING_WRONG);
  });
});
