import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type {
  AuditEntryView,
  CatalogItemView,
  ListView,
  PolicyChangeView,
  PolicyDefaultView,
  PolicyDiffView,
  PolicyFileView,
  PolicyProductView,
} from '@commissary/contracts';
import { adminOf, newcomer } from './support/people.js';
import { must, type Person, verdictOf } from './support/person.js';
import { askQuote, buy, PRODUCTS, subscription } from './support/shop.js';

const DOMAIN = 'relecloud-org.example';
const POLICY = '/v1/policies/AllowSelfServicePurchase';
const { powerBiPro, powerApps, visioPlan1 } = PRODUCTS;

let admin: Person;

const etagOf = async (path = ''): Promise<string> => {
  const { headers } = await admin.get(`${POLICY}${path}`);
  return headers.get('etag') ?? 'none';
};

/** With the ETag of what is there now. */
const put = async <T>(path: string, body: unknown): Promise<T> =>
  must(200, admin.put<T>(`${POLICY}${path}`, body, { 'if-match': await etagOf() }));

const file = (): Promise<PolicyFileView> => must(200, admin.get<PolicyFileView>(`${POLICY}/file`));

const reasonsOf = async (who: Person, productId: string = powerBiPro): Promise<readonly string[]> =>
  (await askQuote(who, { productId })).problem?.reasons ?? [];

/** Nothing set but what every tenant begins with; other files set products of this tenant too. */
const clear = () => put('/file', { defaultValue: 'Enabled', items: [] });

beforeAll(async () => {
  admin = await adminOf(DOMAIN);
  await clear();
});

afterAll(clear);

describe('a tenant that turns self-service off and lets some of it in again', () => {
  it('the default is the switch: catalog and quotes refuse, what was bought lives on [POL-5] [POL-4]', async () => {
    const buyer = await newcomer({ domain: DOMAIN });
    const { subscriptionId } = await buy(buyer);
    const off = await put<PolicyDefaultView>('/default', { policyValue: 'Disabled' });
    expect(off).toEqual({ policyId: 'AllowSelfServicePurchase', policyValue: 'Disabled' });
    expect(await reasonsOf(buyer)).toEqual(['policy_disabled']);
    const { items } = await must(200, buyer.get<ListView<CatalogItemView>>('/v1/catalog?limit=200'));
    const reasons = items.flatMap((item) => item.offers.flatMap((offer) => offer.reasons));
    expect(new Set(reasons)).toEqual(new Set(['policy_disabled']));
    expect(await subscription(buyer, subscriptionId)).toMatchObject({ status: 'active', autoRenew: true });
  });

  it('several products are let in by one call, or none if one of them is unknown [POL-6]', async () => {
    const buyer = await newcomer({ domain: DOMAIN });
    const items = [powerBiPro, powerApps].map((productId) => ({ productId, policyValue: 'Enabled' }));
    const etag = await etagOf();
    const wrong = [...items, { productId: 'NOTHING', policyValue: 'Enabled' }];
    const refused = await admin.put(`${POLICY}/products`, { items: wrong }, { 'if-match': etag });
    expect([verdictOf(refused), refused.problem?.errors?.map(({ pointer }) => pointer)]).toEqual([
      '400 invalid_request',
      ['/items/2/productId'],
    ]);
    expect(await reasonsOf(buyer)).toEqual(['policy_disabled']);

    const without = await admin.put(`${POLICY}/products`, { items });
    expect([verdictOf(without), without.problem?.detail]).toEqual([
      '400 invalid_request',
      expect.stringContaining('If-Match'),
    ]);
    const set = await admin.put<ListView<PolicyProductView>>(
      `${POLICY}/products`,
      { items },
      { 'if-match': etag },
    );
    expect(set.body.items.map(({ productId, policyValue }) => ({ productId, policyValue }))).toEqual(items);
    expect(await reasonsOf(buyer)).toEqual([]);
    expect(await reasonsOf(buyer, visioPlan1)).toEqual(['policy_disabled']);

    const late = await admin.put(`${POLICY}/products`, { items }, { 'if-match': etag });
    expect(verdictOf(late)).toBe('412 stale');
    const again = await admin.put(
      `${POLICY}/products`,
      { items },
      { 'if-match': set.headers.get('etag') ?? '' },
    );
    expect([again.status, again.headers.get('etag')]).toEqual([200, set.headers.get('etag')]);
  });

  it('the history tells who changed what, and a revert brings a version back [POL-7] [ADM-9]', async () => {
    const then = await file();
    const { items } = await must(200, admin.get<ListView<PolicyChangeView>>(`${POLICY}/history?limit=1`));
    const [good] = items;
    expect(good).toMatchObject({ changedBy: { userId: admin.userId }, revertedTo: null });
    await put('/file', { defaultValue: 'Enabled', items: [] });
    expect(await reasonsOf(await newcomer({ domain: DOMAIN }), visioPlan1)).toEqual([]);

    const path = `${POLICY}/history/${good?.version}/revert`;
    const ifMatch = { 'if-match': await etagOf('/history'), 'idempotency-key': 'back-again' };
    const reverted = await must(200, admin.post<PolicyChangeView>(path, undefined, ifMatch));
    expect(reverted).toMatchObject({ version: good!.version + 2, revertedTo: good?.version });
    expect(await must(200, admin.post<PolicyChangeView>(path, undefined, ifMatch))).toEqual(reverted);
    expect(await file()).toEqual(then);
    expect(await reasonsOf(await newcomer({ domain: DOMAIN }), visioPlan1)).toEqual(['policy_disabled']);

    const unknown = await admin.post(`${POLICY}/history/99999/revert`, undefined, ifMatch);
    expect(verdictOf(unknown)).toBe('404 not_found');
    const audit = await must(200, admin.get<ListView<AuditEntryView>>('/v1/audit?action=policy.set&limit=1'));
    expect(audit.items[0]).toMatchObject({
      actor: { userId: admin.userId },
      after: { version: reverted.version, revertedTo: good?.version },
    });
  });

  it('the policy is exported as a file, compared and applied, here and in another tenant [POL-6]', async () => {
    const exported = await file();
    const diff = (body: unknown, by = admin) =>
      must(200, by.post<PolicyDiffView>(`${POLICY}/file/diff`, body));
    expect(await diff(exported)).toEqual({ changes: [], defaultValue: null });

    const edited = { ...exported, items: exported.items.filter((item) => item.productId !== powerApps) };
    expect(await diff(edited)).toMatchObject({
      changes: [{ productId: powerApps, before: 'Enabled', after: 'Disabled', inheritedAfter: true }],
      defaultValue: null,
    });
    const before = await etagOf();
    expect(await put<PolicyFileView>('/file', edited)).toEqual(edited);
    expect(await etagOf()).not.toBe(before);

    const elsewhere = await adminOf('litware.example');
    const there = await must(200, elsewhere.get<PolicyFileView>(`${POLICY}/file`));
    const any = { 'if-match': '*' };
    try {
      const applied = await must(200, elsewhere.put<PolicyFileView>(`${POLICY}/file`, edited, any));
      expect(applied).toEqual(edited);
    } finally {
      await must(200, elsewhere.put(`${POLICY}/file`, there, any));
    }
  });
});
