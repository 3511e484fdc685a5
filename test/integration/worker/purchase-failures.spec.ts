import { beforeEach, describe, expect, it } from '@jest/globals';
import { type OperationOf, OperationsRepository } from '@commissary/store';
import { effectsOf } from '../../support/fixtures/effects.js';
import { Freeze } from '../../support/fixtures/failures.js';
import { becomeDue, current } from '../../support/fixtures/operations.js';
import { paymentFault } from '../../support/fixtures/provider.js';
import { aPurchase } from '../../support/fixtures/purchases.js';
import { workerSuite } from '../../support/fixtures/suite.js';
import { runToEnd } from '../../support/fixtures/worker.js';
import { collectionsOf } from '../../support/driver.js';

type Purchase = OperationOf<'purchase'>;

const suite = workerSuite();
let { world, worker, tenancy } = suite;

beforeEach(() => {
  ({ world, worker, tenancy } = suite);
});

const accepted = (card?: string): Promise<Purchase> => {
  return aPurchase(world, tenancy, card === undefined ? {} : { card });
};

/** One success at the provider, one of everything here. */
const expectBoughtOnce = async (purchase: Purchase): Promise<void> => {
  expect((await current(world, purchase)).status).toBe('succeeded');
  expect(await effectsOf(world, purchase)).toEqual({
    order: { status: 'paid', failure: null },
    payment: { status: 'succeeded', nextCheckAt: null },
    charges: [{ status: 'succeeded', amountMinor: 4995 }],
    quoteHeld: true,
    subscriptions: 1,
    licenses: 1,
    invoices: 1,
    ledger: ['charge', 'invoice'],
    mails: [`purchaseAlert > ${tenancy.admin._id}`, `receipt > ${tenancy.buyer._id}`],
    audited: ['operation.accepted', 'subscription.created'],
  });
};

const paymentOf = async ({ request }: Purchase) =>
  collectionsOf(world.database).payments.findOne({ _id: request.paymentId });

describe('a purchase run twice has the effect of one', () => {
  it('[BUY-4] run twice, one after the other', async () => {
    const purchase = await accepted();
    await worker.handle(purchase);
    await becomeDue(world, purchase);
    expect(await worker.handle(purchase)).toEqual({ kind: 'done' });
    await expectBoughtOnce(purchase);
  });

  it('[BUY-4] run twice, declined', async () => {
    const purchase = await accepted('tok_chargeDeclined');
    await worker.handle(purchase);
    const once = await effectsOf(world, purchase);
    await worker.handle(purchase);
    expect(await effectsOf(world, purchase)).toEqual(once);
    expect(once.charges).toEqual([{ status: 'declined', amountMinor: 4995 }]);
  });

  it('[BUY-4] run by two workers at once', async () => {
    const purchase = await accepted();
    const second = await suite.another({ name: 'worker-2' });
    const outcomes = await Promise.all([worker, second].map((each) => each.handle(purchase)));
    expect(outcomes.map((outcome) => outcome.kind)).toContain('done');
    expect((await current(world, purchase)).fence).toBe(1);
    await expectBoughtOnce(purchase);
  });

  it.each(['purchase.begun', 'purchase.asking', 'purchase.charged', 'purchase.completed'])(
    '[BUY-6] a worker frozen at %s, overtaken and thawed adds nothing',
    async (point) => {
      const purchase = await accepted();
      const frozen = new Freeze(point);
      const slow = await suite.another({ failpoints: frozen, name: 'frozen' });
      const run = slow.handle(purchase);
      await frozen.reached;
      await runToEnd(world, worker, purchase);
      frozen.thaw();
      await run;
      await expectBoughtOnce(purchase);
    },
  );
});

describe('a purchase whose worker fails [BUY-6]', () => {
  it.each(['purchase.begun', 'purchase.asking', 'purchase.charged', 'purchase.completed'])(
    '[BUY-6] at %s and run again: one charge, one subscription, one receipt',
    async (point) => {
      const purchase = await accepted();
      const failing = await suite.another({ failpoints: `${point}=throw@1` });
      await failing.handle(purchase);
      await runToEnd(world, worker, purchase);
      await expectBoughtOnce(purchase);
    },
  );

  it('[BUY-6] at one point after the other, in one purchase', async () => {
    const purchase = await accepted();
    for (const point of ['purchase.begun', 'purchase.asking', 'purchase.charged']) {
      const failing = await suite.another({ failpoints: `${point}=throw` });
      await failing.handle(purchase);
      await becomeDue(world, purchase);
    }
    await runToEnd(world, worker, purchase);
    await expectBoughtOnce(purchase);
  });
});

describe('a provider that does not answer as it should [BUY-6]', () => {
  it('[BUY-6] timeoutAfter: unknown, with a next check, then found by its key and completed', async () => {
    const purchase = await accepted();
    await paymentFault(world, 'timeoutAfter', { count: 1 });
    await worker.handle(purchase);
    const waiting = await current(world, purchase);
    expect(waiting).toMatchObject({ status: 'running', lease: null, starts: 0, providerFailures: 1 });
    expect(waiting.nextRunAt > world.clock.now()).toBe(true);
    const payment = await paymentOf(purchase);
    expect(payment?.status).toBe('unknown');
    expect(payment?.nextCheckAt && payment.nextCheckAt > world.clock.now()).toBe(true);
    expect((await worker.handle(purchase)).kind).toBe('later');
    await runToEnd(world, worker, purchase);
    expect((await paymentOf(purchase))?.attempts).toBe(1);
    await expectBoughtOnce(purchase);
  });

  it('[BUY-6] timeoutAfter on a declined card: found by its key, rejected, never charged', async () => {
    const purchase = await accepted('tok_insufficientFunds');
    await paymentFault(world, 'timeoutAfter', { count: 1 });
    await runToEnd(world, worker, purchase);
    const { status, error } = await current(world, purchase);
    expect({ status, code: error?.code }).toEqual({ status: 'rejected', code: 'insufficient_funds' });
    expect((await effectsOf(world, purchase)).charges).toEqual([{ status: 'declined', amountMinor: 4995 }]);
  });

  it.each([
    ['http500', 2],
    ['timeoutBefore', 1],
    ['dropResponse', 1],
  ] as const)('[BUY-6] %s %d times, then fine: one charge under one key', async (mode, count) => {
    const purchase = await accepted();
    await paymentFault(world, mode, { count });
    await worker.handle(purchase);
    expect((await paymentOf(purchase))?.status).toBe('unknown');
    await runToEnd(world, worker, purchase);
    await expectBoughtOnce(purchase);
  });

  it('[BUY-6] late: charged after the answer was given up, asked again under the same key meanwhile', async () => {
    const purchase = await accepted();
    await paymentFault(world, 'late', { count: 1, delayMs: 2_600 });
    await runToEnd(world, worker, purchase);
    await expectBoughtOnce(purchase);
  });

  it.each(['tok_timeoutThenOk', 'tok_unavailableThenOk'])(
    '[BUY-6] the card %s is charged once',
    async (card) => {
      const purchase = await accepted(card);
      await worker.handle(purchase);
      expect((await paymentOf(purchase))?.status).toBe('unknown');
      await runToEnd(world, worker, purchase);
      await expectBoughtOnce(purchase);
    },
  );

  it('[BUY-6] its failures are counted apart: many of them park nothing', async () => {
    const purchase = await accepted();
    await paymentFault(world, 'http500', { count: 12 });
    await runToEnd(world, worker, purchase);
    await expectBoughtOnce(purchase);
  });

  it('[BUY-6, OPS-1] silent for a day: parked with its payment unknown, and completed once an operator resumes it', async () => {
    const purchase = await accepted();
    await paymentFault(world, 'timeoutAfter', { count: 1 });
    await worker.handle(purchase);
    await collectionsOf(world.database).operations.updateOne(
      { _id: purchase._id },
      { $set: { providerFailingSince: new Date(world.clock.now().getTime() - 24 * 3_600_000 - 60_000) } },
    );
    const dayLater = await suite.another({ cutOffFromProvider: true });
    await becomeDue(world, purchase);
    await dayLater.handle(purchase);
    const parked = await current(world, purchase);
    expect({ status: parked.status, code: parked.error?.code }).toEqual({
      status: 'parked',
      code: 'payment_timeout',
    });
    expect(await effectsOf(world, purchase)).toMatchObject({
      order: { status: 'pending' },
      payment: { status: 'unknown' },
      quoteHeld: true,
    });
    await resume(parked);
    await runToEnd(world, worker, purchase);
    await expectBoughtOnce(purchase);
  });
});

const resume = async (operation: Purchase): Promise<void> => {
  const { database } = world;
  await database.transaction((session) => new OperationsRepository(database).resume(session, operation));
};
