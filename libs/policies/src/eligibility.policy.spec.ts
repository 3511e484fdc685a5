import { readFileSync } from 'node:fs';
import path from 'node:path';
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
  type EligibilityRules,
  type Offer,
  type Product,
} from '@commissary/domain';
import fc from 'fast-check';
import { evaluateEligibility, REFUSAL_MESSAGE, type EligibilityFacts } from './eligibility.policy.js';

const data = (name: string): unknown =>
  JSON.parse(readFileSync(path.join(__dirname, '../../../data', name), 'utf8'));
const products = data('products.json') as Product[];
const markets = new Set((data('markets.json') as { code: string }[]).map(({ code }) => code));
const rules = data('eligibility.json') as EligibilityRules;

const productNamed = (name: string): Product => products.find((p) => p.productName === name)!;
const powerBi = productNamed('Power BI Pro');
const visio = productNamed('Visio Plan 1');
const project = productNamed('Project Plan 1');

const commercial = { managed: true, type: 'commercial', billingCountry: 'US' } as const;
const member = { type: 'member', state: 'active' } as const;
const now = new Date('2026-06-15T12:00:00Z');

const factsOf = (over: Partial<EligibilityFacts> = {}): EligibilityFacts => ({
  tenant: commercial,
  user: member,
  product: powerBi,
  policyValue: 'Enabled',
  rules,
  markets,
  trialUsed: false,
  ...over,
});
const reasonsOf = (
  over: Partial<EligibilityFacts>,
  offer: Offer = 'purchase',
  at = now,
): EligibilityReason[] => evaluateEligibility(factsOf(over), { offer }, at).reasons;

describe('the documented cases', () => {
  const from = (billingCountry: string) => ({ tenant: { ...commercial, billingCountry } });
  const typed = (type: EligibilityFacts['tenant']['type']) => ({ tenant: { ...commercial, type } });
  const cases: [string, Partial<EligibilityFacts>, Offer, string, EligibilityReason[]][] = [
    ['ELG-1 an active member of a managed tenant may buy', {}, 'purchase', '2026-06-15', []],
    ['ELG-1 and try', {}, 'trial', '2026-06-15', []],
    [
      'ELG-1 a guest may not',
      { user: { type: 'guest', state: 'active' } },
      'purchase',
      '2026-06-15',
      ['guest'],
    ],
    [
      'ELG-1 a disabled account may not',
      { user: { type: 'member', state: 'disabled' } },
      'purchase',
      '2026-06-15',
      ['account_inactive'],
    ],
    [
      'ELG-1 a deleted account may not',
      { user: { type: 'member', state: 'deleted' } },
      'trial',
      '2026-06-15',
      ['account_inactive'],
    ],
    [
      'ELG-1 an unmanaged tenant may not',
      { tenant: { ...commercial, managed: false } },
      'purchase',
      '2026-06-15',
      ['tenant_unmanaged'],
    ],
    ['ELG-2 government may not', typed('government'), 'purchase', '2026-06-15', ['tenant_type']],
    ['ELG-2 education may not', typed('education'), 'trial', '2026-06-15', ['tenant_type']],
    ['ELG-2 nonprofit may since 2020-09-15', typed('nonprofit'), 'purchase', '2020-09-15', []],
    [
      'ELG-2 nonprofit might not the day before',
      typed('nonprofit'),
      'purchase',
      '2020-09-14',
      ['tenant_type'],
    ],
    ['ELG-2 the platform itself may not', typed('platform'), 'purchase', '2026-06-15', ['tenant_type']],
    ['ELG-3 India is no market', from('IN'), 'purchase', '2026-06-15', ['market']],
    ['ELG-3 Sweden is', from('SE'), 'purchase', '2026-06-15', []],
    [
      'ELG-3 Visio is not sold in Brazil',
      { ...from('BR'), product: visio },
      'purchase',
      '2026-06-15',
      ['product_market'],
    ],
    [
      'ELG-3 Project is not sold in DR Congo',
      { ...from('CD'), product: project },
      'trial',
      '2026-06-15',
      ['product_market'],
    ],
    ['ELG-3 Power BI is sold in Brazil', from('BR'), 'purchase', '2026-06-15', []],
    [
      'ELG-4 Disabled allows no purchase',
      { policyValue: 'Disabled' },
      'purchase',
      '2026-06-15',
      ['policy_disabled'],
    ],
    [
      'ELG-4 Disabled allows no trial',
      { policyValue: 'Disabled' },
      'trial',
      '2026-06-15',
      ['policy_disabled'],
    ],
    [
      'ELG-4 OnlyTrials allows no purchase',
      { policyValue: 'OnlyTrialsWithoutPaymentMethod' },
      'purchase',
      '2026-06-15',
      ['policy_trials_only'],
    ],
    [
      'ELG-4 OnlyTrials allows a cardless trial',
      { policyValue: 'OnlyTrialsWithoutPaymentMethod' },
      'trial',
      '2026-06-15',
      [],
    ],
    [
      'ELG-4 a trial that asks for a card is a purchase to it',
      { policyValue: 'OnlyTrialsWithoutPaymentMethod', product: visio },
      'trial',
      '2026-06-15',
      ['policy_trials_only'],
    ],
    ['BUY-8 one trial per product', { trialUsed: true }, 'trial', '2026-06-15', ['trial_used']],
    [
      'BUY-8 one trial, with a card too',
      { trialUsed: true, product: visio },
      'trial',
      '2026-06-15',
      ['trial_used'],
    ],
    [
      'BUY-8 a trial that was used does not forbid a purchase',
      { trialUsed: true },
      'purchase',
      '2026-06-15',
      [],
    ],
    [
      'ELG-5 an unknown product is named so',
      { product: null },
      'purchase',
      '2026-06-15',
      ['product_unknown'],
    ],
    [
      'ELG-5 a product without a trial has none to be had',
      { product: { ...powerBi, trial: null } },
      'trial',
      '2026-06-15',
      ['product_unknown'],
    ],
    [
      'ELG-5 a product without a trial can be bought',
      { product: { ...powerBi, trial: null } },
      'purchase',
      '2026-06-15',
      [],
    ],
    ['ELG-6 the rollout began in the US', {}, 'purchase', '2020-01-14', []],
    ['ELG-6 the day before it had not', {}, 'purchase', '2020-01-13', ['tenant_type', 'not_open_yet']],
    ['ELG-6 elsewhere it came later', from('SE'), 'purchase', '2020-04-13', ['not_open_yet']],
    ['ELG-6 and then was open', from('SE'), 'purchase', '2020-04-14', []],
    [
      'ELG-6 a product that opens nowhere else is not open there',
      { ...from('SE'), product: { ...powerBi, opens: [{ market: 'US', from: '2020-01-14' }] } },
      'purchase',
      '2026-06-15',
      ['not_open_yet'],
    ],
  ];
  it.each(cases)('%s', (_title, over, offer, day, reasons) => {
    const at = new Date(`${day}T12:00:00Z`);
    expect(evaluateEligibility(factsOf(over), { offer }, at)).toEqual({
      eligible: reasons.length === 0,
      reasons,
    });
  });

  it('ELG-6 a day begins at midnight UTC', () => {
    expect(reasonsOf(typed('nonprofit'), 'purchase', new Date('2020-09-14T23:59:59.999Z'))).toEqual([
      'tenant_type',
    ]);
    expect(reasonsOf(typed('nonprofit'), 'purchase', new Date('2020-09-15T00:00:00.000Z'))).toEqual([]);
  });

  it('ELG-5 all that apply are returned, in order', () => {
    const everything = factsOf({
      tenant: { managed: false, type: 'education', billingCountry: 'XX' },
      user: { type: 'guest', state: 'disabled' },
      product: { trial: null, excludedMarkets: ['XX'], opens: [] },
      policyValue: 'Disabled',
      trialUsed: true,
    });
    const { reasons } = evaluateEligibility(everything, { offer: 'trial' }, now);
    expect(reasons).toEqual(ELIGIBILITY_REASONS.filter((reason) => reason !== 'policy_trials_only'));
  });

  it('ELG-5 the message says to contact the IT admin', () => {
    expect(REFUSAL_MESSAGE).toMatch(/contact your IT admin/i);
  });
});

const day = fc
  .date({ min: new Date('2019-12-01'), max: new Date('2021-12-31'), noInvalidDate: true })
  .map((at) => new Date(`${utcDay(at)}T09:00:00Z`));
const country = fc.constantFrom('US', 'SE', 'GB', 'BR', 'CD', 'IN', 'XX');
const anyFacts: fc.Arbitrary<EligibilityFacts> = fc.record({
  tenant: fc.record({
    managed: fc.boolean(),
    type: fc.constantFrom(...TENANT_TYPES),
    billingCountry: country,
  }),
  user: fc.record({ type: fc.constantFrom(...USER_TYPES), state: fc.constantFrom(...USER_STATES) }),
  product: fc.option(
    fc.constantFrom(...products).chain((product) => fc.constantFrom(product, { ...product, trial: null })),
  ),
  policyValue: fc.constantFrom(...POLICY_VALUES),
  rules: fc.constant(rules),
  markets: fc.constant(markets),
  trialUsed: fc.boolean(),
});
const anyOffer = fc.constantFrom(...OFFERS);

describe('whatever the facts', () => {
  it('ELG-5 reasons are in order, each once, and eligible means none', () => {
    fc.assert(
      fc.property(anyFacts, anyOffer, day, (facts, offer, at) => {
        const { eligible, reasons } = evaluateEligibility(facts, { offer }, at);
        expect(reasons).toEqual(ELIGIBILITY_REASONS.filter((reason) => reasons.includes(reason)));
        expect(eligible).toBe(reasons.length === 0);
      }),
    );
  });

  it('ELG-1 ELG-5 each reason about people and places is there exactly when it applies', () => {
    fc.assert(
      fc.property(anyFacts, anyOffer, day, (facts, offer, at) => {
        const { reasons } = evaluateEligibility(facts, { offer }, at);
        const expected: Partial<Record<EligibilityReason, boolean>> = {
          tenant_unmanaged: !facts.tenant.managed,
          account_inactive: facts.user.state !== 'active',
          guest: facts.user.type === 'guest',
          market: !markets.has(facts.tenant.billingCountry),
          product_unknown: facts.product === null || (offer === 'trial' && facts.product.trial === null),
          trial_used: offer === 'trial' && facts.trialUsed,
        };
        for (const [reason, applies] of Object.entries(expected)) {
          expect([reason, reasons.includes(reason as EligibilityReason)]).toEqual([reason, applies]);
        }
      }),
    );
  });

  it('ELG-4 a stricter policy never allows what a looser one refuses', () => {
    fc.assert(
      fc.property(anyFacts, anyOffer, day, (facts, offer, at) => {
        const [enabled, trialsOnly, disabled] = (
          ['Enabled', 'OnlyTrialsWithoutPaymentMethod', 'Disabled'] as const
        ).map((policyValue) => evaluateEligibility({ ...facts, policyValue }, { offer }, at).eligible);
        expect(enabled || !trialsOnly).toBe(true);
        expect(trialsOnly || !disabled).toBe(true);
        expect(disabled).toBe(false);
      }),
    );
  });

  it('ELG-2 ELG-6 who is eligible stays so on later days, for no rule of the data takes anything back', () => {
    fc.assert(
      fc.property(anyFacts, anyOffer, day, fc.nat({ max: 4000 }), (facts, offer, at, later) => {
        const before = evaluateEligibility(facts, { offer }, at).eligible;
        const after = evaluateEligibility(
          facts,
          { offer },
          new Date(at.getTime() + later * 86_400_000),
        ).eligible;
        expect(before && !after).toBe(false);
      }),
    );
  });

  it('ELG-5 the same facts give the same answer and are left as they were', () => {
    fc.assert(
      fc.property(anyFacts, anyOffer, day, (facts, offer, at) => {
        const before = JSON.stringify(facts);
        const first = evaluateEligibility(facts, { offer }, at);
        expect(evaluateEligibility(facts, { offer }, at)).toEqual(first);
        expect(JSON.stringify(facts)).toBe(before);
      }),
    );
  });
});

describe('data/eligibility.json and data/markets.json', () => {
  it('ELG-2 every tenant type has exactly one rule in force on each day since the first', () => {
    fc.assert(
      fc.property(fc.constantFrom(...TENANT_TYPES), day, (type, at) => {
        const found = rules.tenantTypes.filter(
          (r) => r.tenantType === type && r.from <= utcDay(at) && (!r.until || utcDay(at) < r.until),
        );
        expect(found).toHaveLength(utcDay(at) < '2020-01-14' ? 0 : 1);
      }),
    );
  });

  it('ELG-3 sells in 243 countries and regions, India not among them', () => {
    expect(markets.size).toBe(243);
    expect(markets.has('IN')).toBe(false);
    for (const { family, excludedMarkets } of products) {
      expect(excludedMarkets).toEqual(['Project', 'Visio'].includes(family) ? ['BR', 'CD'] : []);
    }
  });
});
