import { beforeEach, describe, expect, it } from '@jest/globals';
import { Failpoints } from '@commissary/platform';
import {
  LeaseLostError,
  type OperationOf,
  OperationsRepository,
  type SubscriptionDocument,
  SubscriptionsRepository,
} from '@commissary/store';
import { mailsOf, outcomesOf } from '../../support/fixtures/effects.js';
import { Freeze, GoneAway } from '../../support/fixtures/failures.js';
import { becomeDue, current } from '../../support/fixtures/operations.js';
import { charged } from '../../support/fixtures/provider.js';
import { workerSuite } from '../../support/fixtures/suite.js';
import {
  aMove,
  type Bought,
  bought,
  central,
  holdersOf,
  theSubscription,
} from '../../support/fixtures/takeovers.js';
import { runToEnd } from '../../support/fixtures/worker.js';
import { collectionsOf } from '../../support/driver.js';

const USERS = 320;

const suite = workerSuite();
let { world, worker, tenancy } = suite;
let source: Bought;
let target: SubscriptionDocument;
let move: OperationOf<'move'>;

beforeEach(async () => {
  ({ world, worker, tenancy } = suite);
  source = await bought(world, worker, tenancy, { others: USERS - 1 });
  target = await central(world, tenancy, { seats: USERS + 10 });
  move = await aMove(world, tenancy, source.subscription, target);
});

/** Moved whole, whatever happened on the way: every effect once. */
const expectMovedOnce = async (): Promise<void> => {
  const { status, result, progress, history } = await current(world, move);
  expect(status).toBe('succeeded');
  expect(result).toMatchObject({ moved: USERS, alreadyLicensed: 0, skipped: 0, failed: 0 });
  expect(progress).toMatchObject({ total: USERS, done: USERS });
  expect(history.map((entry) => entry.status).filter((each) => each === 'succeeded')).toHaveLength(1);
  expect(await outcomesOf(world, move)).toEqual(source.holders.map((user) => `${user} moved`));
  expect(await holdersOf(world, target._id)).toEqual(source.holders);
  const { seats } = await theSubscription(world, target._id);
  expect(seats).toEqual({ purchased: USERS + 10, assigned: USERS, reservations: [] });
  const emptied = await theSubscription(world, source.subscription._id);
  expect(emptied).toMatchObject({ status: 'deleted', operationId: null, seats: { assigned: 0 } });
  expect(emptied.history.map((entry) => entry.status)).toEqual(['active', 'deleted']);
  expect(await mailsOf(world, move._id)).toEqual([
    `canceled > ${tenancy.buyer._id}`,
    `moveCompleted > ${tenancy.admin._id}`,
  ]);
  const [charge] = await charged(world, source.orderId);
  expect(charge?.refundedMinor).toBe(result?.refunded?.amountMinor);
  const refunds = await collectionsOf(world.database).ledger.countDocuments({
    orderId: source.orderId,
    kind: 'refund',
  });
  expect(refunds).toBe(1);
};

describe('a move run twice has the effect of one', () => {
  it('[MOV-5] run twice, one after the other', async () => {
    await runToEnd(world, worker, move);
    await becomeDue(world, move);
    expect(await worker.handle(move)).toEqual({ kind: 'done' });
    await expectMovedOnce();
  });

  it('[MOV-4] run by two workers at once', async () => {
    const second = await suite.another({ name: 'worker-2' });
    await Promise.all([worker.handle(move), second.handle(move)]);
    expect((await current(world, move)).fence).toBe(1);
    await expectMovedOnce();
  });

  it.each(['move.chunk', 'move.closed', 'refund.given'])(
    '[MOV-3] a worker frozen at %s, overtaken and thawed adds nothing',
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

describe('a move whose worker fails [MOV-3]', () => {
  it.each([
    'move.chunk=throw@1',
    'move.chunk=throw@2',
    'move.chunk=throw@3',
    'move.closed=throw',
    'refund.given=throw',
  ])('[MOV-3, MOV-5] at %s goes on from there to the same end', async (failpoints) => {
    await (await suite.another({ failpoints })).handle(move);
    expect(await current(world, move)).toMatchObject({ status: 'running', lease: null });
    await runToEnd(world, worker, move);
    await expectMovedOnce();
  });

  it('[MOV-3] at every chunk is never parked, for each start comes further; progress never falls', async () => {
    const failing = await suite.another({ failpoints: 'move.chunk=throw' });
    let before = 0;
    for (let start = 1; before < USERS; start += 1) {
      await becomeDue(world, move);
      await failing.handle(move);
      const { progress, status, starts } = await current(world, move);
      expect({ status, starts }).toEqual({ status: 'running', starts: 0 });
      expect(progress.done).toBeGreaterThan(before);
      expect((await holdersOf(world, source.subscription._id)).length).toBe(USERS - progress.done);
      before = progress.done;
    }
    await runToEnd(world, worker, move);
    await expectMovedOnce();
  });

  it('[OPS-1] a MongoDB that goes away in every run is no fault of the operation: it is never parked for it', async () => {
    const failpoints = new GoneAway('move.moving');
    const failing = await suite.another({ failpoints });
    for (let run = 1; run <= 7; run += 1) {
      await becomeDue(world, move);
      await failing.handle(move);
      expect(await current(world, move)).toMatchObject({ status: 'running', starts: 0, lease: null });
    }
    await runToEnd(world, worker, move);
    await expectMovedOnce();
  });

  it('[MOV-5] a refund the provider does not answer is asked for again under its key, and given once', async () => {
    const silent = await suite.another({ cutOffFromProvider: true });
    await silent.handle(move);
    expect(await current(world, move)).toMatchObject({
      status: 'running',
      step: 'closed',
      providerFailures: 1,
    });
    await runToEnd(world, worker, move);
    await expectMovedOnce();
  });
});

describe('a move that an admin halts', () => {
  const operations = () => new OperationsRepository(world.database);

  /** The move stands after its first chunk, of which the worker knows nothing else. */
  const standing = async () => {
    const frozen = new Freeze('move.chunk');
    const run = (await suite.another({ failpoints: frozen })).handle(move);
    await frozen.reached;
    const goOn = async (): Promise<void> => {
      frozen.thaw();
      expect(await run).toEqual({ kind: 'done' });
    };
    return { standing: await current(world, move), goOn };
  };

  it('[MOV-3] paused between two chunks writes nothing more, and resumed goes on to the end', async () => {
    const { standing: halted, goOn } = await standing();
    await world.database.transaction((session) => operations().pause(session, halted));
    const advance = world.database.transaction((session) => worker.runs.advance(session, halted, {}));
    await expect(advance).rejects.toThrow(LeaseLostError);
    await goOn();
    const paused = await current(world, move);
    expect(paused).toMatchObject({ status: 'paused', progress: { done: halted.progress.done } });
    expect((await holdersOf(world, target._id)).length).toBe(halted.progress.done);
    expect((await theSubscription(world, source.subscription._id)).operationId).toBe(move._id);
    expect(await worker.handle(move)).toEqual({ kind: 'done' });

    await world.database.transaction((session) => operations().resume(session, paused));
    await runToEnd(world, worker, move);
    await expectMovedOnce();
  });

  it('[MOV-3, MOV-6] stopped leaves each user on exactly one side, and can be asked again', async () => {
    const { standing: halted, goOn } = await standing();
    await world.database.transaction(async (session) => {
      const fields = { result: null, error: null };
      await operations().endFromOutside(
        session,
        halted,
        ['accepted', 'running', 'paused'],
        'stopped',
        fields,
      );
      const subscriptions = new SubscriptionsRepository(world.database);
      const { tenantId } = tenancy;
      await subscriptions.releaseReservation(session, tenantId, target._id, move._id);
      await subscriptions.unlock(session, tenantId, source.subscription._id, move._id);
    });
    await goOn();
    const { status, progress } = await current(world, move);
    expect(status).toBe('stopped');
    const [left, arrived] = [
      await holdersOf(world, source.subscription._id),
      await holdersOf(world, target._id),
    ];
    expect(arrived).toHaveLength(progress.done);
    expect([...arrived, ...left].sort()).toEqual(source.holders);
    expect((await theSubscription(world, target._id)).seats.reservations).toEqual([]);
    expect((await theSubscription(world, source.subscription._id)).status).toBe('active');

    const again = await aMove(world, tenancy, source.subscription, target);
    await runToEnd(world, worker, again);
    expect(await current(world, again)).toMatchObject({
      status: 'succeeded',
      result: { moved: left.length },
    });
    expect(await holdersOf(world, target._id)).toEqual(source.holders);
  });

  it('[OPS-3] a worker told to stop gives the move back after its chunk, for another to go on at once', async () => {
    const leaving = await suite.another({ failpoints: new Failpoints('') });
    leaving.runner.stop();
    await leaving.handle(move);
    const handedBack = await current(world, move);
    expect(handedBack).toMatchObject({ status: 'running', lease: null, starts: 0 });
    expect(handedBack.progress.done).toBeGreaterThan(0);
    await worker.handle(move);
    await expectMovedOnce();
  });
});
