import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ListView } from '@commissary/contracts';
import { newId } from '@commissary/platform';
import {
  type AuditDocument,
  searchKeysOf,
  type SubscriptionDocument,
  subscriptionSearchKeys,
  type UserDocument,
} from '@commissary/store';
import { aLicense, aSubscription, aTenant, aUser } from '../support/documents.js';
import {
  aSubscriptionOf,
  openShop,
  type OrProblem,
  POWER_BI_PRO,
  type Shop,
} from '../support/gateway/shop.js';
import { SeededRandom } from '../support/seeded-random.js';
import { collectionsOf } from '../support/driver.js';

let shop: Shop;
let partner: UserDocument;

beforeAll(async () => {
  shop = await openShop();
  partner = await shop.gateway.user(await shop.gateway.tenant(), { roles: ['partner'] });
});

afterAll(() => shop.gateway.close());

const collections = () => collectionsOf(shop.gateway.database);

const get = (path: string, by: UserDocument = path.startsWith('/v1/partner') ? partner : shop.reader) =>
  shop.gateway.as<OrProblem<ListView<{ id?: string; userId?: string }>>>(by, 'GET', path);

describe('what a list is asked [EXT-1]', () => {
  const LISTS = [
    '/v1/subscriptions',
    '/v1/subscriptions/{sub}/licenses',
    '/v1/subscriptions/{sub}/orders',
    '/v1/users',
    '/v1/products',
    `/v1/products/${POWER_BI_PRO}/purchasers`,
    `/v1/products/${POWER_BI_PRO}/purchasers/{buyer}/users`,
    '/v1/capacity',
    '/v1/invoices',
    '/v1/payment-methods',
    '/v1/audit',
    '/v1/policies/AllowSelfServicePurchase/products',
    '/v1/policies/AllowSelfServicePurchase/history',
    '/v1/partner/tenants',
    '/v1/operations',
  ];
  const BAD = [
    ...['0', '201', '-1', '1.5', 'abc', '', '1e9', '0x'].map((limit) => `limit=${limit}`),
    ...['', 'garbage', '%00', 'e30=', 'x'.repeat(501), '%E2%80%AE', '..%2F..', 'null%20'].map(
      (cursor) => `cursor=${cursor}`,
    ),
  ];

  it.each(LISTS)('%s refuses a limit and a cursor that are none, by their names', async (list) => {
    const own = await aSubscriptionOf(shop, 5, { purchaserId: shop.buyer._id });
    const path = list.replace('{sub}', own._id).replace('{buyer}', shop.buyer._id);
    const replies = await Promise.all(BAD.map((query) => get(`${path}?${query}`)));
    expect(replies.map(({ status, body }, n) => [BAD[n], status, body.errors?.[0]?.pointer])).toEqual(
      BAD.map((query) => [query, 400, `/${query.split('=')[0]}`]),
    );
    const good = await Promise.all(['limit=1', 'limit=200'].map((query) => get(`${path}?${query}`)));
    expect(good.map(({ status }) => status)).toEqual([200, 200]);
    expect((await get(`${path}?colour=red`)).body.errors?.[0]).toMatchObject({ rule: 'unknown_field' });
  });

  it.each(['/v1/users', '/v1/subscriptions'])(
    '%s finds nothing by what is no name, and breaks by none',
    async (path) => {
      const ask = (q: string) => get(`${path}?q=${encodeURIComponent(q)}`);
      const refused = ['\0', 'a\0b', '\u202eevil', 'x'.repeat(10_240), ' ', '', 'two\r\nlines'];
      const replies = await Promise.all(refused.map(ask));
      expect(replies.map(({ status, body }) => [status, body.errors?.[0]?.pointer])).toEqual(
        refused.map(() => [400, '/q']),
      );
      const odd = [
        '.*',
        '^',
        '$',
        '(a+)+$',
        '[',
        '\\',
        '\\Q',
        '{"$gt":""}',
        'a|b',
        '*',
        '\u{1f600}',
        'x'.repeat(200),
      ];
      const found = await Promise.all(odd.map(ask));
      expect(found.map(({ status, body }) => [status, body.items])).toEqual(odd.map(() => [200, []]));
      const operators = await get(`${path}?q[$ne]=x`);
      expect([operators.status, operators.body.errors?.[0]?.rule]).toEqual([400, 'unknown_field']);
    },
  );
});

describe('a cursor, while rows come and go [EXT-1]', () => {
  const NAMES = ['Åsa Öberg', 'Alex Wilber', 'Asa Gray'];
  const BEFORE = 60;

  /** A list, and how its rows come and go. */
  interface Rows {
    path: string;
    /** In place of a later one an earlier one, where rows are not in the order of their making. */
    add(): Promise<string>;
    remove(id: string): Promise<unknown>;
  }

  const userRow = (name: string): UserDocument => {
    const _id = newId('usr');
    const person = { email: `${_id}@contoso.example`, displayName: name };
    return aUser(shop.tenant._id, { _id, ...person, searchKeys: searchKeysOf(person) });
  };

  const users = (query: string): Rows => ({
    path: `/v1/users?${query}`,
    add: async () => {
      const row = userRow('Åsa Öberg');
      await collections().users.insertOne(row);
      return row._id;
    },
    remove: (id) => collections().users.updateOne({ _id: id }, { $set: { state: 'deleted' } }),
  });

  const subscriptions = (query: string, fields: Partial<SubscriptionDocument>): Rows => ({
    path: `/v1/subscriptions?${query}`,
    add: async () => {
      const searchKeys = subscriptionSearchKeys('Éclair Suite', null);
      const row = aSubscription(shop.tenant._id, {
        seats: { purchased: 1, assigned: 0, reservations: [] },
        searchKeys,
        ...fields,
      });
      await collections().subscriptions.insertOne(row);
      return row._id;
    },
    remove: (id) => collections().subscriptions.deleteOne({ _id: id }),
  });

  const audit = (): Rows => ({
    path: '/v1/audit?action=thing.moved',
    add: async () => {
      // Many at the same moment, as in one transaction.
      const at = new Date(Math.floor(Date.now() / 50) * 50);
      const { _id: tenantId } = shop.tenant;
      const row = { _id: newId('aud'), tenantId, action: 'thing.moved', at, before: null, after: null };
      const rest = {
        actor: { userId: 'usr_x', displayName: '', tenantId },
        subject: { type: 'thing', id: 'x' },
      };
      const origin = { ip: '', requestId: '', operationId: null };
      // An action of no real entry keeps these rows apart from all others.
      await collections().audit.insertOne({ ...row, ...rest, ...origin } as unknown as AuditDocument);
      return row._id;
    },
    remove: (id) => collections().audit.deleteOne({ _id: id }),
  });

  const licenses = async (path: (of: SubscriptionDocument) => string): Promise<Rows> => {
    const seats = { purchased: 500, assigned: 0, reservations: [] };
    const of = await aSubscriptionOf(shop, 500, { purchaserId: newId('usr'), seats });
    return {
      path: path(of),
      add: async () => {
        const user = userRow('Licensed');
        await collections().users.insertOne(user);
        await collections().licenses.insertOne(aLicense(of, user._id));
        return user._id;
      },
      remove: (userId) => collections().licenses.deleteOne({ userId }),
    };
  };

  const tenants = (): Rows => ({
    path: '/v1/partner/tenants?',
    add: async () => {
      const tenant = aTenant();
      await collections().tenants.insertOne(tenant);
      const delegation = { _id: newId('del'), tenantId: tenant._id, partnerTenantId: partner.tenantId };
      const endsAt = new Date(Date.now() + 86_400_000);
      await collections().delegations.insertOne({ ...delegation, scopes: ['view'], endsAt });
      return tenant._id;
    },
    remove: (tenantId) => collections().delegations.deleteOne({ tenantId }),
  });

  it.each<[string, () => Rows | Promise<Rows>]>([
    ['users', () => users('')],
    ['users by a text', () => users('q=asa')],
    ['subscriptions', () => subscriptions('', {})],
    ['subscriptions by a text', () => subscriptions('q=eclair', {})],
    [
      'subscriptions by origin and text',
      () => subscriptions('origin=central&q=suite', { origin: 'central' }),
    ],
    ['subscriptions by status', () => subscriptions('status=expired', { status: 'expired' })],
    ['the audit trail', audit],
    ['licenses', () => licenses(({ _id }) => `/v1/subscriptions/${_id}/licenses?`)],
    [
      "a purchaser's users",
      () =>
        licenses(
          ({ productId, purchaserId }) => `/v1/products/${productId}/purchasers/${purchaserId}/users?`,
        ),
    ],
    ["a partner's tenants", tenants],
  ])('%s: none that was there throughout is missed, none comes twice', async (_, make) => {
    const seed = SeededRandom.anySeed();
    const random = new SeededRandom(seed);
    const rows = await make();
    const stays = new Set<string>();
    for (let n = 0; n < BEFORE; n += 1) stays.add(await rows.add());
    const goes: string[] = [];
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const limit = random.int(1, 15);
      const { body }: { body: ListView<{ id?: string; userId?: string; tenantId?: string }> } = await get(
        `${rows.path}&limit=${limit}${cursor && `&cursor=${cursor}`}`,
      );
      const page = body.items.map((item) => item.tenantId ?? item.userId ?? item.id ?? '');
      seen.push(...page);
      // The row the cursor stands on, and any other; and new ones, which may be shown or not.
      const gone = [...(random.chance(0.5) ? page.slice(-1) : []), random.pick([...stays])];
      for (const id of gone.filter((each) => stays.has(each))) {
        await rows.remove(id);
        stays.delete(id);
        goes.push(id);
      }
      for (let n = random.int(0, 3); n > 0; n -= 1) await rows.add();
      cursor = body.nextCursor;
    }
    expect({ seed, twice: seen.filter((id, place) => seen.indexOf(id) !== place) }).toEqual({
      seed,
      twice: [],
    });
    expect({ seed, missed: [...stays].filter((id) => !seen.includes(id)) }).toEqual({ seed, missed: [] });
    expect(goes.length).toBeGreaterThan(2);
  });

  it('finds people whatever the case and the accents [ADM-1]', async () => {
    const rows = NAMES.map(userRow);
    await collections().users.insertMany(rows);
    const found = async (q: string): Promise<string[]> =>
      (await get(`/v1/users?limit=200&q=${encodeURIComponent(q)}`)).body.items.flatMap((item) =>
        rows.filter((row) => row._id === item.id).map((row) => row.displayName),
      );
    expect((await found('ASA')).sort()).toEqual(['Asa Gray', 'Åsa Öberg']);
    expect(await found('åsa ö')).toEqual(['Åsa Öberg']);
    expect(await found('WIL')).toEqual(['Alex Wilber']);
    expect(await found(rows[1]!.email.toUpperCase())).toEqual(['Alex Wilber']);
    expect(await found('ilber')).toEqual([]);
  });
});
