import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type {
  AuditEntryView,
  InvoiceView,
  ListView,
  OrderView,
  Problem,
  SubscriptionView,
} from '@commissary/contracts';
import { newId } from '@commissary/platform';
import type { InvoiceDocument, SubscriptionDocument, UserDocument } from '@commissary/store';
import {
  aSubscriptionOf,
  openShop,
  type OrProblem,
  post,
  POWER_BI_PREMIUM,
  POWER_BI_PRO,
  type Shop,
} from '../support/gateway/shop.js';
import { collectionsOf } from '../support/driver.js';

let shop: Shop;
let mine: SubscriptionDocument;
let theirs: SubscriptionDocument;
let central: SubscriptionView;

beforeAll(async () => {
  shop = await openShop();
  mine = await aSubscriptionOf(shop, 5, {
    purchaserId: shop.buyer._id,
    searchKeys: ['power bi pro', shop.buyer.email],
  });
  theirs = await aSubscriptionOf(shop, 3, {
    purchaserId: shop.colleague._id,
    productId: POWER_BI_PREMIUM,
    status: 'expired',
  });
  central = (await record({ quantity: 1_000_000 })).body;
});

afterAll(() => shop.gateway.close());

const record = (asked: object, by = shop.admin) =>
  post<OrProblem<SubscriptionView>>(shop, by, '/v1/subscriptions', {
    productId: POWER_BI_PRO,
    quantity: 10,
    term: 'P1Y',
    ...asked,
  });

const get = <T = Problem>(by: UserDocument, path: string) => shop.gateway.as<T>(by, 'GET', path);

const listed = async (query = '', by = shop.admin) =>
  (await get<ListView<SubscriptionView>>(by, `/v1/subscriptions${query}`)).body.items.map((item) => item.id);

describe('the list of subscriptions', () => {
  it("[ADM-1, OWN-1] holds the tenant's for admins and readers, one's own for others", async () => {
    const all = [central.id, theirs._id, mine._id];
    expect(await listed()).toEqual(all);
    expect(await listed('', shop.reader)).toEqual(all);
    expect(await listed('', shop.buyer)).toEqual([mine._id]);
    expect(
      await listed('', await shop.gateway.user(await shop.gateway.tenant(), { roles: ['globalAdmin'] })),
    ).toEqual([]);
  });

  it('[ADM-1] is filtered by origin, status, product, purchaser and words', async () => {
    expect(await listed('?origin=central')).toEqual([central.id]);
    expect(await listed('?status=expired')).toEqual([theirs._id]);
    expect(await listed(`?productId=${POWER_BI_PREMIUM}`)).toEqual([theirs._id]);
    expect(await listed(`?purchaser=${shop.buyer._id}`)).toEqual([mine._id]);
    expect(await listed(`?purchaser=${shop.colleague.email.toUpperCase()}`)).toEqual([theirs._id]);
    expect(await listed('?purchaser=nobody@contoso.example')).toEqual([]);
    expect(await listed(`?q=${shop.buyer.email.slice(0, 12)}`)).toEqual([mine._id]);
    expect(await listed('?q=.*')).toEqual([]);
    expect(await listed(`?purchaser=${shop.colleague._id}`, shop.buyer)).toEqual([]);
    const unknown = await get(shop.admin, '/v1/subscriptions?owner=me');
    expect(unknown.body.errors?.map((error) => error.pointer)).toEqual(['/owner']);
  });

  it('[EXT-1] goes on after its cursor while rows come and go', async () => {
    const first = await get<ListView<SubscriptionView>>(shop.admin, '/v1/subscriptions?limit=2');
    const late = await aSubscriptionOf(shop, 1, { purchaserId: shop.admin._id });
    const next = await get<ListView<SubscriptionView>>(
      shop.admin,
      `/v1/subscriptions?limit=2&cursor=${first.body.nextCursor ?? ''}`,
    );
    expect(next.body).toMatchObject({ items: [{ id: mine._id }], nextCursor: null });
    await collectionsOf(shop.gateway.database).subscriptions.deleteOne({ _id: late._id });
    expect((await get(shop.admin, '/v1/subscriptions?cursor=nonsense')).body.code).toBe('invalid_request');
  });
});

describe('one subscription', () => {
  it('[ADM-1] shows product, purchaser, seats, prices and dates', async () => {
    const { body, headers } = await get<SubscriptionView>(shop.buyer, `/v1/subscriptions/${mine._id}`);
    expect(body).toEqual({
      id: mine._id,
      productId: POWER_BI_PRO,
      productName: 'Power BI Pro',
      origin: 'selfService',
      status: 'active',
      isTrial: false,
      purchaser: {
        userId: shop.buyer._id,
        displayName: shop.buyer.displayName,
        email: shop.buyer.email,
        state: 'active',
      },
      seats: { purchased: 5, assigned: 0, reserved: 0, free: 5 },
      unitPrice: mine.unitPrice,
      purchasePrice: mine.purchasePrice,
      term: 'P1M',
      startedAt: mine.startedAt.toISOString(),
      expiresAt: mine.expiresAt.toISOString(),
      renewsAt: mine.renewsAt?.toISOString(),
      autoRenew: true,
      seatsAtRenewal: null,
      paymentMethodId: null,
      unpaidInvoiceId: null,
      operation: null,
    });
    expect(headers.get('etag')).toMatch(/^"/);
  });

  it('[OWN-1] of someone else is not to be found, with its orders', async () => {
    for (const path of [theirs._id, `${theirs._id}/orders`, central.id, 'sub_unknown']) {
      const { status, body } = await get(shop.buyer, `/v1/subscriptions/${path}`);
      expect([status, body.code, body.detail]).toEqual([404, 'not_found', 'There is no such resource.']);
    }
  });
});

describe('a central purchase', () => {
  it('[ADM-6] is recorded at the contract price, whatever the policy, with its order, audit entry and event', async () => {
    const path = `/v1/policies/AllowSelfServicePurchase/products/${POWER_BI_PRO}`;
    await shop.gateway.as(shop.admin, 'PUT', path, { body: { policyValue: 'Disabled' } });
    const { status, body, headers } = await record({});
    expect(status).toBe(201);
    expect(headers.get('location')).toBe(`/v1/subscriptions/${body.id}`);
    expect(body).toMatchObject({
      origin: 'central',
      status: 'active',
      purchaser: null,
      seats: { purchased: 10, assigned: 0, reserved: 0, free: 10 },
      autoRenew: false,
    });
    const product = await collectionsOf(shop.gateway.database).products.findOne({ _id: POWER_BI_PRO });
    const contract = product?.prices.find(
      (p) => p.channel === 'central' && p.term === 'P1Y' && p.market === '*',
    );
    expect(body.unitPrice.amountMinor).toBe(contract?.unitAmountMinor);
    const orders = await get<ListView<OrderView>>(shop.reader, `/v1/subscriptions/${body.id}/orders`);
    expect(orders.body.items).toMatchObject([
      { channel: 'central', status: 'recorded', quantity: 10, total: body.purchasePrice },
    ]);
    const { audit, events, payments } = collectionsOf(shop.gateway.database);
    expect(await audit.find({ 'subject.id': body.id }).toArray()).toMatchObject([
      { action: 'subscription.created' },
    ]);
    expect(await events.find({ subjectId: body.id }).toArray()).toMatchObject([
      { type: 'subscription.created' },
    ]);
    expect(await payments.countDocuments()).toBe(0);
  });

  it('[ADM-6] is refused for a seat too many, an unknown product, and who is no admin', async () => {
    expect((await record({ quantity: 1_000_001 })).body.errors?.[0]?.pointer).toBe('/quantity');
    expect((await record({ productId: 'CFQ0' })).body.errors?.[0]?.pointer).toBe('/productId');
    expect((await record({}, shop.buyer)).status).toBe(403);
    expect((await record({}, shop.reader)).status).toBe(403);
  });
});

describe('bills and the trail', () => {
  it('[OWN-4, OWN-1] a bill is seen by who was billed and by admins, and printed', async () => {
    const at = new Date();
    const price = { amountMinor: 4_995, currency: 'USD' };
    const invoice: InvoiceDocument = {
      _id: newId('inv'),
      tenantId: shop.tenant._id,
      userId: shop.buyer._id,
      orderId: newId('ord'),
      subscriptionId: mine._id,
      lines: [{ description: 'Power BI Pro', quantity: 5, unitPrice: mine.unitPrice, amount: price }],
      total: price,
      status: 'paid',
      issuedAt: at,
      paidAt: at,
    };
    await collectionsOf(shop.gateway.database).invoices.insertOne(invoice);
    const bills = async (by: UserDocument) =>
      (await get<ListView<InvoiceView>>(by, '/v1/invoices')).body.items.map((item) => item.id);
    expect(await bills(shop.buyer)).toEqual([invoice._id]);
    expect(await bills(shop.reader)).toEqual([invoice._id]);
    expect(await bills(shop.colleague)).toEqual([]);
    expect((await get(shop.colleague, `/v1/invoices/${invoice._id}`)).status).toBe(404);
    const page = await shop.gateway.as<string>(shop.buyer, 'GET', `/v1/invoices/${invoice._id}`, {
      headers: { accept: 'text/html,*/*;q=0.8' },
    });
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(page.body).toContain('$49.95');
    expect((await get<InvoiceView>(shop.buyer, `/v1/invoices/${invoice._id}`)).body).toMatchObject({
      total: price,
    });
  });

  it('[ADM-9] the trail is read by actor, action and time, and not by everyone', async () => {
    const entries = async (query: string) =>
      (await get<ListView<AuditEntryView>>(shop.reader, `/v1/audit?${query}`)).body.items;
    // Times are the database's: after what was there before.
    const [latest] = await entries('limit=1');
    const since = new Date(Date.parse(latest!.at) + 1).toISOString();
    await record({});
    const [entry, ...others] = await entries(`action=subscription.created&from=${since}`);
    expect(others).toEqual([]);
    expect(entry).toMatchObject({
      actor: { userId: shop.admin._id, displayName: 'Morgan Reyes' },
      subject: { type: 'subscription' },
      before: null,
      ip: '127.0.0.1',
    });
    expect(await entries(`actor=${shop.admin.email}&from=${since}`)).toEqual([entry]);
    expect(await entries(`actor=${shop.buyer._id}&from=${since}`)).toEqual([]);
    expect(await entries(`to=${shop.tenant.createdAt.toISOString().replace('2030', '2020')}`)).toEqual([]);
    expect((await get(shop.buyer, '/v1/audit')).status).toBe(403);
  });
});
