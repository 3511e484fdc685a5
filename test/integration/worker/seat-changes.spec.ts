import { beforeEach, describe, expect, it } from '@jest/globals';
import type { OperationOf, SubscriptionDocument } from '@commissary/store';
import { mailsOf } from '../../support/fixtures/effects.js';
import { current } from '../../support/fixtures/operations.js';
import { members } from '../../support/fixtures/people.js';
import { charged, paymentFault } from '../../support/fixtures/provider.js';
import { aCard, aPurchase, POWER_BI_PRO } from '../../support/fixtures/purchases.js';
import { aSeatChange, type SeatChangeAsked } from '../../support/fixtures/seat-changes.js';
import {
  aCancellation,
  central as aCentral,
  license,
  theSubscription,
} from '../../support/fixtures/takeovers.js';
import { workerSuite } from '../../support/fixtures/suite.js';
import { runToEnd } from '../../support/fixtures/worker.js';
import { collectionsOf } from '../../support/driver.js';

const suite = workerSuite();
let { world, worker, tenancy } = suite;
let bought: SubscriptionDocument;

beforeEach(async () => {
  ({ world, worker, tenancy } = suite);
  const purchase = await aPurchase(world, tenancy, { quantity: 10 });
  await worker.handle(purchase);
  bought = await again(purchase.request.subscriptionId);
});

const again = (_id: string): Promise<SubscriptionDocument> => theSubscription(world, _id);

const changed = async (
  subscription: SubscriptionDocument,
  asked: Omit<SeatChangeAsked, 'by'>,
): Promise<OperationOf<'seatChange'>> => {
  const by = subscription.origin === 'central' ? tenancy.admin : tenancy.buyer;
  const operation = await aSeatChange(world, subscription, { ...asked, by });
  await runToEnd(world, worker, operation);
  return current(world, operation);
};

const refundedMinor = async ({ _id }: SubscriptionDocument): Promise<number> => {
  const orders = await collectionsOf(world.database).orders.find({ subscriptionId: _id }).toArray();
  const charges = await Promise.all(orders.map((order) => charged(world, order._id)));
  return charges.flat().reduce((sum, { refundedMinor: minor }) => sum + minor, 0);
};

const untouched = async (operation: OperationOf<'seatChange'>): Promise<void> => {
  const now = await again(bought._id);
  expect(now).toMatchObject({ seats: bought.seats, operationId: null, purchasePrice: bought.purchasePrice });
  expect(await refundedMinor(bought)).toBe(0);
  const quote = await collectionsOf(world.database).quotes.findOne({ _id: operation.request.quoteId ?? '' });
  expect(quote?.operationId ?? null).toBeNull();
};

describe('more seats', () => {
  it('[OWN-2] [ADM-8] are charged for the rest of the term, once; purchaser and admins are told', async () => {
    const operation = await changed(bought, { seats: 15, quoted: true });
    // Bought in the first seconds of the term.
    expect(operation).toMatchObject({ status: 'succeeded', result: { seats: 15, refunded: null } });
    const order = await collectionsOf(world.database).orders.findOne({ operationId: operation._id });
    expect(order).toMatchObject({ kind: 'seatChange', quantity: 5, status: 'paid' });
    expect(order!.total.amountMinor).toBeGreaterThan(5 * 999 - 2);
    expect(order!.total.amountMinor).toBeLessThanOrEqual(5 * 999);
    expect(order!.period!.end).toEqual(bought.expiresAt);
    expect(await charged(world, order!._id)).toMatchObject([{ amountMinor: order!.total.amountMinor }]);
    const after = await again(bought._id);
    expect(after).toMatchObject({ seats: { purchased: 15, assigned: 1 }, operationId: null });
    expect(after.purchasePrice.amountMinor).toBe(9990 + order!.total.amountMinor);
    expect(await mailsOf(world, operation._id)).toEqual([
      `purchaseAlert > ${tenancy.admin._id}`,
      `seatsChanged > ${tenancy.buyer._id}`,
    ]);
  });

  it('[BUY-6] a declined card changes nothing, and the quote may be used again', async () => {
    const card = await aCard(world, tenancy.buyer, 'tok_chargeDeclined');
    const { subscriptions } = collectionsOf(world.database);
    await subscriptions.updateOne({ _id: bought._id }, { $set: { paymentMethodId: card._id } });
    const operation = await changed(await again(bought._id), { seats: 12, quoted: true });
    expect(operation).toMatchObject({ status: 'rejected', error: { code: 'card_declined' } });
    await untouched(operation);
    expect(await mailsOf(world, operation._id)).toEqual([`cardDeclined > ${tenancy.buyer._id}`]);
  });

  it.each(['timeoutAfter', 'timeoutBefore', 'dropResponse', 'http500'] as const)(
    '[BUY-6] a charge whose answer is %s is made once',
    async (mode) => {
      await paymentFault(world, mode, { count: 1 });
      const operation = await changed(bought, { seats: 11, quoted: true });
      expect(operation.status).toBe('succeeded');
      expect(await charged(world, operation.request.orderId)).toHaveLength(1);
      expect((await again(bought._id)).seats.purchased).toBe(11);
    },
  );

  it('[OWN-2] [ELG-4] the policy is asked again before the charge', async () => {
    const operation = await aSeatChange(world, bought, { seats: 12, quoted: true, by: tenancy.buyer });
    await collectionsOf(world.database).policies.insertOne({
      _id: tenancy.tenantId,
      version: 0,
      defaultValue: 'Enabled',
      values: { [POWER_BI_PRO]: 'Disabled' },
      updatedAt: new Date(),
    });
    await worker.handle(operation);
    expect(await current(world, operation)).toMatchObject({
      status: 'rejected',
      error: { code: 'not_eligible', reasons: ['policy_disabled'] },
    });
    await untouched(operation);
  });
});

describe('fewer seats', () => {
  it('[OWN-2] [OWN-5] at once give back what they paid for the rest of the term, newest charge first; the rest at the end', async () => {
    await changed(bought, { seats: 12, quoted: true });
    const less = await changed(await again(bought._id), { seats: 9 });
    expect(less).toMatchObject({ status: 'succeeded', result: { seats: 9, charged: null } });
    const first = await refundedMinor(bought);
    // Three seats, two of them of the second charge; seconds of the month have passed.
    expect(first).toBeGreaterThan(3 * 999 - 6);
    expect(first).toBeLessThanOrEqual(3 * 999);
    expect(less.result?.refunded?.amountMinor).toBe(first);
    expect(await mailsOf(world, less._id)).toEqual([`seatsChanged > ${tenancy.buyer._id}`]);
    const cancellation = await aCancellation(world, tenancy, await again(bought._id), 'purchaser');
    await runToEnd(world, worker, cancellation);
    const all = await refundedMinor(bought);
    expect(all).toBeGreaterThan(12 * 999 - 16);
    expect(all).toBeLessThanOrEqual(12 * 999);
  });

  it('[OWN-2] from the renewal on cost nothing and give nothing back; the same total takes it back', async () => {
    const less = await changed(bought, { seats: 4, effective: 'renewal' });
    expect(less).toMatchObject({ status: 'succeeded', result: { effective: 'renewal', refunded: null } });
    expect(await again(bought._id)).toMatchObject({
      seats: { purchased: 10 },
      lifecycle: { seatsAtRenewal: 4 },
      operationId: null,
    });
    await changed(await again(bought._id), { seats: 10, effective: 'renewal' });
    expect((await again(bought._id)).lifecycle.seatsAtRenewal).toBeNull();
  });

  it('[OWN-2] never below what is assigned, nor at once after 7 days', async () => {
    const users = await members(world, tenancy.tenantId, 5);
    await license(world, bought, users);
    const tooFew = await changed(await again(bought._id), { seats: 3 });
    expect(tooFew).toMatchObject({ status: 'rejected', error: { code: 'seats_in_use' } });
    const { subscriptions } = collectionsOf(world.database);
    const eightDaysAgo = new Date(Date.now() - 8 * 86_400_000);
    await subscriptions.updateOne({ _id: bought._id }, { $set: { termStartedAt: eightDaysAgo } });
    const tooLate = await changed(await again(bought._id), { seats: 8 });
    expect(tooLate).toMatchObject({ status: 'rejected', error: { code: 'illegal_state' } });
    expect((await again(bought._id)).seats.purchased).toBe(10);
  });

  it('[BUY-6] a refund whose answer is lost is given once', async () => {
    const operation = await aSeatChange(world, bought, { seats: 8, by: tenancy.buyer });
    const cutOff = await suite.another({ name: 'worker-2', cutOffFromProvider: true });
    await cutOff.handle(operation);
    expect(await current(world, operation)).toMatchObject({ status: 'running', step: 'taken' });
    await runToEnd(world, worker, operation);
    const { status, result } = await current(world, operation);
    expect([status, result?.refunded?.amountMinor]).toEqual(['succeeded', await refundedMinor(bought)]);
  });
});

it('[ADM-6] [MOV-2] a central subscription grows and shrinks by its contract, also while it holds reservations', async () => {
  const { subscriptions, orders, payments } = collectionsOf(world.database);
  const central = await aCentral(world, tenancy, { seats: 10 });
  const reservation = { operationId: 'op_other', seats: 4 };
  await subscriptions.updateOne({ _id: central._id }, { $set: { 'seats.reservations': [reservation] } });
  expect(await changed(await again(central._id), { seats: 3 })).toMatchObject({
    error: { code: 'seats_in_use' },
  });
  expect((await changed(await again(central._id), { seats: 4 })).status).toBe('succeeded');
  expect((await changed(await again(central._id), { seats: 20 })).status).toBe('succeeded');
  await subscriptions.updateOne({ _id: central._id }, { $set: { 'seats.reservations': [] } });
  const rows = await orders.find({ subscriptionId: central._id, kind: 'seatChange' }).toArray();
  expect(rows).toMatchObject([{ status: 'recorded', quantity: 16, channel: 'central' }]);
  expect(await payments.countDocuments({ orderId: rows[0]!._id })).toBe(0);
});

it.each([
  ...['seatChange.beginning', 'seatChange.begun', 'purchase.asking', 'purchase.charged'],
  ...['seatChange.completing', 'seatChange.completed'],
])('[OWN-2] [BUY-6] a worker that dies at %s leaves more seats to the next, charged once', async (point) => {
  const operation = await aSeatChange(world, bought, { seats: 13, quoted: true, by: tenancy.buyer });
  const dying = await suite.another({ name: 'worker-2', failpoints: `${point}=throw@1` });
  await dying.handle(operation);
  await runToEnd(world, worker, operation);
  expect((await current(world, operation)).status).toBe('succeeded');
  expect(await charged(world, operation.request.orderId)).toHaveLength(1);
  expect((await again(bought._id)).seats.purchased).toBe(13);
});

it.each(['seatChange.taking', 'seatChange.taken', 'refund.asking', 'refund.given', 'seatChange.completing'])(
  '[OWN-2] [OWN-5] a worker that dies at %s leaves fewer seats to the next, refunded once',
  async (point) => {
    const operation = await aSeatChange(world, bought, { seats: 6, by: tenancy.buyer });
    const dying = await suite.another({ name: 'worker-2', failpoints: `${point}=throw@1` });
    await dying.handle(operation);
    await runToEnd(world, worker, operation);
    const { status, result } = await current(world, operation);
    expect(status).toBe('succeeded');
    expect(await refundedMinor(bought)).toBe(result?.refunded?.amountMinor);
    const { seats } = await again(bought._id);
    expect(seats.purchased).toBe(6);
    expect(await mailsOf(world, operation._id)).toEqual([`seatsChanged > ${tenancy.buyer._id}`]);
  },
);
