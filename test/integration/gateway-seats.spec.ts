import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { OperationView, Problem, QuoteView } from '@commissary/contracts';
import { addDays } from '@commissary/domain';
import { newId } from '@commissary/platform';
import type { SubscriptionDocument, UserDocument } from '@commissary/store';
import { aCardOf, anOpenBill, aPaidSubscription } from '../support/gateway/bills.js';
import {
  aSubscriptionOf,
  openShop,
  type OrProblem,
  post,
  POWER_BI_PRO,
  type Shop,
} from '../support/gateway/shop.js';
import { collectionsOf } from '../support/driver.js';

let shop: Shop;

beforeAll(async () => {
  shop = await openShop();
});

afterAll(() => shop.gateway.close());

const collections = () => collectionsOf(shop.gateway.database);

const quote = (subscriptionId: string, total: unknown, by = shop.buyer) =>
  post<OrProblem<QuoteView>>(shop, by, '/v1/quotes', { subscriptionId, total });

const change = (
  subscriptionId: string,
  body: unknown,
  { by = shop.buyer, key = newId('req') }: { by?: UserDocument; key?: string } = {},
) =>
  shop.gateway.as<OrProblem<OperationView>>(by, 'PUT', `/v1/subscriptions/${subscriptionId}/seats`, {
    body,
    headers: { 'idempotency-key': key },
  });

/** Status, code and for each field its pointer and rule. */
const refusal = ({ status, body }: { status: number; body: Pick<Problem, 'code' | 'errors'> }) => [
  status,
  body.code,
  ...(body.errors ?? []).map(({ pointer, rule }) => `${pointer} ${rule}`),
];

const found = (id: string) => collections().subscriptions.findOne({ _id: id });

/** Quoted and asked for. */
const more = async ({ _id }: SubscriptionDocument, total: number, quotedFor = total) => {
  const { body } = await quote(_id, quotedFor);
  return { quoteId: body.id, reply: await change(_id, { total, quoteId: body.id }) };
};

describe('a quote for more seats', () => {
  it('[OWN-2] is for the new total, and prices what is added for the rest of the term', async () => {
    const mine = await aPaidSubscription(shop, 100);
    const { status, body } = await quote(mine._id, 105);
    expect(status).toBe(201);
    expect(body).toMatchObject({
      subscriptionId: mine._id,
      seats: 105,
      quantity: 5,
      productId: POWER_BI_PRO,
      offer: 'purchase',
      term: 'P1M',
      unitPrice: { amountMinor: 999, currency: 'USD' },
    });
    // A minute of thirty days has gone.
    expect(body.total.currency).toBe('USD');
    expect([4993, 4994]).toContain(body.total.amountMinor);
    expect(await collections().quotes.findOne({ _id: body.id })).toMatchObject({
      seatChange: { subscriptionId: mine._id, seats: 105 },
    });
  });

  it.each<[string, unknown, string]>([
    ['fewer seats', 4, '/total more'],
    ['as many', 5, '/total different'],
    ['more than a million', 1_000_001, '/total too_big'],
    ['half a seat', 5.5, '/total invalid_type'],
    ['none', 0, '/total too_small'],
    ['text', '7', '/total invalid_type'],
    ['nothing', undefined, '/total required'],
  ])('[OWN-2] is refused for %s, and names the field', async (_name, total, named) => {
    const mine = await aPaidSubscription(shop, 5);
    expect(refusal(await quote(mine._id, total))).toEqual([400, 'invalid_request', named]);
  });

  it('[OWN-2] is either of a product or of a subscription', async () => {
    const mine = await aPaidSubscription(shop, 5);
    const ask = (body: object) => post<Problem>(shop, shop.buyer, '/v1/quotes', body);
    expect(refusal(await ask({ subscriptionId: mine._id, total: 6, coupon: 'FREE' }))).toEqual([
      400,
      'invalid_request',
      '/coupon unknown_field',
    ]);
    expect(refusal(await ask({ subscriptionId: 7, total: 6 }))).toEqual([
      400,
      'invalid_request',
      '/subscriptionId invalid_type',
    ]);
    expect(refusal(await ask({}))).toEqual([
      400,
      'invalid_request',
      '/productId required',
      '/offer invalid_value',
      '/quantity required',
    ]);
  });

  it('[OWN-1, OWN-2] is for the purchaser alone; to all others it is not there', async () => {
    const mine = await aPaidSubscription(shop, 5);
    const central = await aSubscriptionOf(shop, 5, { origin: 'central' });
    for (const by of [shop.admin, shop.reader, shop.colleague]) {
      expect(refusal(await quote(mine._id, 6, by))).toEqual([404, 'not_found']);
      expect(refusal(await quote(central._id, 6, by))).toEqual([404, 'not_found']);
    }
  });

  it('[OWN-2, ELG-5, POL-4] asks the policy like any purchase', async () => {
    const mine = await aPaidSubscription(shop, 5);
    const path = `/v1/policies/AllowSelfServicePurchase/products/${POWER_BI_PRO}`;
    const set = (policyValue: string) => shop.gateway.as(shop.admin, 'PUT', path, { body: { policyValue } });
    const { body: given } = await quote(mine._id, 6);
    await set('Disabled');
    const [asked, used, fewer] = [
      await quote(mine._id, 7),
      await change(mine._id, { total: 6, quoteId: given.id }),
      await change(mine._id, { total: 4 }),
    ];
    await set('Enabled');
    expect([asked.status, asked.body.reasons]).toEqual([403, ['policy_disabled']]);
    expect([used.status, used.body.reasons]).toEqual([403, ['policy_disabled']]);
    // Less is always allowed.
    expect(fewer.status).toBe(202);
  });

  it.each<[string, Partial<SubscriptionDocument>, string]>([
    ['a trial', { isTrial: true, term: null, autoRenew: false }, 'trial'],
    ['one that has expired', { status: 'expired' }, 'expired'],
    ['one whose term has ended', { expiresAt: new Date(Date.now() - 1_000) }, 'active'],
  ])('[OWN-2] is not given for %s', async (_name, fields, state) => {
    const mine = await aPaidSubscription(shop, 5, fields);
    const { status, body } = await quote(mine._id, 6);
    expect([status, body.code, body.state]).toEqual([409, 'illegal_state', state]);
  });

  it('[OWN-2] is not given while a bill is open, nor any other change of seats', async () => {
    const { subscription } = await anOpenBill(shop);
    const asked = [
      await quote(subscription._id, 6),
      await change(subscription._id, { total: 4, effective: 'renewal' }),
    ];
    for (const { status, body } of asked) {
      expect([status, body.code, body.state]).toEqual([409, 'illegal_state', 'unpaid']);
    }
  });

  it('[OWN-2, BUY-2] is no quote for a purchase, nor is that one for seats', async () => {
    const mine = await aPaidSubscription(shop, 5);
    const { body: seats } = await quote(mine._id, 6);
    const { body: purchase } = await post<QuoteView>(shop, shop.buyer, '/v1/quotes', {
      productId: POWER_BI_PRO,
      offer: 'purchase',
      quantity: 1,
      term: 'P1M',
    });
    const bought = await post<Problem>(shop, shop.buyer, '/v1/purchases', {
      quoteId: seats.id,
      paymentMethodId: mine.paymentMethodId,
    });
    expect(refusal(bought)).toEqual([400, 'invalid_request', '/quoteId purchase']);
    expect(refusal(await change(mine._id, { total: 6, quoteId: purchase.id }))).toEqual([
      400,
      'invalid_request',
      '/quoteId this_subscription',
    ]);
    // Neither was used up.
    expect((await change(mine._id, { total: 6, quoteId: seats.id })).status).toBe(202);
  });
});

describe('a change of seats', () => {
  it('[OWN-2] to more is accepted with its quote, the subscription’s card and the lock', async () => {
    const mine = await aPaidSubscription(shop, 5);
    const { quoteId, reply } = await more(mine, 8);
    expect(reply.status).toBe(202);
    expect(reply.headers.get('location')).toBe(`/v1/operations/${reply.body.id}`);
    expect(reply.body).toMatchObject({
      type: 'seatChange',
      status: 'accepted',
      subscriptionId: mine._id,
      progress: { total: 1, pending: 1 },
    });
    expect(await collections().operations.findOne({ _id: reply.body.id })).toMatchObject({
      queue: 'purchases',
      request: {
        seats: 8,
        seatsBefore: 5,
        effective: 'now',
        quoteId,
        paymentMethodId: mine.paymentMethodId,
        orderId: expect.stringMatching(/^ord_/),
        paymentId: expect.stringMatching(/^pay_/),
      },
    });
    expect(await found(mine._id)).toMatchObject({ operationId: reply.body.id });
    expect(await collections().quotes.findOne({ _id: quoteId })).toMatchObject({
      operationId: reply.body.id,
    });
    const again = await change(mine._id, { total: 4 });
    expect([again.status, again.body.code, again.body.operation]).toEqual([
      409,
      'operation_in_progress',
      `/v1/operations/${reply.body.id}`,
    ]);
    // It pays until it has ended. [OWN-4]
    const path = `/v1/payment-methods/${mine.paymentMethodId}`;
    await collections().subscriptions.updateOne({ _id: mine._id }, { $set: { paymentMethodId: null } });
    expect(refusal(await shop.gateway.as(shop.buyer, 'DELETE', path))).toEqual([409, 'card_in_use']);
  });

  it('[OWN-2] to fewer needs no quote, now or at the renewal', async () => {
    const [now, renewal] = [await aPaidSubscription(shop, 5), await aPaidSubscription(shop, 5)];
    const [first, second] = [
      await change(now._id, { total: 3 }),
      await change(renewal._id, { total: 2, effective: 'renewal' }),
    ];
    expect([first.status, second.status]).toEqual([202, 202]);
    const requests = [first, second].map(async ({ body }) =>
      collections().operations.findOne({ _id: body.id }),
    );
    expect(await Promise.all(requests)).toMatchObject([
      { request: { seats: 3, effective: 'now', quoteId: null, paymentMethodId: null } },
      { request: { seats: 2, effective: 'renewal', quoteId: null, paymentMethodId: null } },
    ]);
  });

  it.each<[string, object, unknown[]]>([
    ['more without a quote', { total: 6 }, [400, 'invalid_request', '/quoteId required']],
    ['fewer with a quote', { total: 4, quoteId: 'quo_1' }, [400, 'invalid_request', '/quoteId not_asked']],
    ['an unknown quote', { total: 6, quoteId: 'quo_1' }, [404, 'not_found']],
    ['as many', { total: 5 }, [400, 'invalid_request', '/total different']],
    ['more at renewal', { total: 6, effective: 'renewal' }, [400, 'invalid_request', '/effective fewer']],
    ['fewer than are in use', { total: 1 }, [409, 'seats_in_use']],
    ['another time', { total: 4, effective: 'soon' }, [400, 'invalid_request', '/effective invalid_value']],
    ['more than a million', { total: 1_000_001 }, [400, 'invalid_request', '/total too_big']],
    ['an unknown field', { total: 4, seats: 4 }, [400, 'invalid_request', '/seats unknown_field']],
  ])('[OWN-2] is refused for %s', async (_name, body, expected) => {
    const holders = [await shop.gateway.user(shop.tenant), await shop.gateway.user(shop.tenant)];
    const mine = await aPaidSubscription(shop, 5, { holders });
    expect(refusal(await change(mine._id, body))).toEqual(expected);
    expect(await found(mine._id)).toMatchObject({ operationId: null, version: mine.version });
  });

  it('[EXT-1] needs a key, and answers the same key alike', async () => {
    const mine = await aPaidSubscription(shop, 5);
    const path = `/v1/subscriptions/${mine._id}/seats`;
    const without = await shop.gateway.as(shop.buyer, 'PUT', path, { body: { total: 4 } });
    expect(refusal(without)).toEqual([400, 'idempotency_key_missing']);
    const replies = await Promise.all(
      Array.from({ length: 10 }, () => change(mine._id, { total: 4 }, { key: 'ten' })),
    );
    expect(new Set(replies.map(({ status, body }) => `${status} ${body.id}`)).size).toBe(1);
    expect(await collections().operations.countDocuments({ subscriptionId: mine._id })).toBe(1);
    expect(refusal(await change(mine._id, { total: 3 }, { key: 'ten' }))).toEqual([
      422,
      'idempotency_key_reused',
    ]);
  });

  it('[BUY-2] takes no quote that is used, expired, for another total, or older than the seats it was for', async () => {
    const mine = await aPaidSubscription(shop, 5);
    expect(refusal((await more(mine, 7, 8)).reply)).toEqual([400, 'invalid_request', '/total quoted']);
    const { body: expired } = await quote(mine._id, 8);
    await collections().quotes.updateOne({ _id: expired.id }, { $set: { expiresAt: new Date(0) } });
    expect(refusal(await change(mine._id, { total: 8, quoteId: expired.id }))).toEqual([
      409,
      'quote_expired',
    ]);
    const { body: used } = await quote(mine._id, 8);
    await collections().quotes.updateOne({ _id: used.id }, { $set: { operationId: 'op_another' } });
    expect(refusal(await change(mine._id, { total: 8, quoteId: used.id }))).toEqual([409, 'quote_used']);
    const { body: stale } = await quote(mine._id, 8);
    await collections().subscriptions.updateOne({ _id: mine._id }, { $set: { 'seats.purchased': 2 } });
    expect(refusal(await change(mine._id, { total: 8, quoteId: stale.id }))).toEqual([409, 'quote_expired']);
    const { body: before } = await quote(mine._id, 8);
    await collections().subscriptions.updateOne({ _id: mine._id }, { $set: { termStartedAt: new Date() } });
    expect(refusal(await change(mine._id, { total: 8, quoteId: before.id }))).toEqual([409, 'quote_expired']);
  });

  it('[OWN-2, OWN-4] is not paid by no card, nor by one that has expired', async () => {
    const bare = await aPaidSubscription(shop, 5, { paymentMethodId: null });
    expect(refusal((await more(bare, 6)).reply)).toEqual([
      400,
      'invalid_request',
      '/paymentMethodId required',
    ]);
    const { _id: old } = await aCardOf(shop, shop.buyer, { expiresAt: addDays(new Date(), -1) });
    const late = await aPaidSubscription(shop, 5, { paymentMethodId: old });
    expect(refusal((await more(late, 6)).reply)).toEqual([
      400,
      'invalid_request',
      '/paymentMethodId expired',
    ]);
    const { body } = await post<QuoteView>(shop, shop.buyer, '/v1/quotes', {
      productId: POWER_BI_PRO,
      offer: 'purchase',
      quantity: 1,
      term: 'P1M',
    });
    const purchase = { quoteId: body.id, paymentMethodId: old };
    expect(refusal(await post<Problem>(shop, shop.buyer, '/v1/purchases', purchase))).toEqual([
      400,
      'invalid_request',
      '/paymentMethodId expired',
    ]);
  });

  it('[OWN-2] of a self-service subscription at once is for its first 7 days, at renewal while it renews', async () => {
    const old = await aPaidSubscription(shop, 5, { termStartedAt: addDays(new Date(), -8) });
    expect(refusal(await change(old._id, { total: 4 }))).toEqual([409, 'illegal_state']);
    expect((await change(old._id, { total: 4, effective: 'renewal' })).status).toBe(202);
    const ending = await aPaidSubscription(shop, 5, { autoRenew: false });
    expect(refusal(await change(ending._id, { total: 4, effective: 'renewal' }))).toEqual([
      409,
      'illegal_state',
    ]);
  });

  it('[MOV-2] of a target is possible, but not below what is assigned and reserved', async () => {
    const reservations = [{ operationId: 'op_move', seats: 3 }];
    const target = await aPaidSubscription(shop, 10, {
      seats: { purchased: 10, assigned: 2, reservations },
    });
    const { status, body } = await change(target._id, { total: 4 });
    expect([status, body.code, body.needed, body.free, body.shortfall]).toEqual([
      409,
      'seats_in_use',
      5,
      5,
      1,
    ]);
    expect((await change(target._id, { total: 5 })).status).toBe(202);
  });

  it('[ADM-5, OWN-1] is the purchaser’s: admins take over first, readers look, others know nothing', async () => {
    const mine = await aPaidSubscription(shop, 5);
    const as = async (by: UserDocument) => refusal(await change(mine._id, { total: 4 }, { by }));
    expect(await as(shop.admin)).toEqual([403, 'takeover_required']);
    expect(await as(shop.reader)).toEqual([403, 'forbidden']);
    expect(await as(shop.colleague)).toEqual([404, 'not_found']);
    expect(refusal(await change('sub_unknown', { total: 4 }))).toEqual([404, 'not_found']);
  });

  it('[ADM-6, OWN-2] of a central subscription is its admins’, without a quote', async () => {
    const central = await aSubscriptionOf(shop, 5, {
      origin: 'central',
      autoRenew: false,
      termStartedAt: addDays(new Date(), -20),
    });
    const as = async (by: UserDocument, body: object = { total: 9 }) =>
      refusal(await change(central._id, body, { by }));
    expect(await as(shop.reader)).toEqual([403, 'forbidden']);
    expect(await as(shop.buyer)).toEqual([404, 'not_found']);
    expect(await as(shop.admin, { total: 9, quoteId: 'quo_1' })).toEqual([
      400,
      'invalid_request',
      '/quoteId not_asked',
    ]);
    const { status, body } = await change(central._id, { total: 1_000_000 }, { by: shop.admin });
    expect(status).toBe(202);
    expect(await collections().operations.findOne({ _id: body.id })).toMatchObject({
      request: { seats: 1_000_000, quoteId: null, paymentMethodId: null },
    });
  });
});
