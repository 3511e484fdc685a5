import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { PolicyDiffView, PolicyFileView } from '@commissary/contracts';
import { POLICY_VALUES, type PolicyValue } from '@commissary/domain';
import type { TenantDocument, UserDocument } from '@commissary/store';
import fc from 'fast-check';
import { openShop, type OrProblem, POWER_BI_PRO, type Shop } from '../support/gateway/shop.js';
import { collectionsOf } from '../support/driver.js';

const POLICY = '/v1/policies/AllowSelfServicePurchase';
const FILE = `${POLICY}/file`;
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
  admin = await shop.gateway.user(tenant, { roles: ['globalAdmin'] });
});

afterAll(() => shop.gateway.close());

const exported = (by = admin) => shop.gateway.as<OrProblem<PolicyFileView>>(by, 'GET', FILE);

const diff = (body: unknown, by = admin) =>
  shop.gateway.as<OrProblem<PolicyDiffView>>(by, 'POST', `${FILE}/diff`, { body });

const apply = (body: unknown, ifMatch = '*', by = admin) =>
  shop.gateway.as<OrProblem<PolicyFileView>>(by, 'PUT', FILE, { body, headers: { 'if-match': ifMatch } });

/** A file without what only serves its readers. */
const fileOf = (defaultValue: PolicyValue, values: Record<string, PolicyValue> = {}) => ({
  defaultValue,
  items: Object.entries(values).map(([productId, policyValue]) => ({ productId, policyValue })),
});

const versionCount = () =>
  collectionsOf(shop.gateway.database).policyChanges.countDocuments({ tenantId: tenant._id });

describe('the policy as a file', () => {
  it('[POL-6] holds the default and the products’ own values in the order of their ids, and is applied whole', async () => {
    const empty = await exported();
    expect(empty.body).toEqual({
      policyId: 'AllowSelfServicePurchase',
      defaultValue: 'Enabled',
      items: [],
    });
    const values = { [VISIO]: 'Disabled', [POWER_APPS]: 'Enabled', [POWER_BI_PRO]: 'Disabled' } as const;
    const applied = await apply(fileOf('OnlyTrialsWithoutPaymentMethod', values), '"0"');
    expect([applied.status, applied.body.defaultValue]).toEqual([200, 'OnlyTrialsWithoutPaymentMethod']);
    const ids = applied.body.items.map((item) => item.productId);
    expect(ids).toEqual(Object.keys(values).sort());
    expect(applied.body.items.find((item) => item.productId === VISIO)).toEqual({
      productId: VISIO,
      productName: 'Visio Plan 1',
      policyValue: 'Disabled',
    });
    const again = await exported();
    expect(again.body).toEqual(applied.body);
    expect(again.headers.get('etag')).toBe(applied.headers.get('etag'));
    // What the next file leaves out follows its default.
    await apply(fileOf('Disabled', { [POWER_APPS]: 'Enabled' }));
    expect((await exported()).body.items.map((item) => item.productId)).toEqual([POWER_APPS]);
    expect(await versionCount()).toBe(2);
  });

  it('[POL-6] diff says what applying would change, and changes nothing', async () => {
    await apply(fileOf('Enabled', { [VISIO]: 'Disabled' }));
    const wanted = fileOf('Disabled', { [POWER_APPS]: 'Enabled' });
    const { status, body, headers } = await diff(wanted);
    expect(status).toBe(200);
    expect(body).toEqual({
      changes: [
        {
          productId: VISIO,
          productName: 'Visio Plan 1',
          before: 'Disabled',
          after: 'Disabled',
          inheritedBefore: false,
          inheritedAfter: true,
        },
        {
          productId: POWER_APPS,
          productName: expect.any(String),
          before: 'Enabled',
          after: 'Enabled',
          inheritedBefore: true,
          inheritedAfter: false,
        },
      ],
      defaultValue: { before: 'Enabled', after: 'Disabled' },
    });
    expect(await versionCount()).toBe(1);
    expect((await apply(wanted, headers.get('etag') ?? '')).status).toBe(200);
    expect((await diff(wanted)).body).toEqual({ changes: [], defaultValue: null });
  });

  it('[POL-6] refuses one with unknown or repeated products, whole', async () => {
    const items = ['NOTHING', VISIO, VISIO].map((productId) => ({ productId, policyValue: 'Disabled' }));
    for (const answer of [
      await apply({ defaultValue: 'Disabled', items }),
      await diff({ defaultValue: 'Disabled', items }),
    ]) {
      expect([answer.status, answer.body.code]).toEqual([400, 'invalid_request']);
      expect(answer.body.errors?.map((error) => error.pointer)).toEqual([
        '/items/0/productId',
        '/items/2/productId',
      ]);
    }
    for (const broken of [{ items: [] }, { defaultValue: 'Off', items: [] }, { defaultValue: 'Enabled' }]) {
      expect((await apply(broken)).body.code).toBe('invalid_request');
    }
    expect(await versionCount()).toBe(0);
  });

  it('[POL-6] leaves alone what is no longer sold', async () => {
    const { policies } = collectionsOf(shop.gateway.database);
    await apply(fileOf('Enabled', { [VISIO]: 'Disabled' }));
    await policies.updateOne({ _id: tenant._id }, { $set: { 'values.GONE00000001': 'Disabled' } });
    const { body } = await exported();
    expect(body.items.map((item) => item.productId)).toEqual([VISIO]);
    expect((await diff(body)).body.changes).toEqual([]);
    await apply(fileOf('Enabled'));
    expect((await policies.findOne({ _id: tenant._id }))?.values).toEqual({ GONE00000001: 'Disabled' });
  });

  it('[POL-6] whatever file is applied, it is exported again, applies to another tenant, and has no difference left', async () => {
    const products = await collectionsOf(shop.gateway.database).products.find().toArray();
    const value = fc.constantFrom(...POLICY_VALUES);
    const anyValues = fc
      .array(fc.tuple(fc.constantFrom(...products.map((product) => product._id)), value))
      .map((pairs) => Object.fromEntries(pairs));
    const other = await shop.gateway.user(await shop.gateway.tenant(), { roles: ['globalAdmin'] });
    await fc.assert(
      fc.asyncProperty(value, anyValues, async (defaultValue, values) => {
        expect((await apply(fileOf(defaultValue, values))).status).toBe(200);
        const { body } = await exported();
        expect(body).toMatchObject({ defaultValue });
        expect(Object.fromEntries(body.items.map((item) => [item.productId, item.policyValue]))).toEqual(
          values,
        );
        expect((await diff(body)).body).toEqual({ changes: [], defaultValue: null });
        expect((await apply(body, '*', other)).body).toEqual(body);
      }),
      { numRuns: 20 },
    );
  });
});
