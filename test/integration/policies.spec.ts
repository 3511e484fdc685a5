import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ListView, PolicyProductView, PolicyView, Problem, QuoteView } from '@commissary/contracts';
import { openShop, type OrProblem, post, POWER_BI_PRO, type Shop } from '../support/gateway/shop.js';
import { TestGateway } from '../support/gateway/test-gateway.js';
import { collectionsOf } from '../support/driver.js';

const PRODUCTS = '/v1/policies/AllowSelfServicePurchase/products';
let shop: Shop;

beforeAll(async () => {
  shop = await openShop();
});

afterAll(() => shop.gateway.close());

const put = (policyValue: string, { product = POWER_BI_PRO, ifMatch = '', by = shop.admin } = {}) =>
  shop.gateway.as<OrProblem<PolicyProductView>>(by, 'PUT', `${PRODUCTS}/${product}`, {
    body: { policyValue },
    headers: ifMatch === '' ? {} : { 'if-match': ifMatch },
  });

const read = (product = POWER_BI_PRO) =>
  shop.gateway.as<OrProblem<PolicyProductView>>(shop.admin, 'GET', `${PRODUCTS}/${product}`);

const changes = () =>
  collectionsOf(shop.gateway.database)
    .policyChanges.find({ tenantId: shop.tenant._id })
    .sort({ version: 1 })
    .toArray();

describe('reading the policy', () => {
  it('[POL-1] tells its id, description and default', async () => {
    const { body } = await shop.gateway.as<ListView<PolicyView>>(shop.reader, 'GET', '/v1/policies');
    expect(body.items).toMatchObject([{ policyId: 'AllowSelfServicePurchase', defaultValue: 'Enabled' }]);
    const one = await shop.gateway.as<PolicyView>(
      shop.reader,
      'GET',
      '/v1/policies/AllowSelfServicePurchase',
    );
    expect(one.body).toEqual(body.items[0]);
    const other = await shop.gateway.as(shop.reader, 'GET', '/v1/policies/AllowSomethingElse');
    expect([other.status, other.body.code]).toEqual([404, 'not_found']);
  });

  it('[POL-2, POL-5] lists every product, those without a value of their own at the default, page by page', async () => {
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const query: string = `?limit=4${cursor && `&cursor=${cursor}`}`;
      const { body } = await shop.gateway.as<ListView<PolicyProductView>>(
        shop.reader,
        'GET',
        PRODUCTS + query,
      );
      seen.push(...body.items.map((item) => `${item.productId} ${item.policyValue}`));
      cursor = body.nextCursor;
    }
    const products = await collectionsOf(shop.gateway.database).products.find().sort({ _id: 1 }).toArray();
    expect(seen).toEqual(products.map((product) => `${product._id} Enabled`));
  });
});

describe('setting a product', () => {
  it('[POL-3, ADM-9] records version, history, audit entry and event; the same value again is no change', async () => {
    const first = await put('Disabled');
    expect(first.body).toMatchObject({
      productId: POWER_BI_PRO,
      productName: 'Power BI Pro',
      policyValue: 'Disabled',
    });
    expect(first.headers.get('etag')).toBe('"1"');
    expect((await put('Disabled')).headers.get('etag')).toBe('"1"');
    expect(await changes()).toMatchObject([
      {
        version: 1,
        changedBy: shop.admin._id,
        changes: [{ productId: POWER_BI_PRO, before: 'Enabled', after: 'Disabled' }],
      },
    ]);
    const { audit, events } = collectionsOf(shop.gateway.database);
    const tenantId = shop.tenant._id;
    expect(await audit.find({ tenantId, action: 'policy.set' }).toArray()).toMatchObject([
      { actor: { userId: shop.admin._id }, ip: '127.0.0.1', before: { version: 0 }, after: { version: 1 } },
    ]);
    expect(await events.countDocuments({ tenantId, type: 'policy.changed' })).toBe(1);
  });

  it('[POL-3] honours If-Match: what has changed since it was read is not overwritten', async () => {
    const etag = (await read()).headers.get('etag') ?? '';
    expect((await put('Enabled', { ifMatch: etag })).status).toBe(200);
    const late = await put('Disabled', { ifMatch: etag });
    expect([late.status, late.body.code]).toEqual([412, 'stale']);
    expect((await read()).body.policyValue).toBe('Enabled');
    expect((await put('Enabled', { ifMatch: '"nonsense"' })).status).toBe(412);
  });

  it('[POL-3] of 30 changes at once each gets a version of its own, without a gap', async () => {
    const products = await collectionsOf(shop.gateway.database).products.find().toArray();
    const values = ['Disabled', 'OnlyTrialsWithoutPaymentMethod', 'Enabled'];
    const replies = await Promise.all(
      Array.from({ length: 30 }, (_, i) =>
        put(values[i % 3]!, { product: products[i % products.length]!._id }),
      ),
    );
    expect(replies.map((reply) => reply.status)).toEqual(Array(30).fill(200));
    const versions = (await changes()).map((change) => change.version);
    expect(versions).toEqual(versions.map((_, i) => i + 1));
    expect((await read()).headers.get('etag')).toBe(`"${versions.length}"`);
  });

  it('[POL-3] refuses unknown products, values and fields, and those who may only read', async () => {
    const before = await changes();
    expect((await put('Disabled', { product: 'CFQ0' })).body.code).toBe('not_found');
    expect((await put('Off')).body.code).toBe('invalid_request');
    expect((await put('Disabled', { by: shop.reader })).body.code).toBe('forbidden');
    expect((await put('Disabled', { by: shop.buyer })).body.code).toBe('forbidden');
    expect(await changes()).toEqual(before);
  });

  it('[POL-4] holds for the very next quote, on another node too', async () => {
    const other = await TestGateway.start({ MONGODB_URI: shop.gateway.services.mongodbUri });
    try {
      const ask = { productId: POWER_BI_PRO, offer: 'purchase', quantity: 1, term: 'P1M' };
      const quoteThere = async (key: string) =>
        other.ask<OrProblem<QuoteView>>('POST', '/v1/quotes', {
          body: ask,
          headers: {
            'idempotency-key': key,
            authorization: `Bearer ${await other.issuer.token(shop.buyer)}`,
          },
        });
      await put('Enabled');
      expect((await quoteThere('a')).status).toBe(201);
      await put('OnlyTrialsWithoutPaymentMethod');
      expect((await quoteThere('b')).body).toMatchObject({
        code: 'not_eligible',
        reasons: ['policy_trials_only'],
      });
      await put('Disabled');
      expect((await post<Problem>(shop, shop.buyer, '/v1/quotes', ask)).body.reasons).toEqual([
        'policy_disabled',
      ]);
    } finally {
      await other.close();
    }
  });
});
