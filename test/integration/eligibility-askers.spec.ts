import { fetch } from '@commissary/stack/http';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { CatalogItemView, ListView, OperationView, QuoteView } from '@commissary/contracts';
import {
  type Offer,
  OFFERS,
  POLICY_VALUES,
  type PolicyValue,
  type Product,
  TENANT_TYPES,
  type TenantType,
  USER_TYPES,
  type UserType,
} from '@commissary/domain';
import { newId } from '@commissary/platform';
import { evaluateEligibility } from '@commissary/policies';
import { CatalogRepository, type UserDocument } from '@commissary/store';
import fc from 'fast-check';
import type { OrProblem } from '../support/gateway/shop.js';
import { TestGateway } from '../support/gateway/test-gateway.js';
import { current } from '../support/fixtures/operations.js';
import { aTenancy, type Tenancy } from '../support/fixtures/people.js';
import { aPurchase } from '../support/fixtures/purchases.js';
import { aWorker, type TestWorker } from '../support/fixtures/worker.js';
import { openWorld, type World } from '../support/fixtures/world.js';
import { collectionsOf } from '../support/driver.js';

let world: World;
let worker: TestWorker;
/** Two nodes: what one was told the other must know. */
let gateways: [TestGateway, TestGateway];
const opened: { close(): Promise<void> }[] = [];
const DAY = 86_400_000;

const opening = async <T extends { close(): Promise<void> }>(thing: Promise<T>): Promise<T> => {
  opened.push(await thing);
  return thing;
};

/** Of each kind that the rules tell apart. */
const KINDS = ['ordinary', 'cardTrial', 'noTrial', 'notYet', 'onlyInSweden'] as const;
type Kind = (typeof KINDS)[number];
const productId = (kind: Kind): string => `KIND-${kind}`;

const startGateway = (): Promise<TestGateway> =>
  TestGateway.start({
    MONGODB_URI: world.services.mongodbUri,
    QUEUE_PREFIX: world.services.queuePrefix,
    PAYMENTS_URL: world.stack.paymentsUrl,
  });

beforeAll(async () => {
  world = await opening(openWorld());
  const { products } = collectionsOf(world.database);
  const like = await products.findOne({ productName: 'Power BI Pro' });
  if (!like?.trial) throw new Error('the catalog has no Power BI Pro with a trial');
  const day = (offset: number) => new Date(Date.now() + offset * DAY).toISOString().slice(0, 10);
  const kinds: Record<Kind, Partial<Product>> = {
    ordinary: {},
    cardTrial: { excludedMarkets: ['BR', 'CD'], trial: { ...like.trial, cardless: false } },
    noTrial: { trial: null },
    notYet: { opens: [{ market: '*', from: day(2) }] },
    onlyInSweden: { opens: [{ market: 'SE', from: day(-2) }] },
  };
  await products.insertMany(KINDS.map((kind) => ({ ...like, ...kinds[kind], _id: productId(kind) })));
  worker = await opening(aWorker(world));
  gateways = [await opening(startGateway()), await opening(startGateway())];
});

afterAll(async () => {
  // Whatever came to be before a failure is stopped all the same.
  for (const each of opened.reverse()) await each.close();
});

interface Case {
  tenant: { managed: boolean; type: TenantType; billingCountry: string };
  type: UserType;
  kind: Kind;
  offer: Offer;
  policy: { own: PolicyValue | null; byDefault: PolicyValue };
  trialUsed: boolean;
}

const often = <T>(usual: T, ...others: T[]) =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: fc.constantFrom(...others) },
  );

const anyCase: fc.Arbitrary<Case> = fc.record({
  tenant: fc.record({
    managed: often(true, false),
    type: often('commercial', ...TENANT_TYPES),
    billingCountry: often('US', 'SE', 'BR', 'CD', 'IN'),
  }),
  type: often('member', ...USER_TYPES),
  kind: fc.constantFrom(...KINDS),
  offer: fc.constantFrom(...OFFERS),
  policy: fc.record({
    own: fc.option(fc.constantFrom(...POLICY_VALUES)),
    byDefault: often('Enabled', ...POLICY_VALUES),
  }),
  trialUsed: often(false, true),
});

const SOUND: Case = {
  tenant: { managed: true, type: 'commercial', billingCountry: 'US' },
  type: 'member',
  kind: 'ordinary',
  offer: 'purchase',
  policy: { own: null, byDefault: 'Enabled' },
  trialUsed: false,
};
/** Each reason at least once, and none. */
const EXAMPLES: Partial<Case>[] = [
  {},
  { offer: 'trial' },
  { tenant: { ...SOUND.tenant, managed: false } },
  { tenant: { ...SOUND.tenant, type: 'education' } },
  { type: 'guest' },
  { tenant: { ...SOUND.tenant, billingCountry: 'IN' } },
  { kind: 'noTrial', offer: 'trial' },
  { kind: 'cardTrial', tenant: { ...SOUND.tenant, billingCountry: 'BR' } },
  { kind: 'notYet' },
  { policy: { own: null, byDefault: 'Disabled' } },
  { policy: { own: 'OnlyTrialsWithoutPaymentMethod', byDefault: 'Disabled' } },
  { kind: 'cardTrial', offer: 'trial', policy: { own: null, byDefault: 'OnlyTrialsWithoutPaymentMethod' } },
  { offer: 'trial', trialUsed: true },
];

/** Somebody who could buy becomes who the case says, at the first node. */
const comeToBe = async ({ tenantId, admin, buyer }: Tenancy, { policy, ...facts }: Case): Promise<void> => {
  const path = '/v1/policies/AllowSelfServicePurchase/file';
  const items = policy.own === null ? [] : [{ productId: productId(facts.kind), policyValue: policy.own }];
  const body = { defaultValue: policy.byDefault, items };
  const set = await gateways[0].as(admin, 'PUT', path, { body, headers: { 'if-match': '*' } });
  expect(set.status).toBe(200);
  const { tenants, users, orders } = collectionsOf(world.database);
  await tenants.updateOne({ _id: tenantId }, { $set: facts.tenant });
  await users.updateOne({ _id: buyer._id }, { $set: { type: facts.type } });
  if (!facts.trialUsed) return;
  await orders.insertOne({
    _id: newId('ord'),
    tenantId,
    userId: buyer._id,
    kind: 'purchase',
    operationId: null,
    quoteId: null,
    subscriptionId: newId('sub'),
    productId: productId(facts.kind),
    productName: 'Power BI Pro',
    channel: 'selfService',
    offer: 'trial',
    quantity: 1,
    term: null,
    unitPrice: { amountMinor: 0, currency: 'USD' },
    total: { amountMinor: 0, currency: 'USD' },
    period: null,
    status: 'free',
    failure: null,
    createdAt: new Date(),
    settledAt: new Date(),
  });
};

/** What the pure function says of the case itself, with no store or node between. */
const answerOf = async ({ tenant, type, kind, offer, policy, trialUsed }: Case) => {
  const { productById, rules, markets } = await new CatalogRepository(world.database).current();
  const facts = {
    tenant,
    user: { type, state: 'active' as const },
    product: productById.get(productId(kind)) ?? null,
    policyValue: policy.own ?? policy.byDefault,
    rules,
    markets,
    trialUsed,
  };
  return evaluateEligibility(facts, { offer }, world.clock.now()).reasons;
};

type Said = readonly string[];

const catalogSays = async (buyer: UserDocument, { kind, offer }: Case): Promise<Said | null> => {
  const { body } = await gateways[1].as<ListView<CatalogItemView>>(buyer, 'GET', '/v1/catalog?limit=200');
  const item = body.items.find((each) => each.productId === productId(kind));
  return item?.offers.find((each) => each.offer === offer)?.reasons ?? null;
};

const post = <T>(buyer: UserDocument, path: string, body: unknown) =>
  gateways[1].as<OrProblem<T>>(buyer, 'POST', path, {
    body,
    headers: { 'idempotency-key': newId('req') },
  });

const quoteSays = async (buyer: UserDocument, { kind, offer }: Case): Promise<Said> => {
  const term = offer === 'purchase' && { term: 'P1M' };
  const asked = { productId: productId(kind), offer, quantity: 1, ...term };
  const { status, body } = await post<QuoteView>(buyer, '/v1/quotes', asked);
  expect([201, 403]).toContain(status);
  return body.reasons ?? [];
};

it('[ELG-5, POL-4] catalog, quote, purchase and worker say the same of whoever, whatever and wherever', async () => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(anyCase, async (given) => {
      const who = await aTenancy(world);
      const { buyer } = who;
      const asked = { productId: productId(given.kind), offer: given.offer };
      // Quotes and an operation from before: the purchase and the worker ask the rules again.
      const [accepted, refused] = [await aPurchase(world, who, asked), await aPurchase(world, who, asked)];
      await collectionsOf(world.database).quotes.updateOne(
        { _id: refused.request.quoteId },
        { $set: { operationId: null } },
      );
      await comeToBe(who, given);

      const expected = await answerOf(given);
      const catalog = await catalogSays(buyer, given);
      // A trial of a product that has none is not on offer.
      if (given.kind === 'noTrial' && given.offer === 'trial') expect(catalog).toBeNull();
      else expect(catalog).toEqual(expected);
      expect(await quoteSays(buyer, given)).toEqual(expected);

      if (expected.length === 0) return;
      const { quoteId, paymentMethodId } = refused.request;
      const card = paymentMethodId !== null && { paymentMethodId };
      const purchase = await post<OperationView>(buyer, '/v1/purchases', { quoteId, ...card });
      expect([purchase.status, purchase.body.reasons]).toEqual([403, expected]);
      await worker.handle(accepted);
      const { status, error } = await current(world, accepted);
      expect([status, error?.code, error?.reasons]).toEqual(['rejected', 'not_eligible', expected]);
      // Nobody was asked for money.
      const charges = await fetch(`${world.stack.paymentsUrl}/charges?orderId=${accepted.request.orderId}`);
      expect(await charges.json()).toMatchObject({ items: [] });
      for (const reason of expected) seen.add(reason);
    }),
    { numRuns: 30, examples: EXAMPLES.map((example) => [{ ...SOUND, ...example }]) },
  );
  expect([...seen].sort()).toEqual(
    [
      'guest',
      'market',
      'not_open_yet',
      'policy_disabled',
      'policy_trials_only',
      'product_market',
      'product_unknown',
      'tenant_type',
      'tenant_unmanaged',
      'trial_used',
    ].sort(),
  );
}, 90_000);
