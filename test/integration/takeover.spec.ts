import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { MovePreviewView, OperationView, Problem, SubscriptionView } from '@commissary/contracts';
import { newId } from '@commissary/platform';
import {
  LicensesRepository,
  type PaymentDocument,
  type SubscriptionDocument,
  type UserDocument,
} from '@commissary/store';
import { aLicense, aSubscription } from '../support/documents.js';
import {
  aSubscriptionOf,
  openShop,
  type OrProblem,
  post,
  POWER_BI_PREMIUM,
  POWER_BI_PRO,
  type Shop,
  seatsOf,
} from '../support/gateway/shop.js';
import { collectionsOf } from '../support/driver.js';

let shop: Shop;

beforeAll(async () => {
  shop = await openShop();
});

afterAll(() => shop.gateway.close());

const people = (count: number): Promise<UserDocument[]> =>
  Promise.all(Array.from({ length: count }, () => shop.gateway.user(shop.tenant)));

const source = (holders: UserDocument[], fields: Partial<SubscriptionDocument> = {}) =>
  aSubscriptionOf(shop, holders.length + 2, { purchaserId: shop.buyer._id, holders, ...fields });

const target = (seats: number, fields: Partial<SubscriptionDocument> & { holders?: UserDocument[] } = {}) =>
  aSubscriptionOf(shop, seats, { origin: 'central', ...fields });

const preview = (from: SubscriptionDocument, to: SubscriptionDocument, by = shop.admin) =>
  shop.gateway.as<OrProblem<MovePreviewView>>(by, 'POST', `/v1/subscriptions/${from._id}/move-preview`, {
    body: { targetSubscriptionId: to._id },
  });

const move = (from: SubscriptionDocument, to: SubscriptionDocument, by = shop.admin) =>
  post<OrProblem<OperationView>>(shop, by, `/v1/subscriptions/${from._id}/move`, {
    targetSubscriptionId: to._id,
  });

const cancel = (
  subscription: SubscriptionDocument,
  body: object,
  by = shop.admin,
  headers: Record<string, string> = {},
) => post<OrProblem<OperationView>>(shop, by, `/v1/subscriptions/${subscription._id}/cancel`, body, headers);

const requestOf = async ({ body }: { body: { id: string } }) =>
  (await collectionsOf(shop.gateway.database).operations.findOne({ _id: body.id }))?.request;

const codeOf = ({ status, body }: { status: number; body: Pick<Problem, 'code'> }) => [status, body.code];

/** As a purchase leaves it: an order paid by a charge that succeeded. */
const paid = async (subscription: SubscriptionDocument): Promise<void> => {
  const collections = collectionsOf(shop.gateway.database);
  const [orderId, operationId] = [newId('ord'), newId('op')];
  const amount = subscription.purchasePrice;
  const at = subscription.startedAt;
  const payment: PaymentDocument = {
    _id: newId('pay'),
    tenantId: shop.tenant._id,
    orderId,
    operationId,
    paymentMethodId: 'pm_1',
    amount,
    idempotencyKey: orderId,
    status: 'succeeded',
    chargeId: 'ch_1',
    declineCode: null,
    attempts: 1,
    nextCheckAt: null,
    refunds: [],
    createdAt: at,
    settledAt: at,
  };
  await collections.orders.insertOne({
    _id: orderId,
    tenantId: shop.tenant._id,
    userId: shop.buyer._id,
    kind: 'purchase',
    operationId,
    quoteId: null,
    subscriptionId: subscription._id,
    productId: subscription.productId,
    productName: subscription.productName,
    channel: 'selfService',
    offer: 'purchase',
    quantity: subscription.seats.purchased,
    term: subscription.term,
    unitPrice: subscription.unitPrice,
    total: amount,
    period: { start: at, end: subscription.expiresAt },
    status: 'paid',
    failure: null,
    createdAt: at,
    settledAt: at,
  });
  await collections.payments.insertOne(payment);
};

describe('the dry run of a move', () => {
  it('[MOV-7] tells who goes, what seats it takes, what comes back and what it costs; and changes nothing', async () => {
    const users = await people(3);
    const from = await source(users);
    await paid(from);
    const to = await target(2, { unitPrice: { amountMinor: 1_099, currency: 'USD' } });
    const { status, body } = await preview(from, to);
    expect(status).toBe(200);
    const { refund, ...rest } = body;
    expect(rest).toEqual({
      total: 3,
      toMove: 3,
      alreadyLicensed: 0,
      skipped: [],
      seatsNeeded: 3,
      seatsFree: 2,
      shortfall: 1,
      priceDifferencePerMonth: { amountMinor: 300, currency: 'USD' },
    });
    // A minute of the month has gone.
    expect(refund?.amountMinor).toBeLessThan(from.purchasePrice.amountMinor);
    expect(refund?.amountMinor).toBeGreaterThan(from.purchasePrice.amountMinor - 10);
    expect(await seatsOf(shop, to)).toEqual(to.seats);
    expect(
      await collectionsOf(shop.gateway.database).operations.countDocuments({ subscriptionId: from._id }),
    ).toBe(0);
  });

  it('[MOV-2, MOV-7] to another product counts those who hold it already, whoever bought it', async () => {
    const users = await people(5);
    const from = await source(users);
    const to = await target(3, { productId: POWER_BI_PREMIUM, holders: [users[0]!] });
    await aSubscriptionOf(shop, 5, {
      productId: POWER_BI_PREMIUM,
      holders: [users[1]!, ...(await people(1))],
    });
    expect((await preview(from, to)).body).toMatchObject({
      total: 5,
      alreadyLicensed: 2,
      toMove: 3,
      seatsNeeded: 3,
      seatsFree: 2,
      shortfall: 1,
      refund: null,
    });
  });

  it('[MOV-2] counts the same from either side, over chunks', async () => {
    const { database } = shop.gateway;
    const tenantId = newId('ten');
    const ids = Array.from({ length: 12_000 }, () => newId('usr'));
    const licensed = async (productId: string, holders: string[]) => {
      const subscription = aSubscription(tenantId, {
        productId,
        seats: { purchased: 12_000, assigned: holders.length, reservations: [] },
      });
      await collectionsOf(database).subscriptions.insertOne(subscription);
      await collectionsOf(database).licenses.insertMany(holders.map((id) => aLicense(subscription, id)));
      return subscription;
    };
    const large = await licensed(POWER_BI_PRO, ids);
    const small = await licensed(POWER_BI_PREMIUM, [...ids.slice(500, 1_500), newId('usr')]);
    const repository = new LicensesRepository(database);
    expect(await repository.countHoldersAmong(tenantId, large, POWER_BI_PREMIUM)).toEqual({
      holders: 1_000,
      unusable: 0,
    });
    expect(await repository.countHoldersAmong(tenantId, small, POWER_BI_PRO)).toEqual({
      holders: 1_000,
      unusable: 0,
    });
    expect(await repository.countHoldersAmong(tenantId, small, 'CFQ7TTC0HD33')).toEqual({
      holders: 0,
      unusable: 0,
    });
    await collectionsOf(database).subscriptions.updateOne(
      { _id: small._id },
      { $set: { status: 'disabled' } },
    );
    expect(await repository.countHoldersAmong(tenantId, large, POWER_BI_PREMIUM)).toEqual({
      holders: 1_000,
      unusable: 1_000,
    });
  });
});

describe('a move', () => {
  it('[MOV-2, MOV-3, MOV-6] locks the source and reserves the seats as it is accepted', async () => {
    const users = await people(4);
    const from = await source(users);
    const to = await target(6, { productId: POWER_BI_PREMIUM, holders: [users[0]!] });
    const reply = await move(from, to);
    expect(reply.status).toBe(202);
    expect(reply.body).toMatchObject({
      type: 'move',
      subscriptionId: from._id,
      progress: { total: 4, pending: 4 },
    });
    expect(await requestOf(reply)).toEqual({ targetSubscriptionId: to._id });
    const { subscriptions } = collectionsOf(shop.gateway.database);
    expect(await subscriptions.findOne({ _id: from._id })).toMatchObject({ operationId: reply.body.id });
    expect(await seatsOf(shop, to)).toEqual({
      purchased: 6,
      assigned: 1,
      reservations: [{ operationId: reply.body.id, seats: 3 }],
    });
    const view = await shop.gateway.as<SubscriptionView>(shop.admin, 'GET', `/v1/subscriptions/${to._id}`);
    expect(view.body.seats).toEqual({ purchased: 6, assigned: 1, reserved: 3, free: 2 });
    // What is promised to it keeps the target from being taken over itself.
    const blocked = await cancel(to, { reason: 'unused' });
    expect([...codeOf(blocked), blocked.body.operation]).toEqual([
      409,
      'operation_in_progress',
      `/v1/operations/${reply.body.id}`,
    ]);
  });

  it('[MOV-6] asked by two admins at once is accepted once, and the other is told where it runs', async () => {
    const from = await source(await people(2));
    const to = await target(5);
    const other = await shop.gateway.user(shop.tenant, { roles: ['billingAdmin'] });
    const replies = await Promise.all([move(from, to), move(from, to, other)]);
    const accepted = replies.find((reply) => reply.status === 202);
    const refused = replies.find((reply) => reply.status !== 202);
    expect([refused?.status, refused?.body.code, refused?.body.operation]).toEqual([
      409,
      'operation_in_progress',
      `/v1/operations/${accepted?.body.id}`,
    ]);
    expect((await seatsOf(shop, to))?.reservations).toEqual([{ operationId: accepted?.body.id, seats: 2 }]);
  });

  it('[MOV-2] of two to one target, both fit or the second is told the shortfall', async () => {
    const to = await target(3);
    const [one, two] = [await source(await people(2)), await source(await people(2))];
    const replies = await Promise.all([move(one, to), move(two, to)]);
    expect(replies.map((reply) => reply.status).sort()).toEqual([202, 409]);
    expect(replies.find((reply) => reply.status === 409)?.body).toMatchObject({
      code: 'seats_short',
      needed: 2,
      free: 1,
      shortfall: 1,
    });
  });

  it('[MOV-1, MOV-6] of two towards each other one is accepted', async () => {
    const [one, two] = [await source(await people(1)), await source(await people(1))];
    const replies = await Promise.all([move(one, two), move(two, one)]);
    expect(replies.map((reply) => reply.status).sort()).toEqual([202, 409]);
    expect(replies.find((reply) => reply.status === 409)?.body.code).toBe('operation_in_progress');
  });

  it('[MOV-1] is refused for sources and targets it is not made for', async () => {
    const from = await source(await people(1));
    const to = await target(5);
    expect(codeOf(await move(from, from))).toEqual([400, 'invalid_request']);
    expect(codeOf(await move(to, from))).toEqual([409, 'illegal_state']);
    expect(codeOf(await move(from, await target(5, { status: 'expired' })))).toEqual([409, 'illegal_state']);
    expect(codeOf(await move(await source([], { status: 'disabled' }), to))).toEqual([409, 'illegal_state']);
    const foreign = aSubscription(newId('ten'), { seats: { purchased: 5, assigned: 0, reservations: [] } });
    await collectionsOf(shop.gateway.database).subscriptions.insertOne(foreign);
    expect(codeOf(await move(from, foreign))).toEqual([404, 'not_found']);
    expect(codeOf(await move(foreign, to))).toEqual([404, 'not_found']);
    expect(codeOf(await move(from, to, shop.buyer))).toEqual([403, 'forbidden']);
    expect(codeOf(await move(from, to, shop.reader))).toEqual([403, 'forbidden']);
    expect(await seatsOf(shop, to)).toEqual(to.seats);
  });
});

describe('a cancellation', () => {
  it('[CAN-1, ADM-9] by an admin needs a reason from the list, and keeps it with the comment', async () => {
    const subscription = await source(await people(2));
    expect(codeOf(await cancel(subscription, {}))).toEqual([400, 'invalid_request']);
    expect(codeOf(await cancel(subscription, { reason: 'bored' }))).toEqual([400, 'invalid_request']);
    const reply = await cancel(subscription, { reason: 'too_expensive', comment: 'Twice\nthe price' });
    expect([reply.status, reply.body.progress.total]).toEqual([202, 2]);
    expect(await requestOf(reply)).toEqual({
      by: 'admin',
      reason: 'too_expensive',
      comment: 'Twice\nthe price',
      onBehalfOf: null,
    });
    const again = await cancel(subscription, { reason: 'unused' });
    expect([...codeOf(again), again.body.operation]).toEqual([
      409,
      'operation_in_progress',
      `/v1/operations/${reply.body.id}`,
    ]);
  });

  it('[OWN-5, OWN-1] by its purchaser needs none; others do not know it', async () => {
    const subscription = await source([]);
    expect(codeOf(await cancel(subscription, {}, shop.colleague))).toEqual([404, 'not_found']);
    expect(codeOf(await cancel(subscription, {}, shop.reader))).toEqual([403, 'forbidden']);
    const reply = await cancel(subscription, {}, shop.buyer);
    expect(reply.status).toBe(202);
    expect(await requestOf(reply)).toMatchObject({ by: 'purchaser', reason: null });
    expect(codeOf(await cancel(await source([], { status: 'deleted' }), {}, shop.buyer))).toEqual([
      409,
      'illegal_state',
    ]);
  });

  it('[CAN-3] by support names the admin who asked', async () => {
    const platform = await shop.gateway.tenant({ type: 'platform' });
    const support = await shop.gateway.user(platform, { roles: ['support'] });
    const there = { 'commissary-tenant': shop.tenant.domains[0]! };
    const subscription = await source(await people(1));
    const asked = (body: object) => cancel(subscription, { reason: 'other', ...body }, support, there);
    expect(codeOf(await asked({}))).toEqual([400, 'invalid_request']);
    expect(codeOf(await asked({ requestedBy: shop.buyer.email }))).toEqual([400, 'invalid_request']);
    expect(codeOf(await asked({ requestedBy: support.email }))).toEqual([400, 'invalid_request']);
    const reply = await asked({ requestedBy: shop.admin.email });
    expect(reply.status).toBe(202);
    expect(await requestOf(reply)).toMatchObject({ by: 'support', onBehalfOf: shop.admin._id });
    expect(codeOf(await cancel(await source([]), { reason: 'other', requestedBy: shop.admin._id }))).toEqual([
      400,
      'invalid_request',
    ]);
  });
});
