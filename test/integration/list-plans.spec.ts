import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ListView } from '@commissary/contracts';
import { addDays, ORIGINS, SUBSCRIPTION_STATUSES, utcDay } from '@commissary/domain';
import { newId } from '@commissary/platform';
import {
  type AuditDocument,
  type InvoiceDocument,
  type OrderDocument,
  type PolicyChangeDocument,
  searchKeysOf,
  type SubscriptionDocument,
  subscriptionSearchKeys,
  type TenantDocument,
  type UserDocument,
} from '@commissary/store';
import { aLicense, aSubscription, aTenant, aUser } from '../support/documents.js';
import { Profile } from '../support/fixtures/profile.js';
import { openShop, type Shop } from '../support/gateway/shop.js';
import { SeededRandom } from '../support/seeded-random.js';
import { collectionsOf, UNCHECKED } from '../support/driver.js';

/**
 * Every list as it is asked for over HTTP: what the gateway's own queries looked at and by which plan, by the record of the server
 * that ran them. A page looks at its own rows, goes along an index and sorts nothing, the first page and a deep one alike.
 */
const ROWS = 3_000;
/** Of them two thirds are not deleted: more than a search puts in order by itself. */
const USERS = 8_000;
const PRODUCTS = 6;
const PURCHASERS = 12;
const LIMIT = 20;
/** Documents looked at for each one returned. [EXT-1] */
const SHARE = 1.1;

let shop: Shop;
let profile: Profile;
let partner: UserDocument;
let purchasers: UserDocument[];
let held: SubscriptionDocument;

const random = new SeededRandom(7);

const rows = <T>(make: (place: number) => T, length = ROWS): T[] =>
  Array.from({ length }, (_, place) => make(place));
const NOW = new Date();
const moment = (place: number): Date => new Date(NOW.getTime() - 60_000 * (ROWS - Math.floor(place / 3)));

const GIVEN = ['Alex', 'Åsa', 'Casey', 'Dana', 'Émile'];
const FAMILY = ['Wilber', 'Bowen', 'van der Berg', 'Sayers', 'Öberg', 'Ray', 'Gold'];

const aPerson = (tenantId: string, place: number): UserDocument => {
  const displayName = `${random.pick(GIVEN)} ${random.pick(FAMILY)}`;
  const email = `person${place}@${tenantId.slice(-12)}.example`;
  return aUser(tenantId, {
    displayName,
    email,
    state: place % 3 === 1 ? 'deleted' : 'active',
    searchKeys: searchKeysOf({ email, displayName }),
  });
};

const aBought = (tenantId: string): SubscriptionDocument => {
  const origin = random.pick(ORIGINS);
  const purchaser = origin === 'central' ? null : random.pick(purchasers);
  const product = random.int(0, PRODUCTS - 1);
  return aSubscription(tenantId, {
    seats: { purchased: 5, assigned: 0, reservations: [] },
    origin,
    status: random.pick(SUBSCRIPTION_STATUSES),
    productId: `product-${product}`,
    productName: `Product ${product}`,
    purchaserId: purchaser?._id ?? null,
    searchKeys: subscriptionSearchKeys(`Product ${product}`, purchaser),
  });
};

const anOrder = ({ tenantId }: SubscriptionDocument, place: number) =>
  ({
    _id: newId('ord'),
    tenantId,
    subscriptionId: held._id,
    createdAt: moment(place),
    settledAt: null,
  }) as unknown as OrderDocument;

const anInvoice = (tenantId: string, place: number) =>
  ({
    _id: newId('inv'),
    tenantId,
    userId: random.pick(purchasers)._id,
    status: place % 20 === 0 ? 'open' : 'paid',
    lines: [],
    issuedAt: moment(place),
    paidAt: null,
  }) as unknown as InvoiceDocument;

/** Its actions are made up, so that a filter finds a known share of the entries. */
const anEntry = (tenantId: string, place: number) =>
  ({
    _id: newId('aud'),
    tenantId,
    actor: { userId: random.pick(purchasers)._id, displayName: 'X', tenantId },
    action: `thing.changed${place % 40}`,
    subject: { type: 'thing', id: 'x' },
    before: null,
    after: null,
    ip: '',
    requestId: 'req_x',
    operationId: null,
    at: moment(place),
  }) as unknown as AuditDocument;

const aVersion = (tenantId: string, place: number): PolicyChangeDocument => ({
  _id: newId('pol'),
  tenantId,
  version: place + 1,
  changes: [],
  changedBy: 'usr_x',
  at: moment(place),
});

const load = async ({ _id: tenantId }: TenantDocument): Promise<void> => {
  const collections = collectionsOf(shop.gateway.database);
  const seats = { purchased: USERS, assigned: USERS, reservations: [] };
  const productId = 'product-0';
  held = aSubscription(tenantId, { seats, productId, purchaserId: purchasers[0]!._id });
  const people = rows((place) => aPerson(tenantId, place), USERS);
  await Promise.all([
    collections.users.insertMany(people),
    collections.subscriptions.insertMany([...rows(() => aBought(tenantId)), held]),
    collections.licenses.insertMany(people.map((user) => aLicense(held, user._id))),
    collections.orders.insertMany(
      rows((place) => anOrder(held, place)),
      UNCHECKED,
    ),
    collections.invoices.insertMany(
      rows((place) => anInvoice(tenantId, place)),
      UNCHECKED,
    ),
    collections.audit.insertMany(
      rows((place) => anEntry(tenantId, place)),
      UNCHECKED,
    ),
    collections.policyChanges.insertMany(rows((place) => aVersion(tenantId, place))),
  ]);
};

const delegate = async (partnerTenantId: string): Promise<void> => {
  const collections = collectionsOf(shop.gateway.database);
  const tenants = Array.from({ length: 300 }, () => aTenant());
  await collections.tenants.insertMany(tenants);
  await collections.delegations.insertMany(
    tenants.map(({ _id: tenantId }, place) => ({
      ...{ _id: newId('del'), tenantId, partnerTenantId, scopes: ['view' as const] },
      endsAt: addDays(NOW, place % 3 === 0 ? 30 : -1),
    })),
  );
};

beforeAll(async () => {
  shop = await openShop();
  const home = await shop.gateway.tenant();
  partner = await shop.gateway.user(home, { roles: ['partner'] });
  for (const tenant of [await shop.gateway.tenant(), shop.tenant]) {
    purchasers = Array.from({ length: PURCHASERS }, (_, n) =>
      aUser(tenant._id, { displayName: `Buyer ${n}` }),
    );
    await collectionsOf(shop.gateway.database).users.insertMany(purchasers);
    await load(tenant);
  }
  await delegate(home._id);
  profile = await Profile.open(shop.gateway.database);
}, 60_000);

afterAll(() => shop.gateway.close());

const get = async (path: string): Promise<ListView<unknown>> => {
  const by = path.startsWith('/v1/partner') ? partner : shop.reader;
  const { status, body } = await shop.gateway.as<ListView<unknown>>(by, 'GET', path);
  expect([path, status]).toEqual([path, 200]);
  return body;
};

const withQuery = (path: string, query: string): string => `${path}${path.includes('?') ? '&' : '?'}${query}`;

/** Of the last full page but one, or of what there is after the first hundreds of rows. */
const deepCursor = async (path: string): Promise<string | null> => {
  let cursor: string | null = null;
  for (let page = 0; page < 1; page += 1) {
    const at: string = cursor === null ? '' : `&cursor=${cursor}`;
    const { nextCursor } = await get(withQuery(path, `limit=200${at}`));
    if (nextCursor === null) return cursor;
    cursor = nextCursor;
  }
  return cursor;
};

const CATALOG = ['products', 'markets', 'eligibilityRules'];
const NEVER = ['COLLSCAN', 'SORT', 'SORT_KEY_GENERATOR'];

/** Every query of a page was cheap, and how many rows it gave. */
const expectCheap = async (path: string): Promise<number> => {
  let items = 0;
  const seen = await profile.during(async () => {
    items = (await get(path)).items.length;
  });
  // The catalog is kept in memory, and read whole when it is.
  const asked = seen.filter(({ collection }) => !CATALOG.includes(collection));
  for (const { collection, docsExamined, found, stages } of asked) {
    const query = `${path}: ${collection}`;
    expect([query, stages.filter((stage) => NEVER.includes(stage))]).toEqual([query, []]);
    const allowed = Math.floor(found * SHARE) + 2;
    expect([query, docsExamined, docsExamined <= allowed]).toEqual([query, docsExamined, true]);
  }
  return items;
};

const pairs = <T>(list: readonly T[]): T[][] => [
  ...list.map((one) => [one]),
  ...list.flatMap((one, place) => list.slice(place + 1).map((other) => [one, other])),
];

const FILTERS = [
  'origin=selfService',
  'status=expired',
  'productId=product-3',
  'purchaser={purchaser}',
  'q=product',
  'q=buyer',
];
const SUBSCRIPTIONS = pairs(FILTERS)
  .map((filters) => filters.join('&'))
  .filter((query) => query.split('q=').length < 3);

const PATHS = [
  '/v1/subscriptions',
  ...SUBSCRIPTIONS.map((query) => `/v1/subscriptions?${query}`),
  '/v1/subscriptions?origin=selfService&status=active&productId=product-3&purchaser={purchaser}&q=pro',
  '/v1/subscriptions?q=product%205',
  '/v1/subscriptions?q={email}',
  '/v1/subscriptions/{held}/licenses',
  '/v1/subscriptions/{held}/orders',
  '/v1/users',
  ...[
    'alex',
    'asa%20ob',
    'WILBER',
    'der%20berg',
    'person',
    'person2',
    'nobody%20at%20all',
    '.*',
    '%C3%A9mile',
  ].map((q) => `/v1/users?q=${q}`),
  '/v1/products/product-0/purchasers',
  '/v1/products/product-0/purchasers?origin=selfService',
  '/v1/products/product-0/purchasers?origin=central',
  '/v1/products/product-0/purchasers/{purchaser}/users',
  '/v1/capacity',
  '/v1/capacity?productId=product-1',
  '/v1/invoices',
  '/v1/invoices?status=open',
  '/v1/audit',
  '/v1/audit?actor={purchaser}',
  '/v1/audit?action=thing.changed7',
  '/v1/audit?actor={purchaser}&action=thing.changed0',
  '/v1/audit?from={from}&to={to}',
  '/v1/audit?from={from}&to={to}&actor={purchaser}',
  '/v1/audit?to={to}&action=thing.changed7',
  '/v1/policies/AllowSelfServicePurchase/history',
  '/v1/partner/tenants',
];

const filled = (path: string): string =>
  path
    .replace('{purchaser}', purchasers[0]!._id)
    .replace('{email}', purchasers[0]!.email)
    .replace('{held}', held._id)
    .replace('{from}', moment(300).toISOString())
    .replace('{to}', moment(900).toISOString());

/** What these find, nobody is called or has. */
const EMPTY = ['q=nobody%20at%20all', 'q=.*'];

describe('a page of a list [EXT-1, ADM-1, ADM-2, ADM-4, ADM-7, ADM-9, POL-7]', () => {
  it.each(PATHS)('%s looks at its own rows, by an index, and sorts nothing', async (path) => {
    const url = withQuery(filled(path), `limit=${LIMIT}`);
    const items = await expectCheap(url);
    expect([path, items > 0]).toEqual([path, !EMPTY.some((query) => path.endsWith(query))]);
    const cursor = await deepCursor(filled(path));
    if (cursor !== null) await expectCheap(withQuery(url, `cursor=${cursor}`));
  });

  it('[ADM-4] reads a sample of each day and group, by an index', async () => {
    const { capacitySamples } = collectionsOf(shop.gateway.database);
    const { _id: tenantId } = shop.tenant;
    const samples = purchasers.flatMap(({ _id: purchaserId }) =>
      Array.from({ length: 40 }, (_, days) => {
        const on = utcDay(addDays(NOW, -days - 1));
        const seats = { purchased: 5, assigned: 0, reserved: 0 };
        const _id = `${on}:${purchaserId}`;
        return { _id, tenantId, productId: 'product-1', purchaserId, on, at: NOW, ...seats };
      }),
    );
    await capacitySamples.insertMany(samples);
    expect(await expectCheap('/v1/capacity?productId=product-1&days=30')).toBeGreaterThan(0);
  });
});
