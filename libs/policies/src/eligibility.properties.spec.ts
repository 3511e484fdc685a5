import { describe, expect, it } from '@jest/globals';
import {
  ELIGIBILITY_REASONS,
  OFFERS,
  POLICY_VALUES,
  TENANT_TYPES,
  USER_STATES,
  USER_TYPES,
  utcDay,
  type EligibilityReason,
  type Offer,
} from '@commissary/domain';
import fc from 'fast-check';
import { evaluateEligibility, type EligibilityFacts } from './eligibility.policy.js';

/** Rules, products and markets of no vendor: whatever data could say. [ELG-6] */

const COUNTRIES = ['US', 'SE', 'BR', 'CD', 'IN', 'XX'] as const;
const country = fc.constantFrom(...COUNTRIES);
const moment = fc.date({ min: new Date('2019-12-01'), max: new Date('2022-01-31'), noInvalidDate: true });
const day = moment.map(utcDay);

const anyProduct = fc.record({
  opens: fc.uniqueArray(fc.record({ market: fc.constantFrom('*', ...COUNTRIES), from: day }), {
    selector: (opening) => opening.market,
  }),
  excludedMarkets: fc.uniqueArray(country),
  trial: fc.option(fc.record({ days: fc.nat(90), seats: fc.nat(25), cardless: fc.boolean() })),
});

const anyRules = fc.record({
  tenantTypes: fc.array(
    fc
      .record({
        tenantType: fc.constantFrom(...TENANT_TYPES),
        eligible: fc.boolean(),
        from: day,
        until: fc.option(day, { nil: undefined }),
      })
      .map(({ until, ...rule }) => ({ ...rule, ...(until !== undefined && { until }) })),
    { maxLength: 12 },
  ),
});

const anyFacts: fc.Arbitrary<EligibilityFacts> = fc.record({
  tenant: fc.record({
    managed: fc.boolean(),
    type: fc.constantFrom(...TENANT_TYPES),
    billingCountry: country,
  }),
  user: fc.record({ type: fc.constantFrom(...USER_TYPES), state: fc.constantFrom(...USER_STATES) }),
  product: fc.option(anyProduct),
  policyValue: fc.constantFrom(...POLICY_VALUES),
  rules: anyRules,
  markets: fc.uniqueArray(country).map((codes) => new Set<string>(codes)),
  trialUsed: fc.boolean(),
});
const anyOffer = fc.constantFrom(...OFFERS);

const reasonsOf = (facts: EligibilityFacts, offer: Offer, at: Date): EligibilityReason[] =>
  evaluateEligibility(facts, { offer }, at).reasons;

const without = <T>(all: Iterable<T>, one: T): T[] => [...all].filter((each) => each !== one);

/** One more thing that speaks against it, and what it has to bring. */
type Fault = [reason: EligibilityReason, spoil: (facts: EligibilityFacts, offer: Offer) => EligibilityFacts];

const spoiltProduct =
  (spoil: (product: NonNullable<EligibilityFacts['product']>, market: string) => Partial<typeof product>) =>
  (facts: EligibilityFacts): EligibilityFacts => ({
    ...facts,
    product: facts.product && { ...facts.product, ...spoil(facts.product, facts.tenant.billingCountry) },
  });

const FAULTS: readonly Fault[] = [
  ['tenant_unmanaged', (facts) => ({ ...facts, tenant: { ...facts.tenant, managed: false } })],
  [
    'tenant_type',
    (facts) => ({
      ...facts,
      rules: {
        tenantTypes: facts.rules.tenantTypes.filter((rule) => rule.tenantType !== facts.tenant.type),
      },
    }),
  ],
  ['account_inactive', (facts) => ({ ...facts, user: { ...facts.user, state: 'disabled' } })],
  ['guest', (facts) => ({ ...facts, user: { ...facts.user, type: 'guest' } })],
  [
    'market',
    (facts) => ({ ...facts, markets: new Set(without(facts.markets, facts.tenant.billingCountry)) }),
  ],
  [
    'product_market',
    spoiltProduct(({ excludedMarkets }, market) => ({ excludedMarkets: [...excludedMarkets, market] })),
  ],
  ['not_open_yet', spoiltProduct(() => ({ opens: [] }))],
  ['policy_disabled', (facts) => ({ ...facts, policyValue: 'Disabled' })],
  ['trial_used', (facts) => ({ ...facts, trialUsed: true })],
];

describe('whatever the rules, the product and the day', () => {
  it('ELG-5 reasons come in the documented order, each once; eligible means there is none', () => {
    fc.assert(
      fc.property(anyFacts, anyOffer, moment, (facts, offer, at) => {
        const { eligible, reasons } = evaluateEligibility(facts, { offer }, at);
        expect(reasons).toEqual(ELIGIBILITY_REASONS.filter((reason) => reasons.includes(reason)));
        expect(eligible).toBe(reasons.length === 0);
      }),
      { numRuns: 500 },
    );
  });

  it.each(FAULTS)('ELG-5 %s comes on top: one more fault never hides another', (reason, spoil) => {
    fc.assert(
      fc.property(anyFacts, anyOffer, moment, (facts, offer, at) => {
        const before = reasonsOf(facts, offer, at);
        const after = reasonsOf(spoil(facts, offer), offer, at);
        // Of the two reasons of the policy, which is one fault, the stricter value's stands.
        const kept = reason === 'policy_disabled' ? without(before, 'policy_trials_only') : before;
        expect(kept.filter((each) => !after.includes(each))).toEqual([]);
        const applies = reason === 'trial_used' ? offer === 'trial' : facts.product !== null;
        const isAboutProduct = ['product_market', 'not_open_yet', 'policy_disabled', 'trial_used'].includes(
          reason,
        );
        if (applies || !isAboutProduct) expect(after).toContain(reason);
      }),
      { numRuns: 300 },
    );
  });

  it('ELG-3 ELG-6 a product is open from the day of its own market, or else of all others, and nowhere excluded', () => {
    fc.assert(
      fc.property(anyFacts, anyOffer, moment, (facts, offer, at) => {
        const { product, tenant } = facts;
        fc.pre(product !== null);
        const openings = product.opens.filter((opening) => opening.market === tenant.billingCountry);
        const [opening] =
          openings.length > 0 ? openings : product.opens.filter((each) => each.market === '*');
        const isOpen = opening !== undefined && new Date(`${opening.from}T00:00:00Z`) <= at;
        const reasons = reasonsOf(facts, offer, at);
        expect(reasons.includes('not_open_yet')).toBe(!isOpen);
        expect(reasons.includes('product_market')).toBe(
          product.excludedMarkets.includes(tenant.billingCountry),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('ELG-2 ELG-6 a type of tenant may buy while a rule that says so is in force', () => {
    fc.assert(
      fc.property(anyFacts, anyOffer, moment, (facts, offer, at) => {
        const time = at.getTime();
        const holds = facts.rules.tenantTypes.some(
          ({ tenantType, eligible, from, until = '9999-12-31' }) =>
            tenantType === facts.tenant.type &&
            eligible &&
            Date.parse(from) <= time &&
            time < Date.parse(until),
        );
        expect(reasonsOf(facts, offer, at).includes('tenant_type')).toBe(!holds);
      }),
      { numRuns: 500 },
    );
  });

  it('ELG-4 the policy has a word about what exists: none, the stricter one, or the milder one', () => {
    fc.assert(
      fc.property(anyFacts, anyOffer, moment, (facts, offer, at) => {
        const reasons = reasonsOf(facts, offer, at);
        const asksForCard = offer === 'purchase' || facts.product?.trial?.cardless === false;
        const { policyValue } = facts;
        const expected =
          facts.product === null || policyValue === 'Enabled'
            ? []
            : policyValue === 'Disabled'
              ? ['policy_disabled']
              : asksForCard
                ? ['policy_trials_only']
                : [];
        expect(reasons.filter((reason) => reason.startsWith('policy_'))).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('ELG-6 nothing changes within a day', () => {
    fc.assert(
      fc.property(anyFacts, anyOffer, day, fc.nat(86_399_999), (facts, offer, on, ms) => {
        const midnight = new Date(`${on}T00:00:00Z`);
        const later = new Date(midnight.getTime() + ms);
        expect(reasonsOf(facts, offer, later)).toEqual(reasonsOf(facts, offer, midnight));
      }),
    );
  });
});
