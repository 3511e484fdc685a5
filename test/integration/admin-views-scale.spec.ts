import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CapacityView, LicenseView, ListView, ProductPurchaserView } from '@commissary/contracts';
import { newId } from '@commissary/platform';
import { CapacityRepository, type UserDocument } from '@commissary/store';
import { aLicense, aSubscription, aUser } from '../support/documents.js';
import { Profile, type Profiled } from '../support/fixtures/profile.js';
import { openShop, POWER_BI_PRO, type Shop } from '../support/gateway/shop.js';
import { collectionsOf } from '../support/driver.js';

/** Counts, never times: what a page asks of MongoDB does not grow with the tenant. */

const PURCHASERS = 5_000;
const HOLDERS = 3_000;

let shop: Shop;
let profile: Profile;
let purchasers: UserDocument[];

beforeAll(async () => {
  shop = await openShop();
  const collections = collectionsOf(shop.gateway.database);
  const { _id: tenantId } = shop.tenant;
  purchasers = Array.from({ length: PURCHASERS }, () => aUser(tenantId));
  const holders = Array.from({ length: HOLDERS }, () => aUser(tenantId));
  const seats = { purchased: 2, assigned: 0, reservations: [] };
  const bought = purchasers.map(({ _id: purchaserId }) => aSubscription(tenantId, { purchaserId, seats }));
  const [, large] = bought;
  Object.assign(large!, { seats: { purchased: HOLDERS, assigned: HOLDERS, reservations: [] } });
  const ended = purchasers.map(({ _id: purchaserId }) =>
    aSubscription(tenantId, { purchaserId, seats, status: 'deleted' }),
  );
  const central = aSubscription(tenantId, { origin: 'central', seats });
  await collections.users.insertMany([...purchasers, ...holders]);
  await collections.subscriptions.insertMany([...bought, ...ended, central]);
  await collections.licenses.insertMany(holders.map((user) => aLicense(large!, user._id)));
  profile = await Profile.open(shop.gateway.database);
});

afterAll(() => shop.gateway.close());

const get = async <T>(path: string): Promise<ListView<T>> => {
  const { status, body } = await shop.gateway.as<ListView<T>>(shop.reader, 'GET', path);
  expect(status).toBe(200);
  return body;
};

/** Documents looked at, by collection, and the page. */
const examined = async <T>(path: string): Promise<{ page: ListView<T>; counts: Record<string, number> }> => {
  let page: ListView<T> = { items: [], nextCursor: null };
  const rows = await profile.during(async () => {
    page = await get<T>(path);
  });
  const counts: Record<string, number> = {};
  const add = ({ collection, docsExamined }: Profiled) => {
    counts[collection] = (counts[collection] ?? 0) + docsExamined;
  };
  rows.filter(({ op }) => op !== 'killcursors').forEach(add);
  return { page, counts };
};

const cursorAfter = (key: string): string => `&cursor=${Buffer.from(key).toString('base64url')}`;

describe('a page of the admin views', () => {
  const LIMIT = 50;
  const path = `/v1/products/${POWER_BI_PRO}/purchasers`;
  const deep = () => purchasers.map((user) => user._id).sort()[PURCHASERS - 100]!;

  it('[ADM-2] of purchasers looks at its own rows, the first page and a deep one alike', async () => {
    await get(path);
    for (const cursor of ['', cursorAfter(deep())]) {
      const { page, counts } = await examined<ProductPurchaserView>(`${path}?limit=${LIMIT}${cursor}`);
      expect(page.items).toHaveLength(LIMIT);
      // A row more tells that there is a next page, and another that the last group is whole.
      expect(counts['subscriptions']).toBeLessThanOrEqual(LIMIT + 2);
      // The page's purchasers, and the caller.
      expect(counts['users']).toBeLessThanOrEqual(LIMIT + 2);
    }
  });

  it('[ADM-2] of what is central does not go through what is not', async () => {
    const { page, counts } = await examined<ProductPurchaserView>(`${path}?origin=central`);
    expect(page.items).toHaveLength(1);
    expect(counts['subscriptions']).toBeLessThanOrEqual(2);
  });

  it('[ADM-2] of the users of a purchaser looks at its own rows', async () => {
    const { _id: purchaserId } = purchasers[1]!;
    const { page, counts } = await examined<LicenseView>(`${path}/${purchaserId}/users?limit=${LIMIT}`);
    expect(page.items).toHaveLength(LIMIT);
    expect(counts['licenses']).toBeLessThanOrEqual(LIMIT + 1);
    expect(counts['subscriptions']).toBe(1);
  });

  it('[ADM-2] of the users of hundreds of subscriptions is in order, and sorts nothing in MongoDB', async () => {
    const { _id: tenantId } = shop.tenant;
    const collections = collectionsOf(shop.gateway.database);
    const [buyer, ...users] = Array.from({ length: 451 }, () => aUser(tenantId));
    const seats = { purchased: 1, assigned: 1, reservations: [] };
    const many = users.map(() => aSubscription(tenantId, { purchaserId: buyer!._id, seats }));
    await collections.users.insertMany([buyer!, ...users]);
    await collections.subscriptions.insertMany(many);
    await collections.licenses.insertMany(users.toReversed().map((user, n) => aLicense(many[n]!, user._id)));
    const seen: string[] = [];
    let stages: string[] = [];
    let page: ListView<LicenseView> = { items: [], nextCursor: '' };
    while (page.nextCursor !== null) {
      const at = page.nextCursor && `&cursor=${page.nextCursor}`;
      const rows = await profile.during(async () => {
        page = await get<LicenseView>(`${path}/${buyer!._id}/users?limit=200${at}`);
      });
      seen.push(...page.items.map((item) => item.userId));
      stages = [...stages, ...rows.flatMap((row) => row.stages)];
    }
    expect(seen).toEqual(users.map((user) => user._id).sort());
    expect(stages).toContain('SORT_MERGE');
    expect(stages).not.toContain('SORT');
    await collections.subscriptions.deleteMany({ purchaserId: buyer!._id });
  });

  it('[ADM-4] of capacity looks at its own rows and samples, the first page and a deep one alike', async () => {
    await new CapacityRepository(shop.gateway.database).sampleDay(new Date(Date.now() - 86_400_000));
    for (const cursor of ['', cursorAfter(`${POWER_BI_PRO}:${deep()}`)]) {
      const { page, counts } = await examined<CapacityView>(`/v1/capacity?limit=${LIMIT}${cursor}`);
      expect(page.items).toHaveLength(LIMIT);
      expect(page.items.every(({ trend }) => trend.length === 2)).toBe(true);
      // Of what is central, which comes first, one row is seen.
      expect(counts['subscriptions']).toBeLessThanOrEqual(LIMIT + 3);
      expect(counts['capacitySamples']).toBeLessThanOrEqual(LIMIT + 1);
    }
  });

  it('[ADM-2] all of them go along an index, and sort nothing', async () => {
    const { subscriptions } = collectionsOf(shop.gateway.database);
    const { _id: tenantId } = shop.tenant;
    const living = { tenantId, status: { $in: ['active', 'expired', 'disabled'] } };
    const stagesOf = async (filter: object): Promise<string[]> => {
      const plan: unknown = await subscriptions
        .find(filter)
        .sort({ productId: 1, purchaserId: 1, _id: 1 })
        .hint('livingSeats')
        .explain('queryPlanner');
      const { winningPlan } = (plan as { queryPlanner: { winningPlan: object } }).queryPlanner;
      return [...JSON.stringify(winningPlan).matchAll(/"(?:stage|indexName)":"(\w+)"/g)].map(
        ([, name]) => name!,
      );
    };
    const after = { productId: POWER_BI_PRO, purchaserId: { $gt: newId('usr') } };
    const asked = [
      { ...living, origin: 'selfService' },
      { ...living, productId: POWER_BI_PRO },
      { ...living, ...after },
      {
        $or: [
          { ...living, ...after },
          { ...living, productId: { $gt: POWER_BI_PRO } },
        ],
      },
    ];
    for (const filter of asked) {
      const stages = await stagesOf(filter);
      expect(stages).toContain('IXSCAN');
      expect(stages.filter((stage) => ['SORT', 'COLLSCAN'].includes(stage))).toEqual([]);
    }
  });

  it('[ADM-2] of products reads what lives, by an index, in one query', async () => {
    const { counts } = await examined('/v1/products?origin=selfService');
    expect(counts['subscriptions']).toBe(PURCHASERS);
  });
});
