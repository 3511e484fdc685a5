import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Failpoints, newId } from '@commissary/platform';
import { wakeUpId } from '@commissary/queue';
import {
  type Between,
  LicenseChunks,
  LicensesRepository,
  type OperationDocument,
  type OperationOf,
  OperationRuns,
  OperationsRepository,
  SubscriptionHolders,
  SubscriptionsRepository,
} from '@commissary/store';
import { aLicense, aSubscription } from '../support/documents.js';
import { untilEnded } from '../support/fixtures/operations.js';
import { aTenancy, type Tenancy } from '../support/fixtures/people.js';
import { Profile, type Profiled } from '../support/fixtures/profile.js';
import { commandsDuring } from '../support/fixtures/redis-commands.js';
import { aMove, bought, central, license } from '../support/fixtures/takeovers.js';
import { aWorker, type TestWorker } from '../support/fixtures/worker.js';
import { openWorld, type World } from '../support/fixtures/world.js';
import { collectionsOf } from '../support/driver.js';

/** Counts, never times: how the work grows with its size, on any machine. */

let world: World;
let tenancy: Tenancy;
let profile: Profile;

beforeAll(async () => {
  world = await openWorld();
  tenancy = await aTenancy(world);
  profile = await Profile.open(world.database);
});

afterAll(() => world.close());

describe('what a move asks of the stores [MOV-3]', () => {
  const SMALL = 3_000;
  const LARGE = 9_000;
  const CHUNKS_MORE = (LARGE - SMALL) / 1_000;

  /** What a move through the real queue cost, by the stores' own count. */
  interface Cost {
    mongo: Profiled[];
    redis: string[];
    /** Live heap after each chunk, bytes. */
    heap: number[];
  }

  let small: Cost;
  let large: Cost;

  beforeAll(async () => {
    small = await costOfMove(SMALL);
    large = await costOfMove(LARGE);
  }, 120_000);

  it('asks MongoDB by the chunk: a constant, and at most ten operations for each thousand users', () => {
    const more = large.mongo.length - small.mongo.length;
    expect(more).toBeGreaterThanOrEqual(CHUNKS_MORE);
    expect(more).toBeLessThanOrEqual(CHUNKS_MORE * 10);
  });

  it('asks Redis for little more than to be woken, at any size', () => {
    expect(small.redis.length).toBeGreaterThan(0);
    // The job's lock is kept alive every few seconds, so a slow machine asks a little more often.
    expect(large.redis.length - small.redis.length).toBeLessThanOrEqual(CHUNKS_MORE * 4);
  });

  it('looks at each license once, to move it: the index finds it', () => {
    const examined = large.mongo.reduce((sum, one) => sum + one.docsExamined, 0);
    expect(examined).toBeLessThanOrEqual(LARGE * 1.1);
  });

  it('keeps no more in memory after nine thousand users than after one', () => {
    const settled = large.heap.slice(2);
    const growth = Math.max(...settled) - (settled[0] ?? 0);
    expect(settled.length).toBeGreaterThanOrEqual(CHUNKS_MORE);
    expect(growth).toBeLessThan(8 * 2 ** 20);
  });

  async function costOfMove(users: number): Promise<Cost> {
    const weighing = new Weighing();
    const worker = await aWorker(world, { failpoints: weighing });
    const operation = await acceptedMove(worker, users);
    const processor = worker.processor('license-moves');
    let seen: Profiled[] = [];
    const redis = await commandsDuring(world.services, async () => {
      processor.start();
      seen = await profile.during(() => throughTheQueue(worker, operation));
    });
    await worker.close();
    // Our own looks whether it has ended.
    const mongo = seen.filter(({ op, collection }) => op !== 'query' || collection !== 'operations');
    return { mongo, redis, heap: weighing.heap };
  }

  async function acceptedMove(worker: TestWorker, users: number): Promise<OperationOf<'move'>> {
    const owner = await aTenancy(world);
    const { subscription } = await bought(world, worker, owner, { quantity: users });
    const holders = Array.from({ length: users - 1 }, () => newId('usr'));
    await license(world, subscription, holders);
    const target = await central(world, owner, { seats: users });
    return aMove(world, owner, subscription, target);
  }

  async function throughTheQueue(worker: TestWorker, operation: OperationOf<'move'>): Promise<void> {
    const { _id: operationId, tenantId } = operation;
    const payload = { v: 1 as const, operationId, tenantId };
    await worker.producer.enqueue({ name: 'license-move.run', payload, jobId: wakeUpId(operationId, 0) });
    const ended = await untilEnded(world, operation);
    expect(ended).toMatchObject({ status: 'succeeded', progress: { done: operation.progress.total } });
  }
});

describe('documents examined by the hot queries', () => {
  const COUNT = 1_500;
  const SHARE = 1.1;

  const list = new Array(COUNT).fill(null);
  let source: string;
  let holder: string;
  let operations: OperationDocument[];

  beforeAll(async () => {
    const collections = collectionsOf(world.database);
    const { tenantId, buyer } = tenancy;
    const subscriptions = list.map((_, place) =>
      aSubscription(tenantId, {
        seats: { purchased: 5, assigned: 0, reservations: [] },
        origin: place % 2 === 0 ? 'central' : 'selfService',
        status: place % 3 === 0 ? 'expired' : 'active',
        productId: `product-${place % 4}`,
        purchaserId: place % 5 === 0 ? buyer._id : null,
      }),
    );
    const licensed = subscriptions[0]!;
    // Every other user is licensed by another subscription.
    const licenses = list.map((_, place) => aLicense(subscriptions[place % 2]!, newId('usr')));
    operations = list.map((_, place) => anOperation(place));
    await collections.subscriptions.insertMany(subscriptions);
    await collections.licenses.insertMany(licenses);
    await collections.operations.insertMany(operations);
    source = licensed._id;
    holder = licenses[700]!.userId;
  });

  it('a claim looks at one operation', async () => {
    const due = operations.find(({ status }) => status === 'accepted')!;
    const seen = await profile.during(() =>
      new OperationRuns(world.database).claim(due.tenantId, due._id, 'worker-1'),
    );
    expect(seen).toMatchObject([{ collection: 'operations', docsExamined: 1 }]);
  });

  it.each([
    ['the due operations of a queue', () => new OperationRuns(world.database).due('purchases', 1_000)],
    ['the next chunk', () => chunkAfter(holder)],
    ['the next chunk of a first half', () => chunkUpTo(holder)],
    ['a page of licenses', () => licensesAfter(holder)],
    [
      'the licenses of a user',
      () => new LicensesRepository(world.database).usableBy(tenancy.tenantId, holder),
    ],
    ['the subscriptions of a tenant', () => subscriptionsBy({})],
    ['those of an origin and status', () => subscriptionsBy({ origin: 'selfService', status: 'active' })],
    ['those of a product', () => subscriptionsBy({ productId: 'product-2' })],
    ['those of a purchaser', () => subscriptionsBy({ purchaserId: tenancy.buyer._id })],
    ['the operations of a tenant', () => operationsAfter(operations[900]!._id)],
  ])('%s', async (_, read) => {
    const seen = await profile.during(read);
    expect(seen.reduce((sum, { found }) => sum + found, 0)).toBeGreaterThan(0);
    for (const { docsExamined, found } of seen) {
      expect(docsExamined).toBeLessThanOrEqual(found * SHARE);
    }
  });

  const subscriptionsBy = (filter: Parameters<SubscriptionsRepository['list']>[1]) =>
    new SubscriptionsRepository(world.database).list(tenancy.tenantId, filter, { limit: 51 });

  const licensesAfter = (afterUserId: string) =>
    new SubscriptionHolders(world.database).next(
      { _id: source, tenantId: tenancy.tenantId },
      { userId: afterUserId, seq: 0 },
      51,
    );

  const chunkOf = (between: Between) =>
    new LicenseChunks(world.database).next(
      { tenantId: tenancy.tenantId, subscriptionId: source },
      between,
      300,
    );
  const chunkAfter = (userId: string) => chunkOf({ above: userId, upTo: null });
  const chunkUpTo = (userId: string) => chunkOf({ above: null, upTo: userId });

  const operationsAfter = (after: string) =>
    new OperationsRepository(world.database).list(tenancy.tenantId, {}, { limit: 51, after });

  /** A third each: due, due in an hour, ended. */
  const anOperation = (place: number): OperationDocument => {
    const { tenantId, buyer } = tenancy;
    const now = Date.now();
    const operation = OperationsRepository.newDocument(
      {
        id: newId('op'),
        tenantId,
        type: 'purchase',
        subscriptionId: null,
        request: {
          quoteId: newId('quo'),
          paymentMethodId: null,
          orderId: newId('ord'),
          paymentId: newId('pay'),
          subscriptionId: newId('sub'),
        },
        requestedBy: { userId: buyer._id, displayName: buyer.displayName, tenantId },
        origin: { ip: '127.0.0.1', requestId: 'req_test' },
        total: 1,
      },
      new Date(place % 3 === 1 ? now + 3_600_000 : now - 60_000),
    );
    return place % 3 === 2 ? { ...operation, status: 'succeeded', endedAt: new Date(now) } : operation;
  };
});

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Weighs what is alive after each chunk of a move. */
class Weighing extends Failpoints {
  readonly heap: number[] = [];

  constructor() {
    super('');
  }

  override async hit(name: string): Promise<void> {
    if (name !== 'move.chunk' && name !== 'move.tailChunk') return;
    collectGarbage();
    this.heap.push(process.memoryUsage().heapUsed);
  }
}
