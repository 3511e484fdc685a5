import {
  inForce,
  openingDay,
  utcDay,
  type EligibilityReason,
  type EligibilityRules,
  type Offer,
  type PolicyValue,
  type Product,
  type TenantType,
  type UserState,
  type UserType,
} from '@commissary/domain';

/** The one message a refused user gets; `reasons` beside it are for programs. [ELG-5] */
export const REFUSAL_MESSAGE =
  'You cannot buy this product for yourself. Contact your IT admin to get it or to ask why.';

export interface EligibilityFacts {
  tenant: { managed: boolean; type: TenantType; billingCountry: string };
  user: { type: UserType; state: UserState };
  /** Null if there is no such product. */
  product: Pick<Product, 'opens' | 'excludedMarkets' | 'trial'> | null;
  /** The tenant's value for the product, or its default. */
  policyValue: PolicyValue;
  rules: EligibilityRules;
  /** ISO 3166-1 alpha-2 codes of the markets that are sold in. */
  markets: ReadonlySet<string>;
  /** Whether this user of this tenant had a trial of the product before. [BUY-8] */
  trialUsed: boolean;
}

export interface EligibilityVerdict {
  eligible: boolean;
  /** All that apply, in the order of ELIGIBILITY_REASONS. */
  reasons: EligibilityReason[];
}

/**
 * Who may buy or try what: the one answer for the catalog, the quote, the purchase and its worker. [ELG-1..6]
 * Days are UTC. Never throws. A trial of a product that has none is `product_unknown`: there is no such thing to
 * be had. For an unknown product the rules about products, and the tenant's policy for it, have nothing to say.
 */
export const evaluateEligibility = (
  facts: EligibilityFacts,
  request: { offer: Offer },
  now: Date,
): EligibilityVerdict => {
  const { tenant, user } = facts;
  const day = utcDay(now);
  const reasons: EligibilityReason[] = [];
  if (!tenant.managed) reasons.push('tenant_unmanaged');
  if (!tenantTypeEligible(facts.rules, tenant.type, day)) reasons.push('tenant_type');
  if (user.state !== 'active') reasons.push('account_inactive');
  if (user.type === 'guest') reasons.push('guest');
  if (!facts.markets.has(tenant.billingCountry)) reasons.push('market');
  addProductReasons(reasons, facts, request.offer, day);
  if (request.offer === 'trial' && facts.trialUsed) reasons.push('trial_used');
  return { eligible: reasons.length === 0, reasons };
};

/** A type without a rule in force may not buy. [ELG-2] */
const tenantTypeEligible = (rules: EligibilityRules, type: TenantType, day: string): boolean =>
  rules.tenantTypes.some((rule) => rule.tenantType === type && rule.eligible && inForce(rule, day));

/** [ELG-3, ELG-4, ELG-6] */
const addProductReasons = (
  reasons: EligibilityReason[],
  { product, tenant, policyValue }: EligibilityFacts,
  offer: Offer,
  day: string,
): void => {
  if (product === null) {
    reasons.push('product_unknown');
    return;
  }
  if (offer === 'trial' && product.trial === null) reasons.push('product_unknown');
  if (product.excludedMarkets.includes(tenant.billingCountry)) reasons.push('product_market');
  const opened = openingDay(product, tenant.billingCountry);
  if (opened === null || day < opened) reasons.push('not_open_yet');
  if (policyValue === 'Disabled') reasons.push('policy_disabled');
  // A trial that asks for a card is a purchase to the policy.
  const needsCard = offer === 'purchase' || product.trial?.cardless === false;
  if (policyValue === 'OnlyTrialsWithoutPaymentMethod' && needsCard) reasons.push('policy_trials_only');
};
