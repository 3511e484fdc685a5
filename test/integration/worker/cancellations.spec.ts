import { beforeEach, describe, expect, it } from '@jest/globals';
import type { OperationOf } from '@commissary/store';
import { mailsOf, outcomesOf } from '../../support/fixtures/effects.js';
import { Freeze, Meanwhile } from '../../support/fixtures/failures.js';
import { becomeDue, current } from '../../support/fixtures/operations.js';
import { deleteUser } from '../../support/fixtures/people.js';
import { charged } from '../../support/fixtures/provider.js';
import { workerSuite } from '../../support/fixtures/suite.js';
import {
  aCancellation,
  type Bought,
  bought,
  shareLeft,
  theSubscription,
} from '../../support/fixtures/takeovers.js';
import { runToEnd } from '../../support/fixtures/worker.js';
import { collectionsOf } from '../../support/driver.js';

const DAY = 24 * 3_600_000;

const suite = workerSuite();
let { world, worker, tenancy } = suite;

beforeEach(() => {
  ({ world, worker, tenancy } = suite);
});

const licensesOf = ({ subscription }: Bought): Promise<number> =>
  collectionsOf(world.database).licenses.countDocuments({ subscriptionId: subscription._id });

const refundsOf = async ({ orderId }: Bought) => ({
  atProvider: (await charged(world, orderId)).map((charge) => charge.refundedMinor),
  booked: await collectionsOf(world.database).ledger.countDocuments({ orderId, kind: 'refund' }),
});

/** Everybody's access gone, everything told and given back, each once. */
const expectCanceledOnce = async (
  cancellation: OperationOf<'cancellation'>,
  source: Bought,
): Promise<void> => {
  const users = source.holders.length;
  const { status, result, progress } = await current(world, cancellation);
  expect(status).toBe('succeeded');
  expect(result).toMatchObject({ usersCut: users });
  expect(progress).toMatchObject({ total: users, done: users, skipped: 0, failed: 0 });
  const canceled = await theSubscription(world, source.subscription._id);
  expect(canceled).toMatchObject({
    status: 'deleted',
    operationId: null,
    autoRenew: false,
    renewsAt: null,
    seats: { assigned: 0 },
  });
  expect(canceled.history.map((entry) => entry.status)).toEqual(['active', 'deleted']);
  expect(await licensesOf(source)).toBe(0);
  expect(await outcomesOf(world, cancellation)).toEqual(
    source.holders.map((user) => `${user} accessRemoved`),
  );
  expect(await mailsOf(world, cancellation._id)).toEqual([
    ...source.holders.map((user) => `accessRemoved > ${user}`),
    `canceled > ${tenancy.buyer._id}`,
  ]);
  const { startedAt, expiresAt, history } = canceled;
  const due = shareLeft(canceled.purchasePrice.amountMinor, startedAt, expiresAt, history.at(-1)!.at);
  expect(BigInt(result!.refunded!.amountMinor)).toBe(due);
  expect(await refundsOf(source)).toEqual({ atProvider: [Number(due)], booked: 1 });
};

describe('a cancellation by an admin', () => {
  it('[CAN-2] cuts the access of all by one status change before any license is swept', async () => {
    const source = await bought(world, worker, tenancy, { others: 20 });
    const cancellation = await aCancellation(world, tenancy, source.subscription);
    let atCut: unknown;
    const failpoints = new Meanwhile('cancellation.cut', async () => {
      const { status, seats } = await theSubscription(world, source.subscription._id);
      const { progress, step } = await current(world, cancellation);
      atCut = {
        status,
        assigned: seats.assigned,
        licenses: await licensesOf(source),
        done: progress.done,
        step,
      };
    });
    await (await suite.another({ failpoints })).handle(cancellation);
    expect(atCut).toEqual({ status: 'deleted', assigned: 21, licenses: 21, done: 0, step: 'cut' });
    await expectCanceledOnce(cancellation, source);
  });

  it('[CAN-2] sweeps 5,000 licenses by the chunk, each with the mails of its users', async () => {
    const source = await bought(world, worker, tenancy, { others: 4_999 });
    const cancellation = await aCancellation(world, tenancy, source.subscription);
    let afterFirst: unknown;
    const failpoints = new Meanwhile('cancellation.chunk', async () => {
      const mails = await mailsOf(world, cancellation._id);
      const { progress, chunks } = await current(world, cancellation);
      afterFirst = { mails: mails.length, done: progress.done, chunks, licenses: await licensesOf(source) };
    });
    await runToEnd(world, await suite.another({ failpoints }), cancellation);
    expect(afterFirst).toEqual({ mails: 1 + 4_000, done: 4_000, chunks: 1, licenses: 1_000 });
    expect((await current(world, cancellation)).chunks).toBe(2);
    await expectCanceledOnce(cancellation, source);
  });

  it('[CAN-2] skips a user who was deleted meanwhile, who is told nothing', async () => {
    const source = await bought(world, worker, tenancy, { others: 3 });
    const cancellation = await aCancellation(world, tenancy, source.subscription);
    const leaving = source.holders.find((user) => user !== tenancy.buyer._id)!;
    const failpoints = new Meanwhile('cancellation.cut', () => deleteUser(world, tenancy, leaving));
    await (await suite.another({ failpoints })).handle(cancellation);
    expect(await current(world, cancellation)).toMatchObject({
      status: 'succeeded',
      result: { usersCut: 3 },
      progress: { total: 4, done: 3, skipped: 1 },
    });
    expect(await mailsOf(world, cancellation._id)).not.toContain(`accessRemoved > ${leaving}`);
  });

  it('[CAN-2] reads again what was read ahead when a user of it is deleted', async () => {
    const source = await bought(world, worker, tenancy, { others: 4_100 });
    const cancellation = await aCancellation(world, tenancy, source.subscription);
    const leaving = source.holders.at(-2)!;
    const failpoints = new Meanwhile('cancellation.chunk', () => deleteUser(world, tenancy, leaving));
    await runToEnd(world, await suite.another({ failpoints }), cancellation);
    expect(await current(world, cancellation)).toMatchObject({
      status: 'succeeded',
      result: { usersCut: 4_100 },
      progress: { total: 4_101, done: 4_100, skipped: 1 },
    });
    expect(await licensesOf(source)).toBe(0);
    expect(await outcomesOf(world, cancellation)).toContain(`${leaving} skipped user_deleted`);
    expect(await mailsOf(world, cancellation._id)).not.toContain(`accessRemoved > ${leaving}`);
  });

  it('[CAN-2] after seven days gives nothing back, and ends it all the same', async () => {
    const source = await bought(world, worker, tenancy, { others: 3 });
    const cancellation = await aCancellation(world, tenancy, source.subscription);
    await (await suite.another({ offsetMs: 7 * DAY + 60_000 })).handle(cancellation);
    expect(await current(world, cancellation)).toMatchObject({
      status: 'succeeded',
      result: { usersCut: 4, refunded: null },
    });
    expect((await theSubscription(world, source.subscription._id)).status).toBe('deleted');
    expect(await refundsOf(source)).toEqual({ atProvider: [0], booked: 0 });
  });

  it('[CAN-2] on the sixth day gives back the share that is left, floored', async () => {
    const source = await bought(world, worker, tenancy, { quantity: 7 });
    const cancellation = await aCancellation(world, tenancy, source.subscription);
    await (await suite.another({ offsetMs: 6 * DAY })).handle(cancellation);
    await expectCanceledOnce(cancellation, source);
  });
});

describe('a cancellation by the purchaser', () => {
  it('[OWN-5] within seven days ends it at once, with the refund', async () => {
    const source = await bought(world, worker, tenancy, { others: 2 });
    const cancellation = await aCancellation(world, tenancy, source.subscription, 'purchaser');
    await worker.handle(cancellation);
    await expectCanceledOnce(cancellation, source);
  });

  it('[OWN-5] later turns the renewal off only: everybody works on to the end of the term', async () => {
    const source = await bought(world, worker, tenancy, { others: 2 });
    const cancellation = await aCancellation(world, tenancy, source.subscription, 'purchaser');
    const late = await suite.another({ offsetMs: 7 * DAY + 60_000 });
    await late.handle(cancellation);
    await becomeDue(world, cancellation);
    await late.handle(cancellation);
    expect(await current(world, cancellation)).toMatchObject({
      status: 'succeeded',
      result: { usersCut: 0, refunded: null },
      progress: { total: 0, done: 0 },
    });
    expect(await theSubscription(world, source.subscription._id)).toMatchObject({
      status: 'active',
      autoRenew: false,
      renewsAt: null,
      operationId: null,
      seats: { assigned: 3 },
    });
    expect(await licensesOf(source)).toBe(3);
    expect(await mailsOf(world, cancellation._id)).toEqual([]);
    expect(await refundsOf(source)).toEqual({ atProvider: [0], booked: 0 });
  });

  it('[OWN-5, MOV-4] later, with a user deleted while it waited, leaves no license of nobody', async () => {
    const source = await bought(world, worker, tenancy, { others: 2 });
    const cancellation = await aCancellation(world, tenancy, source.subscription, 'purchaser');
    await deleteUser(
      world,
      tenancy,
      source.holders.find((user) => user !== tenancy.buyer._id)!,
    );
    await (await suite.another({ offsetMs: 8 * DAY })).handle(cancellation);
    expect((await current(world, cancellation)).status).toBe('succeeded');
    expect((await theSubscription(world, source.subscription._id)).seats.assigned).toBe(2);
    expect(await licensesOf(source)).toBe(2);
  });
});

describe('a cancellation run twice has the effect of one', () => {
  const prepared = async () => {
    const source = await bought(world, worker, tenancy, { others: 30 });
    return { source, cancellation: await aCancellation(world, tenancy, source.subscription) };
  };

  it('[CAN-2] run twice, one after the other and at once', async () => {
    const { source, cancellation } = await prepared();
    const second = await suite.another({ name: 'worker-2' });
    await Promise.all([worker.handle(cancellation), second.handle(cancellation)]);
    await becomeDue(world, cancellation);
    expect(await worker.handle(cancellation)).toEqual({ kind: 'done' });
    await expectCanceledOnce(cancellation, source);
  });

  it.each(['cancellation.cut', 'cancellation.chunk', 'refund.given'])(
    '[CAN-2] failed at %s and run again: the same end',
    async (point) => {
      const { source, cancellation } = await prepared();
      await (await suite.another({ failpoints: `${point}=throw` })).handle(cancellation);
      expect(await current(world, cancellation)).toMatchObject({ status: 'running', lease: null });
      await runToEnd(world, worker, cancellation);
      await expectCanceledOnce(cancellation, source);
    },
  );

  it.each(['cancellation.cut', 'cancellation.chunk', 'refund.given'])(
    '[CAN-2] a worker frozen at %s, overtaken and thawed adds nothing',
    async (point) => {
      const { source, cancellation } = await prepared();
      const frozen = new Freeze(point);
      const run = (await suite.another({ failpoints: frozen })).handle(cancellation);
      await frozen.reached;
      await runToEnd(world, worker, cancellation);
      frozen.thaw();
      await run;
      await expectCanceledOnce(cancellation, source);
    },
  );

  it('[DESIGN claim] a worker overtaken by one that is still at work ends nothing in its place', async () => {
    const { source, cancellation } = await prepared();
    const [first, second] = [new Freeze('cancellation.cut'), new Freeze('cancellation.chunk')];
    const overtaken = (await suite.another({ failpoints: first })).handle(cancellation);
    await first.reached;
    await becomeDue(world, cancellation);
    const atWork = (await suite.another({ failpoints: second, name: 'worker-2' })).handle(cancellation);
    await second.reached;
    first.thaw();
    await overtaken;
    expect(await current(world, cancellation)).toMatchObject({ status: 'running', fence: 2 });
    second.thaw();
    await atWork;
    await expectCanceledOnce(cancellation, source);
  });
});
