import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type {
  CapacityView,
  LicenseView,
  ListView,
  PartnerTenantView,
  ProductPurchaserView,
  ProductSeatsView,
} from '@commissary/contracts';
import { addDays, type DelegationScope, utcDay } from '@commissary/domain';
import { newId } from '@commissary/platform';
import { CapacityRepository, type TenantDocument, type UserDocument } from '@commissary/store';
import { aSubscription, aTenant } from '../support/documents.js';
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

beforeAll(async () => {
  shop = await openShop();
});

afterAll(() => shop.gateway.close());

const collections = () => collectionsOf(shop.gateway.database);

const get = <T>(path: string, by: UserDocument = shop.reader) =>
  shop.gateway.as<OrProblem<ListView<T>>>(by, 'GET', path);

const itemsOf = async <T>(path: string, by: UserDocument = shop.reader): Promise<T[]> => {
  const { status, body } = await get<T>(path, by);
  expect([status, body.code]).toEqual([200, undefined]);
  return body.items;
};

/** Everything of a list, by pages of two; no item comes twice. */
const pagesOf = async <T>(path: string, by: UserDocument = shop.reader): Promise<T[]> => {
  const items: T[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const { body }: { body: ListView<T> } = await get<T>(
      `${path}${path.includes('?') ? '&' : '?'}limit=2${cursor && `&cursor=${cursor}`}`,
      by,
    );
    expect(body.items.length).toBeLessThanOrEqual(2);
    items.push(...body.items);
    cursor = body.nextCursor;
  }
  return items;
};

/** A tenant of its own, in which a test counts everything. */
const aShop = async (): Promise<Shop> => {
  const { gateway } = shop;
  const tenant = await gateway.tenant();
  const [admin, reader, buyer, colleague] = await Promise.all([
    gateway.user(tenant, { roles: ['globalAdmin'] }),
    gateway.user(tenant, { roles: ['globalReader'] }),
    gateway.user(tenant, { displayName: 'Bea' }),
    gateway.user(tenant, { displayName: 'Cal' }),
  ]);
  return { gateway, tenant, admin, reader, buyer, colleague };
};

const PREMIUM = { productId: POWER_BI_PREMIUM, productName: 'As it was called' };

/** Of Pro 10 and 5 seats by one, 3 by another and 40 central, of Premium 2; and what has ended, which counts nowhere. */
const aStockedShop = async () => {
  const own = await aShop();
  const { buyer, colleague, gateway, tenant } = own;
  const holders = await Promise.all(
    Array.from({ length: 5 }, (_, n) => gateway.user(tenant, { displayName: `Holder ${n}` })),
  );
  const first = await aSubscriptionOf(own, 10, {
    purchaserId: buyer._id,
    holders: holders.slice(0, 3),
    seats: { purchased: 10, assigned: 3, reservations: [{ operationId: 'op_1', seats: 2 }] },
  });
  const second = await aSubscriptionOf(own, 5, {
    purchaserId: buyer._id,
    holders: holders.slice(3),
    status: 'disabled',
  });
  const third = await aSubscriptionOf(own, 3, { purchaserId: colleague._id, status: 'expired' });
  const central = await aSubscriptionOf(own, 40, { origin: 'central' });
  const premium = await aSubscriptionOf(own, 2, { purchaserId: colleague._id, ...PREMIUM });
  await aSubscriptionOf(own, 1_000, { purchaserId: buyer._id, status: 'deleted' });
  return { ...own, holders, first, second, third, central, premium };
};

describe('products', () => {
  it('[ADM-2] are listed once each, with all seats purchased over the living self-service subscriptions', async () => {
    const own = await aStockedShop();
    const path = '/v1/products?origin=selfService';
    const pro = { productId: POWER_BI_PRO, productName: 'Power BI Pro' };
    const expected = [
      { productId: POWER_BI_PREMIUM, availableQuantity: 2, assigned: 0, free: 2, subscriptions: 1 },
      { ...pro, availableQuantity: 18, assigned: 5, reserved: 2, free: 11, subscriptions: 3 },
    ];
    expect(await itemsOf<ProductSeatsView>(path, own.reader)).toMatchObject(expected);
    // The catalog's name, not that of the day it was bought.
    const [premium] = await itemsOf<ProductSeatsView>(path, own.reader);
    expect(premium?.productName).not.toBe(PREMIUM.productName);
  });

  it('[ADM-2] of both origins, or of the central ones alone', async () => {
    const own = await aStockedShop();
    const quantities = async (query: string) =>
      (await itemsOf<ProductSeatsView>(`/v1/products${query}`, own.reader)).map((item) => [
        item.productId,
        item.availableQuantity,
      ]);
    expect(await quantities('')).toEqual([
      [POWER_BI_PREMIUM, 2],
      [POWER_BI_PRO, 58],
    ]);
    expect(await quantities('?origin=central')).toEqual([[POWER_BI_PRO, 40]]);
    const unknown = await get('/v1/products?origin=partner', own.reader);
    expect([unknown.status, unknown.body.errors?.[0]?.pointer]).toEqual([400, '/origin']);
  });

  it('[ADM-2] come in pages', async () => {
    const own = await aShop();
    const names = ['a', 'b', 'c', 'd', 'e'];
    for (const productId of names) await aSubscriptionOf(own, 1, { productId, productName: productId });
    const items = await pagesOf<ProductSeatsView>('/v1/products', own.reader);
    expect(items.map((item) => item.productId)).toEqual(names);
  });

  it('[ADM-2] hold only the own tenant', async () => {
    await aStockedShop();
    const own = await aShop();
    expect(await itemsOf('/v1/products', own.reader)).toEqual([]);
    expect(await itemsOf('/v1/capacity', own.reader)).toEqual([]);
    const purchasers = await itemsOf(`/v1/products/${POWER_BI_PRO}/purchasers`, own.reader);
    expect(purchasers).toEqual([]);
  });
});

describe("a product's purchasers", () => {
  const path = `/v1/products/${POWER_BI_PRO}/purchasers`;

  it('[ADM-2] group its subscriptions, seats and users', async () => {
    const own = await aStockedShop();
    const items = await itemsOf<ProductPurchaserView>(`${path}?origin=selfService`, own.reader);
    const bea = items.find((item) => item.purchaser?.userId === own.buyer._id);
    expect(items.map((item) => item.purchaser?.displayName).sort()).toEqual(['Bea', 'Cal']);
    expect(bea).toMatchObject({
      purchaser: { email: own.buyer.email },
      seats: { purchased: 15, assigned: 5, reserved: 2, free: 8 },
      subscriptionCount: 2,
      subscriptions: [
        { id: own.first._id, seats: { purchased: 10, assigned: 3, reserved: 2, free: 5 } },
        { id: own.second._id, status: 'disabled' },
      ],
      users: { count: 5 },
    });
  });

  it('[ADM-2] lead to the users of all their subscriptions, by pages', async () => {
    const own = await aStockedShop();
    const items = await itemsOf<ProductPurchaserView>(path, own.reader);
    const [central] = items;
    expect(central?.purchaser).toBeNull();
    expect(await itemsOf(central?.users.list ?? '', own.reader)).toEqual([]);
    const bea = items.find((item) => item.purchaser?.userId === own.buyer._id);
    const users = await pagesOf<LicenseView>(bea?.users.list ?? '', own.reader);
    expect(users.map((user) => user.userId)).toEqual(own.holders.map((user) => user._id).sort());
    expect(users[0]).toMatchObject({ purchaserId: own.buyer._id, productName: 'Power BI Pro' });
    expect(users.map((user) => user.displayName).sort()).toEqual(own.holders.map((u) => u.displayName));
  });

  it('[ADM-2, SUB-2] come in pages, each once, what is central among them; who has left too', async () => {
    const own = await aStockedShop();
    const { users } = collections();
    await users.updateOne({ _id: own.colleague._id }, { $set: { state: 'deleted' } });
    const more = await Promise.all([1, 2, 3].map(() => own.gateway.user(own.tenant)));
    for (const { _id } of more) await aSubscriptionOf(own, 1, { purchaserId: _id });
    const items = await pagesOf<ProductPurchaserView>(path, own.reader);
    const ids = [own.buyer, own.colleague, ...more].map((user) => user._id).sort();
    expect(items.map((item) => item.purchaser?.userId ?? null)).toEqual([null, ...ids]);
    const centralOnly = await itemsOf<ProductPurchaserView>(`${path}?origin=central`, own.reader);
    expect(centralOnly.map((item) => item.seats.purchased)).toEqual([40]);
  });

  it('[ADM-2] of unknown products and purchasers, and of foreign ones, are 404', async () => {
    const [own, foreign] = await Promise.all([aStockedShop(), aStockedShop()]);
    const paths = [
      '/v1/products/nothing/purchasers',
      `${path}/nobody/users`,
      `${path}/${foreign.buyer._id}/users`,
      `/v1/products/${POWER_BI_PREMIUM}/purchasers/${own.buyer._id}/users`,
    ];
    const replies = await Promise.all(paths.map((each) => get(each, own.reader)));
    expect(replies.map(({ status, body }) => [status, body.code])).toEqual(
      paths.map(() => [404, 'not_found']),
    );
  });
});

describe('capacity', () => {
  const now = new Date();
  const daysAgo = (days: number): Date => addDays(now, -days);

  it('[ADM-4] tells seats purchased, assigned and free per product and purchaser; nothing central', async () => {
    const own = await aStockedShop();
    const rows = (await pagesOf<CapacityView>('/v1/capacity', own.reader)).map((item) => [
      item.productId,
      item.purchaser?.userId,
      item.seats,
      item.subscriptions,
    ]);
    const ofBea = { purchased: 15, assigned: 5, reserved: 2, free: 8 };
    const ofCal = { purchased: 3, assigned: 0, reserved: 0, free: 3 };
    const bea = [POWER_BI_PRO, own.buyer._id, ofBea, 2];
    const cal = [POWER_BI_PRO, own.colleague._id, ofCal, 1];
    const [first, second] = own.buyer._id < own.colleague._id ? [bea, cal] : [cal, bea];
    expect(rows).toEqual([
      [POWER_BI_PREMIUM, own.colleague._id, { purchased: 2, assigned: 0, reserved: 0, free: 2 }, 1],
      first,
      second,
    ]);
    const ofOne = await itemsOf<CapacityView>(`/v1/capacity?productId=${POWER_BI_PREMIUM}`, own.reader);
    expect(ofOne).toHaveLength(1);
  });

  it('[ADM-4] has a trend: a sample of each day, and now', async () => {
    const own = await aShop();
    const mine = await aSubscriptionOf(own, 10, { purchaserId: own.buyer._id });
    const capacity = new CapacityRepository(own.gateway.database);
    expect(await capacity.sampleDay(daysAgo(9))).toBe(true);
    await collections().subscriptions.updateOne({ _id: mine._id }, { $set: { 'seats.assigned': 4 } });
    expect(await capacity.sampleDay(daysAgo(3))).toBe(true);
    const seats = { purchased: 12, assigned: 6, reservations: [] };
    await collections().subscriptions.updateOne({ _id: mine._id }, { $set: { seats } });
    const trend = async (query = '') =>
      (await itemsOf<CapacityView>(`/v1/capacity${query}`, own.reader)).map((item) => item.trend);
    const points = [
      { on: utcDay(daysAgo(9)), purchased: 10, assigned: 0, reserved: 0, free: 10 },
      { on: utcDay(daysAgo(3)), purchased: 10, assigned: 4, reserved: 0, free: 6 },
      { on: utcDay(now), purchased: 12, assigned: 6, reserved: 0, free: 6 },
    ];
    expect(await trend()).toEqual([points]);
    expect(await trend('?days=3')).toEqual([points.slice(1)]);
    expect(await trend('?days=2')).toEqual([points.slice(2)]);
    expect((await get('/v1/capacity?days=91', own.reader)).status).toBe(400);
  });

  it('[ADM-4] begins with its first day, and goes on after one that nobody sampled', async () => {
    const own = await aShop();
    await aSubscriptionOf(own, 10, { purchaserId: own.buyer._id });
    const days = async () =>
      (await itemsOf<CapacityView>('/v1/capacity', own.reader)).map((item) => item.trend.map(({ on }) => on));
    expect(await days()).toEqual([[utcDay(now)]]);
    const capacity = new CapacityRepository(own.gateway.database);
    for (const ago of [14, 12]) await capacity.sampleDay(daysAgo(ago));
    expect(await days()).toEqual([[utcDay(daysAgo(14)), utcDay(daysAgo(12)), utcDay(now)]]);
    // What was bought since has no past.
    await aSubscriptionOf(own, 5, { purchaserId: own.colleague._id });
    expect((await days()).map((trend) => trend.length).sort()).toEqual([1, 3]);
  });

  it('[ADM-4] of a thousand products comes by pages, each once', async () => {
    const own = await aShop();
    const ids = Array.from({ length: 1_000 }, (_, n) => `product-${String(n).padStart(4, '0')}`);
    const { _id: tenantId } = own.tenant;
    const seats = { purchased: 3, assigned: 1, reservations: [] };
    const rows = ids.map((productId) =>
      aSubscription(tenantId, { productId, purchaserId: own.buyer._id, seats }),
    );
    await collections().subscriptions.insertMany(rows);
    await new CapacityRepository(own.gateway.database).sampleDay(daysAgo(16));
    const read = async <T>(path: string): Promise<T[]> => {
      const items: T[] = [];
      for (let cursor: string | null = ''; cursor !== null;) {
        const at: string = cursor && `&cursor=${cursor}`;
        const { body }: { body: ListView<T> } = await get<T>(`${path}?limit=200${at}`, own.reader);
        items.push(...body.items);
        cursor = body.nextCursor;
      }
      return items;
    };
    const capacity = await read<CapacityView>('/v1/capacity');
    expect(capacity.map((item) => item.productId)).toEqual(ids);
    expect(capacity.every(({ trend }) => trend.length === 2)).toBe(true);
    expect((await read<ProductSeatsView>('/v1/products')).map((item) => item.productId)).toEqual(ids);
  });

  it('[ADM-4] is sampled once a day, by one of many; the first sample stands, of whom died half-way too', async () => {
    const own = await aShop();
    const mine = await aSubscriptionOf(own, 10, { purchaserId: own.buyer._id });
    const capacity = new CapacityRepository(own.gateway.database);
    const day = daysAgo(20);
    const did = await Promise.all(Array.from({ length: 8 }, () => capacity.sampleDay(day)));
    expect(did.filter(Boolean)).toHaveLength(1);
    const { subscriptions, capacityDays, capacitySamples } = collections();
    await subscriptions.updateOne({ _id: mine._id }, { $set: { 'seats.purchased': 99 } });
    // Whoever held it has died.
    const held = { done: false, until: addDays(new Date(), 1) };
    await capacityDays.updateOne({ _id: utcDay(day) }, { $set: held });
    expect(await capacity.sampleDay(day)).toBe(false);
    await capacityDays.updateOne({ _id: utcDay(day) }, { $set: { until: addDays(new Date(), -1) } });
    expect(await capacity.sampleDay(day)).toBe(true);
    const rows = await capacitySamples.find({ tenantId: own.tenant._id, on: utcDay(day) }).toArray();
    expect(rows.map((row) => row.purchased)).toEqual([10]);
  });
});

describe("the partner's view", () => {
  const delegate = async (
    partner: TenantDocument,
    { scopes = ['view'] as DelegationScope[], days = 30, tenant = aTenant() } = {},
  ): Promise<TenantDocument> => {
    await collections().tenants.updateOne({ _id: tenant._id }, { $setOnInsert: tenant }, { upsert: true });
    await collections().delegations.insertOne({
      _id: newId('del'),
      tenantId: tenant._id,
      partnerTenantId: partner._id,
      scopes,
      endsAt: addDays(new Date(), days),
    });
    return tenant;
  };

  const aPartner = async () => {
    const tenant = await shop.gateway.tenant();
    return { tenant, user: await shop.gateway.user(tenant, { roles: ['partner'] }) };
  };

  it('[ADM-7] names the tenants that delegated, with scopes and end, until they end; nobody else’s', async () => {
    const [partner, other] = await Promise.all([aPartner(), aPartner()]);
    const live = [
      await delegate(partner.tenant, { scopes: ['view', 'policy'] }),
      await delegate(partner.tenant),
      await delegate(partner.tenant),
    ];
    await delegate(partner.tenant, { days: -1 });
    await delegate(other.tenant);
    const items = await pagesOf<PartnerTenantView>('/v1/partner/tenants', partner.user);
    const newestFirst = live.map((tenant) => tenant._id).sort((a, b) => (a < b ? 1 : -1));
    expect(items.map((item) => item.tenantId)).toEqual(newestFirst);
    expect(items.find((item) => item.tenantId === live[0]?._id)).toMatchObject({
      domain: live[0]?.domains[0],
      displayName: 'Contoso',
      scopes: ['view', 'policy'],
    });
  });

  it('[ADM-7] is for partners at home alone', async () => {
    const { user, tenant } = await aPartner();
    const delegating = await delegate(tenant);
    const there = { headers: { 'commissary-tenant': delegating.domains[0] ?? '' } };
    const path = '/v1/partner/tenants';
    const abroad = await shop.gateway.as(user, 'GET', path, there);
    expect([abroad.status, abroad.body.code]).toEqual([403, 'forbidden']);
    for (const by of [shop.admin, shop.reader, shop.buyer]) expect((await get(path, by)).status).toBe(403);
  });

  const VIEWS = [
    '/v1/subscriptions',
    '/v1/products',
    `/v1/products/${POWER_BI_PRO}/purchasers`,
    `/v1/products/${POWER_BI_PRO}/purchasers/central/users`,
    '/v1/capacity',
    '/v1/operations',
    '/v1/users',
    '/v1/audit',
    '/v1/policies/AllowSelfServicePurchase/products',
    '/v1/subscriptions/{central}',
    '/v1/subscriptions/{central}/licenses',
    '/v1/subscriptions/{central}/orders',
    '/v1/exports/users?subscriptionId={central}',
  ];

  it.each<[DelegationScope[], string[]]>([
    [['view'], VIEWS],
    [['takeover'], ['/v1/operations']],
    [['policy'], ['/v1/policies/AllowSelfServicePurchase/products']],
  ])('[ADM-7] with the scope %j sees what it allows, and no more', async (scopes, allowed) => {
    const own = await aStockedShop();
    const { tenant, user } = await aPartner();
    await delegate(tenant, { scopes, tenant: own.tenant });
    const headers = { 'commissary-tenant': own.tenant.domains[0] ?? '' };
    const seen: string[] = [];
    for (const path of VIEWS) {
      const reply = await own.gateway.as(user, 'GET', path.replace('{central}', own.central._id), {
        headers,
      });
      if (reply.status === 200) seen.push(path);
      else expect([path, reply.status]).toEqual([path, 403]);
    }
    expect(seen).toEqual(allowed);
    const asks = (path: string, body: object) => post(own, user, path, body, headers);
    const asked = await asks(`/v1/subscriptions/${own.third._id}/cancellation-request`, {});
    const bought = await asks('/v1/subscriptions', { productId: POWER_BI_PRO, quantity: 1, term: 'P1Y' });
    const expected = scopes.includes('takeover') ? 201 : 403;
    expect([asked.status, bought.status]).toEqual([expected, expected]);
  });
});
