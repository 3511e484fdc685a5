import { beforeEach, describe, expect, it } from '@jest/globals';
import { runAudit } from '@commissary/audit';
import {
  MoveTails,
  type OperationOf,
  OperationsRepository,
  type SubscriptionDocument,
} from '@commissary/store';
import { outcomesOf } from '../../support/fixtures/effects.js';
import { Freeze, Meanwhile } from '../../support/fixtures/failures.js';
import { watchLicenses } from '../../support/fixtures/license-watch.js';
import { becomeDue, current } from '../../support/fixtures/operations.js';
import { deleteUser } from '../../support/fixtures/people.js';
import { workerSuite } from '../../support/fixtures/suite.js';
import {
  aMove,
  type Bought,
  bought,
  central,
  holdersOf,
  license,
  theSubscription,
  VISIO,
} from '../../support/fixtures/takeovers.js';
import { runToEnd } from '../../support/fixtures/worker.js';
import { collectionsOf } from '../../support/driver.js';

/** Enough to go in two halves, few enough to be quick: each has some chunks of its own. */
const USERS = 2_000;

const suite = workerSuite();
let { world, worker, tenancy } = suite;
let source: Bought;
let target: SubscriptionDocument;
let move: OperationOf<'move'>;

beforeEach(async () => {
  ({ world, worker, tenancy } = suite);
  source = await bought(world, worker, tenancy, { others: USERS - 1 });
});

const moveTo = async (given: Parameters<typeof central>[2]): Promise<void> => {
  target = await central(world, tenancy, given);
  move = await aMove(world, tenancy, source.subscription, target);
};

class HeadFails extends Freeze {
  override async hit(name: string): Promise<void> {
    if (name === 'move.moving') throw new Error('the first half fails');
    return super.hit(name);
  }
}

/** A run that ends as soon as there are two halves: the first chunk of all goes alone. */
const halve = async (): Promise<void> => {
  await (await suite.another({ failpoints: 'move.opened=throw' })).handle(move);
  await becomeDue(world, move);
};

const tailOf = () => collectionsOf(world.database).moveTails.findOne({ _id: move._id });

const expectMovedOnce = async (): Promise<void> => {
  const { status, result, progress } = await current(world, move);
  expect(status).toBe('succeeded');
  expect(result).toMatchObject({ moved: USERS, alreadyLicensed: 0, skipped: 0, failed: 0 });
  expect(progress).toMatchObject({ total: USERS, done: USERS });
  expect((await outcomesOf(world, move)).sort()).toEqual(source.holders.map((user) => `${user} moved`));
  expect(await holdersOf(world, target._id)).toEqual(source.holders);
  const { seats } = await theSubscription(world, target._id);
  expect(seats).toEqual({ purchased: USERS, assigned: USERS, reservations: [] });
  expect(await theSubscription(world, source.subscription._id)).toMatchObject({
    status: 'deleted',
    seats: { assigned: 0 },
  });
  expect(await tailOf()).toBeNull();
};

describe('a move of many in two halves [MOV-3, MOV-4]', () => {
  beforeEach(() => moveTo({ seats: USERS }));

  it('both halves do their share, and at each moment every user holds one license', async () => {
    const running = runToEnd(world, worker, move);
    const sides: [string, string] = [source.subscription._id, target._id];
    const seen = await watchLicenses(world, { tenantId: tenancy.tenantId, sides, users: USERS }, running);
    await running;
    expect(seen.faults).toEqual([]);
    expect(seen.looks).toBeGreaterThan(3);
    await expectMovedOnce();
    const { chunks, tail } = await current(world, move);
    expect(chunks).toBeGreaterThan(1);
    expect(tail!.chunks).toBeGreaterThan(1);
  });

  it.each([
    'move.opened=throw@1',
    'move.tailMoving=throw@2',
    'move.tailChunk=throw@1',
    'move.meeting=throw',
    'move.met=throw',
  ])('fails at %s and goes on from there to the same end', async (failpoints) => {
    await (await suite.another({ failpoints })).handle(move);
    expect(await current(world, move)).toMatchObject({ status: 'running', lease: null });
    expect((await runAudit({ database: world.database })).violations).toEqual([]);
    await runToEnd(world, worker, move);
    await expectMovedOnce();
  });

  it('that only its second half takes further is not parked', async () => {
    await halve();
    const failing = await suite.another({ failpoints: 'move.moving=throw' });
    for (let start = 1; start <= 6; start += 1) {
      const before = (await tailOf())?.chunks ?? 0;
      await becomeDue(world, move);
      await failing.handle(move);
      expect((await current(world, move)).status).toBe('running');
      expect((await tailOf())!.chunks).toBeGreaterThanOrEqual(before);
    }
    await runToEnd(world, worker, move);
    await expectMovedOnce();
  });

  // Claimed only: it must not open a second half of its own any more.
  it.each(['run.claimed', 'move.tailChunk'])(
    'a worker frozen at %s, overtaken and thawed adds nothing',
    async (point) => {
      const frozen = new Freeze(point);
      const run = (await suite.another({ failpoints: frozen })).handle(move);
      await frozen.reached;
      await runToEnd(world, worker, move);
      frozen.thaw();
      await run;
      await expectMovedOnce();
    },
  );
});

describe('a move in two halves that is halted', () => {
  const operations = () => new OperationsRepository(world.database);

  /** The second half stands after its first chunk, of which the counters know nothing: the first half has failed. */
  const standing = async () => {
    await halve();
    const frozen = new HeadFails('move.tailChunk');
    const run = (await suite.another({ failpoints: frozen })).handle(move);
    await frozen.reached;
    return async (): Promise<void> => {
      frozen.thaw();
      await run;
    };
  };

  beforeEach(() => moveTo({ seats: USERS }));

  it('[MOV-3] paused, neither half writes anything more; resumed, both go on to the end', async () => {
    const goOn = await standing();
    await world.database.transaction(async (session) =>
      operations().pause(session, await operations().get(tenancy.tenantId, move._id, session)),
    );
    const left = await holdersOf(world, source.subscription._id);
    await goOn();
    expect(await holdersOf(world, source.subscription._id)).toEqual(left);
    expect(await current(world, move)).toMatchObject({ status: 'paused', lease: null });
    const paused = await current(world, move);
    await world.database.transaction((session) => operations().resume(session, paused));
    await runToEnd(world, worker, move);
    await expectMovedOnce();
  });

  it('[MOV-6] settled from outside, the counters say what both halves did, and the run adds nothing', async () => {
    const goOn = await standing();
    const { database } = world;
    const settled = await database.transaction(async (session) => {
      const operation = (await operations().get(tenancy.tenantId, move._id, session)) as typeof move;
      const rest = await new MoveTails(database).settle(session, operation);
      await operations().pause(session, operation);
      return rest;
    });
    expect(settled.moved).toBeGreaterThan(0);
    await goOn();
    const { progress } = await current(world, move);
    expect(progress.done).toBe((await holdersOf(world, target._id)).length);
    const { seats } = await theSubscription(world, target._id);
    expect(seats.assigned).toBe(progress.done);
    expect(await tailOf()).toBeNull();
  });
});

describe('what changes while both halves are on their way', () => {
  it('[MOV-4] users deleted on either side are skipped or free their seat, wherever the halves are', async () => {
    await moveTo({ seats: USERS });
    const leaving = [source.holders[1]!, source.holders[USERS / 2]!, source.holders[USERS - 2]!];
    const failpoints = new Meanwhile('move.tailChunk', async () => {
      for (const user of leaving) await deleteUser(world, tenancy, user);
    });
    await runToEnd(world, await suite.another({ failpoints }), move);
    const { status, result } = await current(world, move);
    expect(status).toBe('succeeded');
    expect(result!.moved + result!.skipped).toBe(USERS);
    const { seats } = await theSubscription(world, target._id);
    expect(seats).toEqual({ purchased: USERS, assigned: USERS - leaving.length, reservations: [] });
  });

  it('[MOV-2] to another product: who holds it takes no seat, and the halves share the few there are', async () => {
    const already = source.holders.slice(0, 900);
    await central(world, tenancy, { seats: 900, productId: VISIO, holders: already });
    await moveTo({ seats: USERS - 900, productId: VISIO });
    await runToEnd(world, worker, move);
    const { status, result } = await current(world, move);
    expect(status).toBe('succeeded');
    expect(result).toMatchObject({ moved: USERS - 900, alreadyLicensed: 900, failed: 0 });
  });

  it('[MOV-4] seats that become too few leave the last ones where they are, with a reason', async () => {
    const already = source.holders.slice(-900);
    const elsewhere = await central(world, tenancy, { seats: 900, productId: VISIO, holders: already });
    await moveTo({ seats: USERS - 900, productId: VISIO });
    const { licenses, subscriptions } = collectionsOf(world.database);
    const stranded = already.slice(0, 40);
    await world.database.transaction(async (session) => {
      const where = { subscriptionId: elsewhere._id, userId: { $in: stranded } };
      await licenses.deleteMany(where, { session });
      const counted = { $inc: { 'seats.assigned': -stranded.length } };
      await subscriptions.updateOne({ _id: elsewhere._id }, counted, { session });
    });
    await runToEnd(world, worker, move);
    const { status, result, progress } = await current(world, move);
    expect(status).toBe('failed');
    expect(result).toMatchObject({ moved: USERS - 900, alreadyLicensed: 860, failed: 40 });
    expect(progress).toMatchObject({ total: USERS, done: USERS - 40, failed: 40 });
    const failed = (await outcomesOf(world, move)).filter((row) => row.endsWith('failed no_free_seat'));
    expect(failed).toHaveLength(40);
    expect(await holdersOf(world, source.subscription._id)).toHaveLength(40);
    expect((await theSubscription(world, target._id)).seats.reservations).toEqual([]);
  });

  it('[MOV-4] a license of the target’s product given under way makes nobody two', async () => {
    await moveTo({ seats: USERS, productId: VISIO });
    const elsewhere = await central(world, tenancy, { seats: 50, productId: VISIO });
    const given = [...source.holders.slice(700, 720), ...source.holders.slice(-720, -700)];
    const failpoints = new Meanwhile('run.claimed', () => license(world, elsewhere, given));
    await runToEnd(world, await suite.another({ failpoints }), move);
    const { status, result } = await current(world, move);
    expect(status).toBe('succeeded');
    expect(result).toMatchObject({ moved: USERS - 40, alreadyLicensed: 40 });
    expect((await theSubscription(world, target._id)).seats).toMatchObject({ assigned: USERS - 40 });
  });
});
