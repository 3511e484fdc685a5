import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type {
  CatalogItemView,
  ListView,
  OperationView,
  PaymentMethodView,
  Problem,
  QuoteView,
} from '@commissary/contracts';
import { aLicense } from '../support/documents.js';
import {
  aSubscriptionOf,
  openShop,
  type OrProblem,
  post,
  POWER_BI_PRO,
  type Shop,
} from '../support/gateway/shop.js';
import { collectionsOf, dbOf } from '../support/driver.js';
import { type PaymentSimulator, startPaymentSimulator } from '../support/payment-simulator.js';

let payments: PaymentSimulator;
let shop: Shop;

beforeAll(async () => {
  payments = await startPaymentSimulator();
  shop = await openShop({ PAYMENTS_URL: payments.url });
});

afterAll(async () => {
  await shop.gateway.close();
  await payments.stop();
});

const ASKED = { productId: POWER_BI_PRO, offer: 'purchase', quantity: 5, term: 'P1M' };

const quote = (asked: object = {}, by = shop.buyer) =>
  post<OrProblem<QuoteView>>(shop, by, '/v1/quotes', { ...ASKED, ...asked });

const card = (body: object = { token: 'tok_visa' }, by = shop.buyer) =>
  post<OrProblem<PaymentMethodView>>(shop, by, '/v1/payment-methods', body);

const buy = (body: object, by = shop.buyer) =>
  post<OrProblem<OperationView>>(shop, by, '/v1/purchases', body);

const removeCard = (id: string, by = shop.buyer) =>
  shop.gateway.as(by, 'DELETE', `/v1/payment-methods/${id}`);

const refusal = ({ status, body }: { status: number; body: Pick<Problem, 'code' | 'errors'> }) => [
  status,
  body.code,
  ...(body.errors ?? []).map((error) => error.pointer),
];

describe('the catalog', () => {
  it('[ELG-5, BUY-7, BUY-8] shows every product with offers, prices in the market and what is held', async () => {
    const subscription = await aSubscriptionOf(shop, 5);
    await collectionsOf(shop.gateway.database).licenses.insertOne(aLicense(subscription, shop.colleague._id));
    const { body } = await shop.gateway.as<ListView<CatalogItemView>>(shop.colleague, 'GET', '/v1/catalog');
    expect(body.items).toHaveLength(await collectionsOf(shop.gateway.database).products.countDocuments());
    const item = body.items.find(({ productId }) => productId === POWER_BI_PRO);
    expect(item).toMatchObject({ productName: 'Power BI Pro', alreadyLicensed: true });
    expect(item?.offers.map(({ offer, eligible, reasons }) => [offer, eligible, reasons])).toEqual([
      ['purchase', true, []],
      ['trial', true, []],
    ]);
    expect(item?.offers[0]?.prices).toContainEqual({
      term: 'P1M',
      unitPrice: { amountMinor: 999, currency: 'USD' },
    });
    expect(item?.offers[1]?.trial).toEqual({ days: 30, seats: 25, cardless: true });
  });

  it('[ELG-1, ELG-3, ELG-5] tells a guest in a market without sales every reason', async () => {
    const tenant = await shop.gateway.tenant({ billingCountry: 'IN', type: 'government' });
    const guest = await shop.gateway.user(tenant, { type: 'guest' });
    const { body } = await shop.gateway.as<ListView<CatalogItemView>>(guest, 'GET', '/v1/catalog?limit=1');
    expect(body.items[0]?.offers[0]?.reasons.slice(0, 3)).toEqual(['tenant_type', 'guest', 'market']);
    expect(body.nextCursor).not.toBeNull();
  });
});

describe('a quote', () => {
  it('[BUY-2] states unit price, total, renewal and its own end', async () => {
    const { status, body } = await quote();
    expect(status).toBe(201);
    expect(body).toMatchObject({
      offer: 'purchase',
      quantity: 5,
      term: 'P1M',
      unitPrice: { amountMinor: 999, currency: 'USD' },
      total: { amountMinor: 4995, currency: 'USD' },
    });
    expect(Date.parse(body.expiresAt) - Date.now()).toBeGreaterThan(29 * 60_000);
  });

  it.each<[string, object, string[]]>([
    ['no seats', { quantity: 0 }, ['/quantity']],
    ['10,001 seats', { quantity: 10_001 }, ['/quantity']],
    ['half a seat', { quantity: 1.5 }, ['/quantity']],
    ['no term', { term: null }, ['/term']],
    ['another term', { term: 'P3Y' }, ['/term']],
    ['an unknown field', { coupon: 'FREE' }, ['/coupon']],
    ['a later version', { subscriptionId: 'sub_1', total: 10 }, ['/subscriptionId', '/total']],
    ['too long a trial', { offer: 'trial', quantity: 26 }, ['/quantity']],
  ])('[BUY-2] is refused for %s, which it names', async (_name, asked, pointers) => {
    expect(refusal(await quote(asked))).toEqual([400, 'invalid_request', ...pointers]);
  });

  it('[ELG-5] is refused to who may not buy, with the reasons and one message', async () => {
    const { status, body } = await quote({ productId: 'CFQ0' });
    expect([status, body.code, body.reasons]).toEqual([403, 'not_eligible', ['product_unknown']]);
    expect(body.detail).toContain('IT admin');
  });
});

describe('a card', () => {
  it("[BUY-3] is known by the provider's token alone, which is kept nowhere", async () => {
    const { status, body } = await card();
    expect(status).toBe(201);
    expect(body).toEqual({ id: body.id, brand: 'visa', last4: '4242', expiresAt: body.expiresAt });
    const db = dbOf(shop.gateway.database);
    for (const { name } of await db.listCollections().toArray()) {
      const rows = await db.collection(name).find().toArray();
      expect(JSON.stringify(rows)).not.toContain('tok_visa');
    }
  });

  it('[BUY-3] is the only way to pay; others are refused by name', async () => {
    const reply = await card({ type: 'purchase_order', number: '4711' });
    expect(refusal(reply)).toEqual([400, 'payment_method_unsupported']);
    expect(reply.body.detail).toContain('purchase_order');
    expect((await card({ type: 'invoice' })).body.code).toBe('payment_method_unsupported');
  });

  it('[BUY-3] is refused if expired, unknown, or not there at all', async () => {
    const expired = await card({ token: 'tok_expired' });
    expect(refusal(expired)).toEqual([400, 'invalid_request', '/token']);
    expect(expired.body.detail).toContain('expired');
    expect(refusal(await card({ token: 'tok_nonsense' }))).toEqual([400, 'invalid_request', '/token']);
    expect(refusal(await card({}))).toEqual([400, 'invalid_request', '/token']);
  });

  it('[OWN-4] is seen and removed by its owner alone', async () => {
    const { body } = await card({ token: 'tok_mastercard' }, shop.reader);
    const cards = async (by = shop.reader) =>
      (await shop.gateway.as<ListView<PaymentMethodView>>(by, 'GET', '/v1/payment-methods')).body.items;
    expect(await cards()).toEqual([body]);
    expect((await removeCard(body.id, shop.admin)).status).toBe(404);
    expect((await removeCard(body.id, shop.reader)).status).toBe(204);
    expect(await cards()).toEqual([]);
    expect((await removeCard(body.id, shop.reader)).status).toBe(404);
  });

  it('[OWN-4] stays while a living subscription is paid with it', async () => {
    const { body } = await card();
    const subscription = await aSubscriptionOf(shop, 1, {
      purchaserId: shop.buyer._id,
      paymentMethodId: body.id,
    });
    expect(refusal(await removeCard(body.id))).toEqual([409, 'card_in_use']);
    await collectionsOf(shop.gateway.database).subscriptions.updateOne(
      { _id: subscription._id },
      { $set: { status: 'deleted' } },
    );
    expect((await removeCard(body.id)).status).toBe(204);
  });
});

describe('a purchase', () => {
  it('[BUY-4] is accepted with the ids of all it will make, and takes the quote', async () => {
    const [{ body: quoted }, { body: paid }] = await Promise.all([quote(), card()]);
    const reply = await buy({ quoteId: quoted.id, paymentMethodId: paid.id });
    expect(reply.status).toBe(202);
    expect(reply.headers.get('location')).toBe(`/v1/operations/${reply.body.id}`);
    expect(reply.body).toMatchObject({
      type: 'purchase',
      status: 'accepted',
      subscriptionId: null,
      progress: { total: 1, pending: 1 },
    });
    const stored = await collectionsOf(shop.gateway.database).operations.findOne({ _id: reply.body.id });
    expect(stored).toMatchObject({
      request: { quoteId: quoted.id, paymentMethodId: paid.id, orderId: expect.stringMatching(/^ord_/) },
      requestedBy: { userId: shop.buyer._id },
    });
    expect(refusal(await buy({ quoteId: quoted.id, paymentMethodId: paid.id }))).toEqual([409, 'quote_used']);
    // Needed until the purchase has ended.
    expect(refusal(await removeCard(paid.id))).toEqual([409, 'card_in_use']);
  });

  it('[BUY-2] of ten at once for one quote, one is accepted', async () => {
    const [{ body: quoted }, { body: paid }] = await Promise.all([quote(), card()]);
    const replies = await Promise.all(
      Array.from({ length: 10 }, () => buy({ quoteId: quoted.id, paymentMethodId: paid.id })),
    );
    expect(replies.map((reply) => reply.status).sort()).toEqual([202, ...Array<number>(9).fill(409)]);
    expect(
      await collectionsOf(shop.gateway.database).operations.countDocuments({ 'request.quoteId': quoted.id }),
    ).toBe(1);
  });

  it("[OWN-1, BUY-2] knows neither another user's quote nor another user's card, and no expired quote", async () => {
    const [{ body: quoted }, { body: paid }] = await Promise.all([quote(), card()]);
    const { body: foreign } = await card({ token: 'tok_visa' }, shop.colleague);
    expect(refusal(await buy({ quoteId: quoted.id, paymentMethodId: foreign.id }))).toEqual([
      404,
      'not_found',
    ]);
    expect(refusal(await buy({ quoteId: quoted.id, paymentMethodId: foreign.id }, shop.colleague))).toEqual([
      404,
      'not_found',
    ]);
    const { quotes } = collectionsOf(shop.gateway.database);
    // What was refused has not taken the quote.
    expect(await quotes.findOne({ _id: quoted.id })).toMatchObject({ operationId: null });
    await quotes.updateOne({ _id: quoted.id }, { $set: { expiresAt: new Date(0) } });
    expect(refusal(await buy({ quoteId: quoted.id, paymentMethodId: paid.id }))).toEqual([
      409,
      'quote_expired',
    ]);
  });

  it('[BUY-3, BUY-8] needs a card, but for a trial that asks for none', async () => {
    const [{ body: quoted }, { body: paid }, { body: trial }] = await Promise.all([
      quote(),
      card(),
      quote({ offer: 'trial', term: undefined }),
    ]);
    expect(refusal(await buy({ quoteId: quoted.id }))).toEqual([400, 'invalid_request', '/paymentMethodId']);
    expect(refusal(await buy({ quoteId: trial.id, paymentMethodId: paid.id }))).toEqual([
      400,
      'invalid_request',
      '/paymentMethodId',
    ]);
    expect((await buy({ quoteId: trial.id })).status).toBe(202);
  });

  it('[ELG-5, POL-4] asks the rules again', async () => {
    const [{ body: quoted }, { body: paid }] = await Promise.all([
      quote({}, shop.colleague),
      card({ token: 'tok_visa' }, shop.colleague),
    ]);
    const path = `/v1/policies/AllowSelfServicePurchase/products/${POWER_BI_PRO}`;
    await shop.gateway.as(shop.admin, 'PUT', path, { body: { policyValue: 'Disabled' } });
    const { status, body } = await buy({ quoteId: quoted.id, paymentMethodId: paid.id }, shop.colleague);
    expect([status, body.code, body.reasons]).toEqual([403, 'not_eligible', ['policy_disabled']]);
    await shop.gateway.as(shop.admin, 'PUT', path, { body: { policyValue: 'Enabled' } });
  });
});
