import { afterEach, describe, expect, it } from '@jest/globals';
import type {
  AuditEntryView,
  ListView,
  PolicyProductView,
  PolicyView,
  QuoteView,
} from '@commissary/contracts';
import { adminOf, newcomer } from './support/people.js';
import { must, type Person, verdictOf } from './support/person.js';
import { addCard, askQuote, buy, PRODUCTS, subscription } from './support/shop.js';

const DOMAIN = 'relecloud-org.example';
const POLICY = '/v1/policies/AllowSelfServicePurchase';
const { powerBiPro, powerApps, visioPlan1 } = PRODUCTS;

const set = async (productId: string, policyValue: string): Promise<PolicyProductView> =>
  must(
    200,
    (await adminOf(DOMAIN)).put<PolicyProductView>(`${POLICY}/products/${productId}`, { policyValue }),
  );

const ask = (who: Person, offer: 'purchase' | 'trial', productId: string) =>
  who.post<QuoteView>('/v1/quotes', {
    productId,
    offer,
    quantity: 1,
    ...(offer === 'purchase' && { term: 'P1M' }),
  });

const reasonsOf = async (asked: ReturnType<typeof ask>): Promise<readonly string[]> =>
  (await asked).problem?.reasons ?? [];

afterEach(async () => {
  for (const productId of [powerBiPro, powerApps, visioPlan1]) await set(productId, 'Enabled');
});

describe('the policy AllowSelfServicePurchase', () => {
  it('has an id, a description and a default value [POL-1]', async () => {
    const admin = await adminOf(DOMAIN);
    const policy = await must(200, admin.get<PolicyView>(POLICY));
    expect(policy).toEqual({
      policyId: 'AllowSelfServicePurchase',
      description: expect.any(String),
      defaultValue: 'Enabled',
    });
    expect((await must(200, admin.get<ListView<PolicyView>>('/v1/policies'))).items).toEqual([policy]);
  });

  it('lists every product with name, id and value [POL-2]', async () => {
    await set(visioPlan1, 'Disabled');
    const admin = await adminOf(DOMAIN);
    const { items } = await must(200, admin.get<ListView<PolicyProductView>>(`${POLICY}/products`));
    expect(items.length).toBeGreaterThanOrEqual(9);
    const row = { policyId: 'AllowSelfServicePurchase', productId: visioPlan1, productName: 'Visio Plan 1' };
    expect(items).toContainEqual({ ...row, policyValue: 'Disabled' });
    expect(items.filter((item) => item.policyValue === 'Enabled')).toHaveLength(items.length - 1);
  });

  it('is set per product, answers the product, and 404 for none [POL-3] [ADM-9]', async () => {
    const admin = await adminOf(DOMAIN);
    const answered = await set(powerApps, 'OnlyTrialsWithoutPaymentMethod');
    expect(answered).toEqual(await must(200, admin.get(`${POLICY}/products/${powerApps}`)));
    expect(answered.policyValue).toBe('OnlyTrialsWithoutPaymentMethod');
    const unknown = await admin.put(`${POLICY}/products/NOTHING`, { policyValue: 'Disabled' });
    expect(verdictOf(unknown)).toBe('404 not_found');
    const { items } = await must(
      200,
      admin.get<ListView<AuditEntryView>>('/v1/audit?action=policy.set&limit=1'),
    );
    expect(items[0]).toMatchObject({
      actor: { userId: admin.userId },
      before: { values: { [powerApps]: 'Enabled' } },
      after: { values: { [powerApps]: 'OnlyTrialsWithoutPaymentMethod' } },
    });
  });

  it('Disabled refuses the next quote, the catalog says so, and what was bought lives on [POL-4] [ELG-4]', async () => {
    const buyer = await newcomer({ domain: DOMAIN });
    const { subscriptionId } = await buy(buyer);
    const quote = await must(201, askQuote(buyer));
    const card = await addCard(buyer);
    await set(powerBiPro, 'Disabled');

    expect(await reasonsOf(ask(buyer, 'purchase', powerBiPro))).toEqual(['policy_disabled']);
    expect(await reasonsOf(ask(buyer, 'trial', powerBiPro))).toEqual(['policy_disabled']);
    const purchase = await buyer.post('/v1/purchases', { quoteId: quote.id, paymentMethodId: card.id });
    expect([verdictOf(purchase), purchase.problem?.reasons]).toEqual([
      '403 not_eligible',
      ['policy_disabled'],
    ]);
    expect(await subscription(buyer, subscriptionId)).toMatchObject({ status: 'active', autoRenew: true });

    await set(powerBiPro, 'Enabled');
    expect(await reasonsOf(ask(buyer, 'purchase', powerBiPro))).toEqual([]);
  });

  it('OnlyTrialsWithoutPaymentMethod allows cardless trials alone [ELG-4] [BUY-8]', async () => {
    const buyer = await newcomer({ domain: DOMAIN });
    await set(powerApps, 'OnlyTrialsWithoutPaymentMethod');
    await set(visioPlan1, 'OnlyTrialsWithoutPaymentMethod');
    expect(await reasonsOf(ask(buyer, 'purchase', powerApps))).toEqual(['policy_trials_only']);
    expect(await reasonsOf(ask(buyer, 'trial', powerApps))).toEqual([]);
    // Its trial asks for a card, which makes it a purchase.
    expect(await reasonsOf(ask(buyer, 'trial', visioPlan1))).toEqual(['policy_trials_only']);
  });

  it("is the tenant's own: another tenant's quotes are untouched", async () => {
    await set(powerBiPro, 'Disabled');
    expect(await reasonsOf(ask(await newcomer(), 'purchase', powerBiPro))).toEqual([]);
  });
});
