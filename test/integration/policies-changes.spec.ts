import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { runAudit } from '@commissary/audit';
import type {
  ListView,
  PolicyChangeView,
  PolicyDefaultView,
  PolicyProductView,
  PolicyView,
  QuoteView,
} from '@commissary/contracts';
import type { DelegationScope, PolicyValue } from '@commissary/domain';
import { newId } from '@commissary/platform';
import type { TenantDocument, UserDocument } from '@commissary/store';
import { openShop, type OrProblem, post, POWER_BI_PRO, type Shop } from '../support/gateway/shop.js';
import { TestGateway } from '../support/gateway/test-gateway.js';
import { collectionsOf } from '../support/driver.js';

const POLICY = '/v1/policies/AllowSelfServicePurchase';
const POWER_APPS = 'CFQ7TTC0LH2H';
const VISIO = 'CFQ7TTC0HD33';

let shop: Shop;
let tenant: TenantDocument;
let admin: UserDocument;

beforeAll(async () => {
  shop = await openShop();
});

beforeEach(async () => {
  tenant = await shop.gateway.tenant();
  admin = await shop.gateway.user(tenant, { roles: ['billingAdmin'], displayName: 'Robin Counts' });
});

afterAll(async () => {
  const { violations } = await runAudit({ database: shop.gateway.database });
  await shop.gateway.close();
  expect(violations).toEqual([]);
});

interface With {
  /** `*` unless given; null: none is sent. */
  ifMatch?: string | null;
  key?: string;
  by?: UserDocument;
  tenantName?: string;
}

const send = <T>(method: string, path: string, body: unknown, options: With = {}) => {
  const { ifMatch = '*', key, by = admin, tenantName } = options;
  return shop.gateway.as<OrProblem<T>>(by, method, `${POLICY}${path}`, {
    ...(body !== undefined && { body }),
    headers: {
      ...(ifMatch !== null && { 'if-match': ifMatch }),
      ...(key !== undefined && { 'idempotency-key': key }),
      ...(tenantName !== undefined && { 'commissary-tenant': tenantName }),
    },
  });
};

const read = <T>(path: string, by = admin) => shop.gateway.as<OrProblem<T>>(by, 'GET', `${POLICY}${path}`);
const setDefault = (policyValue: PolicyValue, options?: With) =>
  send<PolicyDefaultView>('PUT', '/default', { policyValue }, options);
const setMany = (values: Record<string, PolicyValue>, options?: With) => {
  const items = Object.entries(values).map(([productId, policyValue]) => ({ productId, policyValue }));
  return send<ListView<PolicyProductView>>('PUT', '/products', { items }, options);
};
const revert = (version: number | string, options?: With) =>
  send<PolicyChangeView>('POST', `/history/${version}/revert`, undefined, { key: newId('req'), ...options });
const history = async (query = '') => (await read<ListView<PolicyChangeView>>(`/history${query}`)).body;

/** Each product's value in force. */
const values = async (): Promise<Record<string, PolicyValue>> => {
  const { items } = (await read<ListView<PolicyProductView>>('/products?limit=200')).body;
  return Object.fromEntries(items.map((item) => [item.productId, item.policyValue]));
};
const version = async (): Promise<string | null> => (await read<PolicyView>('')).headers.get('etag');

describe('the default', () => {
  it('[POL-5] is the switch for the whole organization: products follow it unless they have a value of their own', async () => {
    await setMany({ [POWER_APPS]: 'Enabled' });
    const answer = await setDefault('Disabled', { ifMatch: '"1"' });
    expect(answer.body).toEqual({ policyId: 'AllowSelfServicePurchase', policyValue: 'Disabled' });
    expect(answer.headers.get('etag')).toBe('"2"');
    expect((await read<PolicyDefaultView>('/default')).body).toEqual(answer.body);
    expect((await read<PolicyView>('')).body.defaultValue).toBe('Disabled');
    const all = await values();
    expect(all[POWER_APPS]).toBe('Enabled');
    expect(new Set(Object.entries(all).map(([id, value]) => id !== POWER_APPS && value))).toEqual(
      new Set([false, 'Disabled']),
    );
  });

  it('[POL-5, POL-4] holds for a product that comes later, and for the next quote', async () => {
    await setDefault('Disabled');
    const { products } = collectionsOf(shop.gateway.database);
    const like = await products.findOne({ _id: POWER_BI_PRO });
    if (!like) throw new Error('the catalog is empty');
    // A gateway that starts now reads the catalog anew.
    const productId = 'NEWCOMER0001';
    await products.insertOne({ ...like, _id: productId, productName: 'Newcomer' });
    const later = await TestGateway.start({ MONGODB_URI: shop.gateway.services.mongodbUri });
    try {
      const { body } = await later.as<PolicyProductView>(admin, 'GET', `${POLICY}/products/${productId}`);
      expect(body.policyValue).toBe('Disabled');
    } finally {
      await later.close();
      await products.deleteOne({ _id: productId });
    }
    const buyer = await shop.gateway.user(tenant);
    const ask = { productId: POWER_BI_PRO, offer: 'purchase', quantity: 1, term: 'P1M' };
    const quote = await post<OrProblem<QuoteView>>(shop, buyer, '/v1/quotes', ask);
    expect([quote.status, quote.body.reasons]).toEqual([403, ['policy_disabled']]);
  });
});

describe('many products at once', () => {
  it('[POL-6] all are set as one version, told once; the same again is none', async () => {
    const wanted = { [POWER_BI_PRO]: 'Disabled', [VISIO]: 'OnlyTrialsWithoutPaymentMethod' } as const;
    const first = await setMany(wanted, { ifMatch: '"0"' });
    expect(first.body.items.map((item) => [item.productId, item.policyValue])).toEqual(
      Object.entries(wanted),
    );
    expect(first.headers.get('etag')).toBe('"1"');
    const again = await setMany(wanted, { ifMatch: '"1"' });
    expect([again.status, again.headers.get('etag')]).toEqual([200, '"1"']);
    expect(await values()).toMatchObject(wanted);
    const { audit, events } = collectionsOf(shop.gateway.database);
    const tenantId = tenant._id;
    expect(await audit.find({ tenantId, action: 'policy.set' }).toArray()).toMatchObject([
      {
        actor: { userId: admin._id },
        before: { version: 0, values: { [POWER_BI_PRO]: 'Enabled', [VISIO]: 'Enabled' } },
        after: { version: 1, values: wanted },
      },
    ]);
    expect(await events.find({ tenantId }).toArray()).toMatchObject([
      { type: 'policy.changed', data: { version: 1 } },
    ]);
  });

  it('[POL-6] nothing is set if one is unknown or named twice, and each such item is named', async () => {
    const item = (productId: string) => ({ productId, policyValue: 'Disabled' });
    const items = [POWER_BI_PRO, 'NOTHING', VISIO, POWER_BI_PRO, '__proto__'].map(item);
    const { status, body } = await send<object>('PUT', '/products', { items });
    expect([status, body.code]).toEqual([400, 'invalid_request']);
    expect(body.errors?.map(({ pointer, rule }) => [pointer, rule])).toEqual([
      ['/items/1/productId', 'known'],
      ['/items/3/productId', 'unique'],
      ['/items/4/productId', 'known'],
    ]);
    expect(await version()).toBe('"0"');
  });

  it.each([
    ['no items', []],
    ['1,001 items', Array.from({ length: 1001 }, (_, i) => ({ productId: `P${i}`, policyValue: 'Enabled' }))],
    ['an unknown value', [{ productId: POWER_BI_PRO, policyValue: 'Off' }]],
    ['an unknown field', [{ productId: POWER_BI_PRO, policyValue: 'Disabled', force: true }]],
  ])('[POL-6] refuses %s', async (_case, items) => {
    const { status, body } = await send<object>('PUT', '/products', { items });
    expect([status, body.code]).toEqual([400, 'invalid_request']);
  });

  it('[POL-6] of 20 first changes of a tenant at once each is whole and has a version of its own', async () => {
    const products = Object.keys(await values());
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => {
        const policyValue = i % 2 === 0 ? 'Disabled' : 'OnlyTrialsWithoutPaymentMethod';
        return setMany(Object.fromEntries(products.map((id) => [id, policyValue])));
      }),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    // Whoever came last, all products are as that one said.
    expect(new Set(Object.values(await values())).size).toBe(1);
    const { items } = await history('?limit=200');
    expect(items.map((item) => item.version)).toEqual(items.map((_, i) => items.length - i));
  });

  it('[POL-6] of 10 changes of what was read at the same version exactly one is made', async () => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        setMany(
          { [POWER_BI_PRO]: i % 2 ? 'Disabled' : 'OnlyTrialsWithoutPaymentMethod' },
          { ifMatch: '"0"' },
        ),
      ),
    );
    const codes = answers.map(({ status, body }) => (status === 200 ? status : body.code)).sort();
    expect(codes).toEqual([200, ...Array<string>(9).fill('stale')]);
    expect(await version()).toBe('"1"');
  });
});

describe('If-Match', () => {
  it.each(['/default', '/products', '/file', '/history/1/revert'])(
    '[POL-6] is needed for %s; what has changed since is not overwritten',
    async (path) => {
      await setMany({ [VISIO]: 'Disabled' });
      await setMany({ [VISIO]: 'OnlyTrialsWithoutPaymentMethod' });
      const bodies: Record<string, unknown> = {
        '/default': { policyValue: 'Disabled' },
        '/products': { items: [{ productId: POWER_BI_PRO, policyValue: 'Disabled' }] },
        '/file': { defaultValue: 'Disabled', items: [] },
      };
      const ask = (ifMatch: string | null) =>
        send<object>(path.endsWith('revert') ? 'POST' : 'PUT', path, bodies[path], {
          ifMatch,
          key: newId('req'),
        });
      const without = await ask(null);
      expect([without.status, without.body.code]).toEqual([400, 'invalid_request']);
      expect(without.body.detail).toContain('If-Match');
      for (const stale of ['"1"', '"3"', 'W/"2"', 'nonsense']) {
        const { status, body } = await ask(stale);
        expect([status, body.code]).toEqual([412, 'stale']);
      }
      expect(await version()).toBe('"2"');
      expect((await ask('"2"')).status).toBe(200);
      expect(await version()).toBe('"3"');
    },
  );

  it('[POL-6] any read of the policy gives one that is good for a change', async () => {
    for (const path of ['', '/default', '/products', `/products/${VISIO}`, '/file', '/history']) {
      const etag = (await read<object>(path)).headers.get('etag');
      const policyValue = (await values())[VISIO] === 'Disabled' ? 'Enabled' : 'Disabled';
      const { status } = await setMany({ [VISIO]: policyValue }, { ifMatch: etag });
      expect([path, status]).toEqual([path, 200]);
    }
  });

  it('[EXT-1] a list that gains a product is read anew, whatever the version', async () => {
    const path = `${POLICY}/products`;
    const one = await shop.gateway.as(admin, 'GET', `${path}?limit=1`);
    const two = await shop.gateway.as(admin, 'GET', `${path}?limit=2`);
    expect(one.headers.get('etag')).not.toBe(two.headers.get('etag'));
    const headers = { 'if-none-match': one.headers.get('etag') ?? '' };
    expect((await shop.gateway.as(admin, 'GET', `${path}?limit=1`, { headers })).status).toBe(304);
  });
});

describe('the history', () => {
  it('[POL-7] tells each version, newest first, page by page: what, who and when', async () => {
    const began = Date.now() - 5_000;
    await setMany({ [POWER_BI_PRO]: 'Disabled', [VISIO]: 'Disabled' });
    await setDefault('OnlyTrialsWithoutPaymentMethod');
    const [second, first] = (await history()).items;
    const changedBy = { userId: admin._id, displayName: 'Robin Counts' };
    const own = { before: 'Enabled', after: 'Disabled', inheritedBefore: true, inheritedAfter: false };
    expect(second).toMatchObject({
      version: 2,
      changes: [],
      defaultValue: { before: 'Enabled', after: 'OnlyTrialsWithoutPaymentMethod' },
      revertedTo: null,
      changedBy,
    });
    expect(first).toMatchObject({
      version: 1,
      changes: [
        { productId: POWER_BI_PRO, productName: 'Power BI Pro', ...own },
        { productId: VISIO, productName: 'Visio Plan 1', ...own },
      ].sort((a, b) => (a.productId < b.productId ? -1 : 1)),
      defaultValue: null,
      changedBy,
    });
    expect(Date.parse(first?.changedAt ?? '')).toBeGreaterThan(began);
    const page = await history('?limit=1');
    expect(page.items.map((item) => item.version)).toEqual([2]);
    const next = await history(`?limit=1&cursor=${page.nextCursor}`);
    expect([next.items.map((item) => item.version), next.nextCursor]).toEqual([[1], null]);
    const { body } = await read<object>(`/history?cursor=${Buffer.from('x').toString('base64url')}`);
    expect(body.code).toBe('invalid_request');
  });

  it('[POL-7] a revert sets everything back to how it stood at that version, as a new one', async () => {
    await setMany({ [POWER_BI_PRO]: 'Disabled' });
    const then = await values();
    await setDefault('Disabled');
    await setMany({ [POWER_BI_PRO]: 'Enabled', [VISIO]: 'OnlyTrialsWithoutPaymentMethod' });
    const { status, body, headers } = await revert(1, { ifMatch: '"3"' });
    expect(status).toBe(200);
    expect(body).toMatchObject({ version: 4, revertedTo: 1, changedBy: { userId: admin._id } });
    expect(
      body.changes.map(({ productId, after, inheritedAfter }) => [productId, after, inheritedAfter]),
    ).toEqual(
      [
        [POWER_BI_PRO, 'Disabled', false],
        [VISIO, 'Enabled', true],
      ].sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
    );
    expect(body.defaultValue).toEqual({ before: 'Disabled', after: 'Enabled' });
    expect(headers.get('etag')).toBe('"4"');
    expect(await values()).toEqual(then);
    expect((await history()).items[0]).toEqual(body);
    // Visio follows the default again, as it did then.
    await setDefault('Disabled');
    expect((await values())[VISIO]).toBe('Disabled');
  });

  it('[POL-7] back to 0 is the policy before its first change; back to now is no change', async () => {
    expect((await revert(0)).body.code).toBe('not_found');
    await setMany({ [POWER_BI_PRO]: 'Disabled' });
    const same = await revert(1);
    expect([same.status, same.body.version, same.body.revertedTo]).toEqual([200, 1, null]);
    expect((await revert(0)).body).toMatchObject({ version: 2, revertedTo: 0 });
    expect((await values())[POWER_BI_PRO]).toBe('Enabled');
  });

  it.each(['3', '999', '-1', '1.5', 'latest', '0x1'])('[POL-7] there is no version %s', async (unknown) => {
    await setMany({ [POWER_BI_PRO]: 'Disabled' });
    const { status, body } = await revert(unknown);
    expect([status, body.code]).toEqual([404, 'not_found']);
  });

  it('[POL-7, EXT-1] a revert is made once per key, and needs one', async () => {
    await setMany({ [POWER_BI_PRO]: 'Disabled' });
    await setMany({ [POWER_BI_PRO]: 'Enabled' });
    expect((await revert(1, { key: '' })).body.code).toBe('idempotency_key_missing');
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => revert(1, { key: 'once', ifMatch: '"2"' })),
    );
    expect(answers.map(({ status, body }) => [status, body.version])).toEqual(Array(8).fill([200, 3]));
    expect(answers.map(({ headers }) => headers.get('etag'))).toEqual(Array(8).fill('"3"'));
    expect(await version()).toBe('"3"');
  });
});

describe('who may', () => {
  /** A partner's admin, to whom the tenant delegated these scopes. */
  const partner = async (scopes: DelegationScope[]): Promise<UserDocument> => {
    const home = await shop.gateway.tenant();
    await collectionsOf(shop.gateway.database).delegations.insertOne({
      _id: newId('del'),
      tenantId: tenant._id,
      partnerTenantId: home._id,
      scopes,
      endsAt: new Date(Date.now() + 3_600_000),
    });
    return shop.gateway.user(home, { roles: ['partner'], displayName: 'Adatum Desk' });
  };

  it('[ADM-7] a partner with the scope policy changes it, by name; one with view reads it', async () => {
    const tenantName = tenant.domains[0] ?? '';
    const by = await partner(['policy']);
    expect((await setDefault('Disabled', { by, tenantName })).status).toBe(200);
    expect((await history()).items[0]?.changedBy).toEqual({ userId: by._id, displayName: 'Adatum Desk' });
    const viewer = { by: await partner(['view', 'takeover']), tenantName };
    for (const path of ['/default', '/file', '/history']) {
      expect((await send('GET', path, undefined, viewer)).status).toBe(200);
    }
    expect((await setDefault('Enabled', viewer)).body.code).toBe('forbidden');
    expect((await revert(1, viewer)).body.code).toBe('forbidden');
  });

  it('[POL-3] a reader reads it, a member does not', async () => {
    const reader = await shop.gateway.user(tenant, { roles: ['globalReader'] });
    const member = await shop.gateway.user(tenant);
    for (const path of ['/default', '/file', '/history']) {
      expect((await read<object>(path, reader)).status).toBe(200);
      expect((await read<object>(path, member)).body.code).toBe('forbidden');
    }
    const values = { [VISIO]: 'Disabled' } as const;
    for (const by of [reader, member]) {
      expect((await setMany(values, { by })).body.code).toBe('forbidden');
      expect(
        (await send<object>('PUT', '/file', { defaultValue: 'Disabled', items: [] }, { by })).status,
      ).toBe(403);
    }
    expect(await version()).toBe('"0"');
  });
});
