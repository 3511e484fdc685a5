import { beforeEach, describe, expect, it } from '@jest/globals';
import type { OperationOf, SubscriptionDocument } from '@commissary/store';
import { mailsOf, outcomesOf } from '../../support/fixtures/effects.js';
import { Meanwhile } from '../../support/fixtures/failures.js';
import { watchLicenses } from '../../support/fixtures/license-watch.js';
import { current } from '../../support/fixtures/operations.js';
import { deleteUser, members } from '../../support/fixtures/people.js';
import { charged } from '../../support/fixtures/provider.js';
import {
  aMove,
  type Bought,
  bought,
  central,
  holdersOf,
  license,
  shareLeft,
  theSubscription,
  VISIO,
} from '../../support/fixtures/takeovers.js';
import { workerSuite } from '../../support/fixtures/suite.js';
import { runToEnd } from '../../support/fixtures/worker.js';
import { collectionsOf } from '../../support/driver.js';

const DAY = 24 * 3_600_000;

const suite = workerSuite();
let { world, worker, tenancy } = suite;

beforeEach(() => {
  ({ world, worker, tenancy } = suite);
});

const move = (source: Bought, target: SubscriptionDocument): Promise<OperationOf<'move'>> =>
  aMove(world, tenancy, source.subscription, target);

const seatsOf = async (subscription: SubscriptionDocument) =>
  (await theSubscription(world, subscription._id)).seats;

describe('a move to the same product', () => {
  it('[MOV-2, MOV-4, MOV-5] of 2,500 users: exact counters, never nobody or two licenses, all told once', async () => {
    const source = await bought(world, worker, tenancy, { others: 2_499 });
    const target = await central(world, tenancy, { seats: 2_600 });
    const operation = await move(source, target);
    expect(await seatsOf(target)).toMatchObject({
      assigned: 0,
      reservations: [{ operationId: operation._id, seats: 2_500 }],
    });

    const sides: [string, string] = [source.subscription._id, target._id];
    const moving = runToEnd(world, worker, operation);
    const watched = await watchLicenses(world, { tenantId: tenancy.tenantId, sides, users: 2_500 }, moving);
    await moving;
    expect(watched.faults).toEqual([]);
    expect(watched.looks).toBeGreaterThan(2);

    expect(await current(world, operation)).toMatchObject({
      status: 'succeeded',
      result: { moved: 2_500, alreadyLicensed: 0, skipped: 0, failed: 0, sourceStatus: 'deleted' },
      progress: { total: 2_500, done: 2_500 },
    });
    expect(await outcomesOf(world, operation)).toEqual(source.holders.map((user) => `${user} moved`));
    expect(await holdersOf(world, target._id)).toEqual(source.holders);
    expect(await seatsOf(target)).toEqual({ purchased: 2_600, assigned: 2_500, reservations: [] });
    const { status, seats, autoRenew, operationId } = await theSubscription(world, source.subscription._id);
    expect({ status, assigned: seats.assigned, autoRenew, operationId }).toEqual({
      status: 'deleted',
      assigned: 0,
      autoRenew: false,
      operationId: null,
    });
    expect(await mailsOf(world, operation._id)).toEqual([
      `canceled > ${tenancy.buyer._id}`,
      `moveCompleted > ${tenancy.admin._id}`,
    ]);
  });

  it('[MOV-1] saves the users of a subscription in grace', async () => {
    const source = await bought(world, worker, tenancy, { others: 2 });
    await collectionsOf(world.database).subscriptions.updateOne(
      { _id: source.subscription._id },
      {
        $set: { status: 'expired' },
        $push: { history: { status: 'expired', at: world.clock.now() } },
      },
    );
    const target = await central(world, tenancy, { seats: 3 });
    const operation = await move(source, target);
    await runToEnd(world, worker, operation);
    expect(await holdersOf(world, target._id)).toEqual(source.holders);
  });

  it('[MOV-5] of a subscription nobody holds cancels it and tells so', async () => {
    const source = await bought(world, worker, tenancy);
    const deleted = source.holders[0]!;
    await deleteUser(world, tenancy, deleted);
    const target = await central(world, tenancy, { seats: 3 });
    const operation = await move(source, target);
    await runToEnd(world, worker, operation);
    expect(await current(world, operation)).toMatchObject({ status: 'succeeded', result: { moved: 0 } });
    expect((await theSubscription(world, source.subscription._id)).status).toBe('deleted');
  });
});

describe('a move to another product', () => {
  it('[MOV-2, MOV-4] takes no seat for who holds the product already, who just loses the old license', async () => {
    const source = await bought(world, worker, tenancy, { others: 299 });
    const already = source.holders.filter((_, index) => index % 3 === 0);
    const holding = await central(world, tenancy, { seats: 100, productId: VISIO, holders: already });
    const target = await central(world, tenancy, { seats: 200, productId: VISIO });
    const operation = await move(source, target);
    expect((await seatsOf(target)).reservations).toEqual([{ operationId: operation._id, seats: 200 }]);
    await runToEnd(world, worker, operation);

    expect(await current(world, operation)).toMatchObject({
      status: 'succeeded',
      result: { moved: 200, alreadyLicensed: 100, skipped: 0, failed: 0 },
    });
    const outcome = (user: string) => (already.includes(user) ? 'alreadyLicensed' : 'moved');
    expect(await outcomesOf(world, operation)).toEqual(
      source.holders.map((user) => `${user} ${outcome(user)}`),
    );
    expect(await holdersOf(world, holding._id)).toEqual(already);
    expect(await seatsOf(target)).toEqual({ purchased: 200, assigned: 200, reservations: [] });
    expect(await holdersOf(world, source.subscription._id)).toEqual([]);
  });

  it("[MOV-4] gives back the seats of who was given the target's product meanwhile", async () => {
    const source = await bought(world, worker, tenancy, { others: 149 });
    const elsewhere = await central(world, tenancy, { seats: 5, productId: VISIO });
    const target = await central(world, tenancy, { seats: 150, productId: VISIO });
    const operation = await move(source, target);
    const late = source.holders.slice(-5);
    const failpoints = new Meanwhile('move.chunk', () => license(world, elsewhere, late));
    await runToEnd(world, await suite.another({ failpoints }), operation);
    expect(await current(world, operation)).toMatchObject({
      status: 'succeeded',
      result: { moved: 145, alreadyLicensed: 5, failed: 0 },
    });
    expect(await seatsOf(target)).toEqual({ purchased: 150, assigned: 145, reservations: [] });
  });

  it("[MOV-4] licenses given by the target's product at any moment of the move never make two, nor stop it", async () => {
    const source = await bought(world, worker, tenancy, { others: 799 });
    const elsewhere = await central(world, tenancy, { seats: 800, productId: VISIO });
    const target = await central(world, tenancy, { seats: 800, productId: VISIO });
    const operation = await move(source, target);
    const ended = new AbortController();
    const moving = runToEnd(world, worker, operation).finally(() => ended.abort());
    let given = 0;
    for (const user of [...source.holders].reverse()) {
      if (ended.signal.aborted) break;
      // Who was moved already has one: refused by the index, as any assignment is.
      await license(world, elsewhere, [user]).then(
        () => (given += 1),
        () => undefined,
      );
    }
    await moving;
    const { status, result } = await current(world, operation);
    expect(status).toBe('succeeded');
    expect(given).toBeGreaterThan(0);
    expect(result!.moved + result!.alreadyLicensed).toBe(800);
    expect(await holdersOf(world, source.subscription._id)).toEqual([]);
  });
});

describe('the refund of a move', () => {
  it.each([
    ['right after the purchase', 0],
    ['after three days', 3 * DAY],
  ])('[OWN-5, CAN-2] %s gives back floor(paid x left / term), once', async (_, offsetMs) => {
    const source = await bought(world, worker, tenancy, { others: 2 });
    const target = await central(world, tenancy, { seats: 3 });
    const operation = await move(source, target);
    await runToEnd(world, await suite.another({ offsetMs }), operation);
    const { result } = await current(world, operation);
    const { startedAt, expiresAt, history } = await theSubscription(world, source.subscription._id);
    const closedAt = history.at(-1)!.at;
    const expected = shareLeft(7 * 999, startedAt, expiresAt, closedAt);
    expect(result?.refunded?.currency).toBe('USD');
    expect(BigInt(result!.refunded!.amountMinor)).toBe(expected);
    expect((await charged(world, source.orderId))[0]?.refundedMinor).toBe(result!.refunded!.amountMinor);
    const canceled = await collectionsOf(world.database).notifications.findOne({
      template: 'canceled',
      recipientUserId: tenancy.buyer._id,
    });
    expect(canceled?.params).toMatchObject({ cause: 'moved', refunded: result!.refunded });
  });

  it('[OWN-5, CAN-2] after seven days there is none', async () => {
    const source = await bought(world, worker, tenancy, { others: 2 });
    const target = await central(world, tenancy, { seats: 3 });
    const operation = await move(source, target);
    await runToEnd(world, await suite.another({ offsetMs: 7 * DAY + 60_000 }), operation);
    expect(await current(world, operation)).toMatchObject({
      status: 'succeeded',
      result: { refunded: null },
    });
    expect((await charged(world, source.orderId))[0]?.refundedMinor).toBe(0);
  });

  it('[OWN-5] a trial has nothing to give back', async () => {
    const source = await bought(world, worker, tenancy, { offer: 'trial' });
    const target = await central(world, tenancy, { seats: 3 });
    const operation = await move(source, target);
    await runToEnd(world, worker, operation);
    expect(await current(world, operation)).toMatchObject({
      status: 'succeeded',
      result: { refunded: null },
    });
  });
});

it('[MOV-3] a move of many users leaves its members untouched otherwise', async () => {
  const bystanders = await members(world, tenancy.tenantId, 3);
  const source = await bought(world, worker, tenancy, { others: 3 });
  const target = await central(world, tenancy, { seats: 10, holders: bystanders });
  const operation = await move(source, target);
  await runToEnd(world, worker, operation);
  expect(await holdersOf(world, target._id)).toEqual([...source.holders, ...bystanders].sort());
});
