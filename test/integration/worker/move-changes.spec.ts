import { beforeEach, describe, expect, it } from '@jest/globals';
import type { OperationOf, SubscriptionDocument } from '@commissary/store';
import { mailsOf, outcomesOf } from '../../support/fixtures/effects.js';
import { Meanwhile } from '../../support/fixtures/failures.js';
import { current } from '../../support/fixtures/operations.js';
import { deleteUser } from '../../support/fixtures/people.js';
import { charged } from '../../support/fixtures/provider.js';
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
import { workerSuite } from '../../support/fixtures/suite.js';
import { runToEnd } from '../../support/fixtures/worker.js';
import { collectionsOf } from '../../support/driver.js';

const suite = workerSuite();
let { world, worker, tenancy } = suite;

beforeEach(() => {
  ({ world, worker, tenancy } = suite);
});

const move = (source: Bought, target: SubscriptionDocument): Promise<OperationOf<'move'>> =>
  aMove(world, tenancy, source.subscription, target);

const seatsOf = async (subscription: SubscriptionDocument) =>
  (await theSubscription(world, subscription._id)).seats;

describe('users who leave during a move', () => {
  it('[MOV-4] a user deleted before the move comes to them is skipped and reported, and takes no seat', async () => {
    const source = await bought(world, worker, tenancy, { others: 149 });
    const target = await central(world, tenancy, { seats: 150 });
    const operation = await move(source, target);
    const left = source.holders.slice(-2);
    const failpoints = new Meanwhile('move.chunk', async () => {
      for (const user of left) await deleteUser(world, tenancy, user);
    });
    await runToEnd(world, await suite.another({ failpoints }), operation);
    expect(await current(world, operation)).toMatchObject({
      status: 'succeeded',
      result: { moved: 148, skipped: 2, failed: 0 },
    });
    expect((await outcomesOf(world, operation)).slice(-2)).toEqual(
      left.map((user) => `${user} skipped user_deleted`),
    );
    expect(await seatsOf(target)).toEqual({ purchased: 150, assigned: 148, reservations: [] });
  });

  it('[MOV-4] a user deleted after being moved gives the seat of the target back', async () => {
    const source = await bought(world, worker, tenancy, { others: 149 });
    const target = await central(world, tenancy, { seats: 150 });
    const operation = await move(source, target);
    const first = source.holders[0]!;
    const failpoints = new Meanwhile('move.chunk', () => deleteUser(world, tenancy, first));
    await runToEnd(world, await suite.another({ failpoints }), operation);
    expect(await current(world, operation)).toMatchObject({ status: 'succeeded', result: { moved: 150 } });
    expect(await seatsOf(target)).toEqual({ purchased: 150, assigned: 149, reservations: [] });
  });

  it('[MOV-4] deletions at any moment of the move leave nobody behind and no seat lost', async () => {
    const source = await bought(world, worker, tenancy, { others: 599 });
    const target = await central(world, tenancy, { seats: 600 });
    const operation = await move(source, target);
    const leaving = source.holders.filter((_, index) => index % 60 === 59);
    const moving = runToEnd(world, worker, operation);
    for (const user of leaving) await deleteUser(world, tenancy, user);
    await moving;
    const { status, result } = await current(world, operation);
    expect(status).toBe('succeeded');
    expect(result!.moved + result!.skipped).toBe(600);
    expect((await seatsOf(target)).assigned).toBe(600 - leaving.length);
  });
});

describe('a move whose seats became too few', () => {
  /** 150 users, 100 of whom hold the product of a target with exactly the 50 seats the others need. */
  const short = async () => {
    const source = await bought(world, worker, tenancy, { others: 149 });
    const already = source.holders.slice(50);
    const elsewhere = await central(world, tenancy, { seats: 100, productId: VISIO, holders: already });
    const target = await central(world, tenancy, { seats: 50, productId: VISIO });
    return { source, elsewhere, target, already };
  };

  const takeAway = (subscription: SubscriptionDocument, users: string[]) =>
    world.database.transaction(async (session) => {
      const { licenses, subscriptions } = collectionsOf(world.database);
      const where = { subscriptionId: subscription._id, userId: { $in: users } };
      const { deletedCount } = await licenses.deleteMany(where, { session });
      await subscriptions.updateOne(
        { _id: subscription._id },
        { $inc: { 'seats.assigned': -deletedCount } },
        { session },
      );
    });

  it('[MOV-4] ends failed with move_incomplete; the source keeps its status and them, and it can be asked again', async () => {
    const { source, elsewhere, target, already } = await short();
    const operation = await move(source, target);
    const stranded = already.slice(-3);
    await takeAway(elsewhere, stranded);
    await runToEnd(world, worker, operation);

    expect(await current(world, operation)).toMatchObject({
      status: 'failed',
      error: { code: 'move_incomplete' },
      result: { moved: 50, alreadyLicensed: 97, failed: 3, sourceStatus: 'active' },
    });
    expect((await outcomesOf(world, operation)).slice(-3)).toEqual(
      stranded.map((user) => `${user} failed no_free_seat`),
    );
    expect(await theSubscription(world, source.subscription._id)).toMatchObject({
      status: 'active',
      autoRenew: true,
      operationId: null,
      seats: { assigned: 3 },
    });
    expect(await holdersOf(world, source.subscription._id)).toEqual(stranded);
    expect(await seatsOf(target)).toEqual({ purchased: 50, assigned: 50, reservations: [] });
    expect(await mailsOf(world, operation._id)).toEqual([]);
    expect((await charged(world, source.orderId))[0]?.refundedMinor).toBe(0);

    const roomier = await central(world, tenancy, { seats: 3, productId: VISIO });
    const again = await move(source, roomier);
    await runToEnd(world, worker, again);
    expect(await current(world, again)).toMatchObject({ status: 'succeeded', result: { moved: 3 } });
    expect(await holdersOf(world, roomier._id)).toEqual(stranded);
  });

  it('[MOV-4] whose license of the target’s product cannot be used keeps the one that can, until it may be moved', async () => {
    const { source, elsewhere, target, already } = await short();
    const { subscriptions } = collectionsOf(world.database);
    const stateOf = (status: 'active' | 'disabled') =>
      subscriptions.updateOne({ _id: elsewhere._id }, { $set: { status } });
    await stateOf('disabled');
    const operation = await move(source, target);
    await runToEnd(world, worker, operation);
    expect(await current(world, operation)).toMatchObject({
      status: 'failed',
      result: { moved: 50, alreadyLicensed: 0, failed: 100 },
    });
    const rows = await outcomesOf(world, operation);
    expect(rows.filter((row) => row.endsWith('failed license_not_usable'))).toHaveLength(100);
    expect(await holdersOf(world, source.subscription._id)).toEqual(already);
    await stateOf('active');
    const again = await move(source, target);
    await runToEnd(world, worker, again);
    expect(await current(world, again)).toMatchObject({
      status: 'succeeded',
      result: { alreadyLicensed: 100 },
    });
  });

  it('[MOV-2] takes free seats where the reservation does not do', async () => {
    const { source, elsewhere, target, already } = await short();
    await collectionsOf(world.database).subscriptions.updateOne(
      { _id: target._id },
      { $inc: { 'seats.purchased': 3 } },
    );
    const operation = await move(source, target);
    await takeAway(elsewhere, already.slice(-3));
    await runToEnd(world, worker, operation);
    expect(await current(world, operation)).toMatchObject({
      status: 'succeeded',
      result: { moved: 53, alreadyLicensed: 97 },
    });
    expect(await seatsOf(target)).toEqual({ purchased: 53, assigned: 53, reservations: [] });
  });

  it('[MOV-4] a user who had to stay and is deleted before the end loses the license with the operation', async () => {
    const { source, elsewhere, target, already } = await short();
    const operation = await move(source, target);
    const stranded = already.slice(-3);
    await takeAway(elsewhere, stranded);
    const failpoints = new Meanwhile('move.chunk', () => Promise.resolve());
    const halfway = await suite.another({ failpoints: 'move.chunk=throw@2' });
    await halfway.handle(operation);
    expect((await current(world, operation)).progress.failed).toBe(3);
    await deleteUser(world, tenancy, stranded[0]!);
    await runToEnd(world, await suite.another({ failpoints }), operation);
    expect(await current(world, operation)).toMatchObject({ status: 'failed', result: { failed: 3 } });
    expect(await holdersOf(world, source.subscription._id)).toEqual(stranded.slice(1));
  });
});

describe('a user whom no transaction can move', () => {
  it('[MOV-4] is found by halving the chunk, stays with the reason, and holds nobody else up', async () => {
    const source = await bought(world, worker, tenancy, { others: 149 });
    const target = await central(world, tenancy, { seats: 200 });
    const { licenses } = collectionsOf(world.database);
    const bad = source.holders[70] ?? '';
    // Two licenses of the target may not have the same marked giver: moving the second one breaks a unique index.
    const clash = { assignedBy: 'clash' };
    await licenses.createIndexes([
      {
        key: { subscriptionId: 1, assignedBy: 1 },
        name: 'clash',
        unique: true,
        partialFilterExpression: clash,
      },
    ]);
    try {
      await license(world, target, [tenancy.admin._id]);
      await licenses.updateOne({ subscriptionId: target._id }, { $set: clash });
      await licenses.updateOne({ subscriptionId: source.subscription._id, userId: bad }, { $set: clash });
      const operation = await move(source, target);
      await runToEnd(world, worker, operation);
      expect(await current(world, operation)).toMatchObject({
        status: 'failed',
        error: { code: 'move_incomplete' },
        result: { moved: 149, failed: 1, sourceStatus: 'active' },
      });
      expect(await outcomesOf(world, operation)).toContain(`${bad} failed conflict`);
      expect(await holdersOf(world, source.subscription._id)).toEqual([bad]);
    } finally {
      await licenses.dropIndex('clash');
    }
  });
});
