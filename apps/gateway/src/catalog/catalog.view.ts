import type { CatalogItemView } from '@commissary/contracts';
import { type Offer, type Product, TERMS, unitPriceOf } from '@commissary/domain';
import { evaluateEligibility } from '@commissary/policies';
import type { BuyerFacts } from '@commissary/store';

type OfferView = CatalogItemView['offers'][number];

/** One product as its buyer sees it: each offer with every reason against it. [ELG-5, BUY-7, BUY-8] */
export const catalogItem = (
  product: Product,
  facts: BuyerFacts,
  alreadyLicensed: boolean,
  now: Date,
): CatalogItemView => {
  const market = facts.tenant.billingCountry;
  const offers: OfferView[] = [
    { ...verdictOn('purchase', facts, now), prices: pricesIn(product, market, now) },
  ];
  if (product.trial) offers.push({ ...verdictOn('trial', facts, now), prices: [], trial: product.trial });
  return { productId: product.productId, productName: product.productName, offers, alreadyLicensed };
};

const verdictOn = (offer: Offer, facts: BuyerFacts, now: Date) => ({
  offer,
  ...evaluateEligibility(facts, { offer }, now),
});

const pricesIn = (product: Product, market: string, now: Date): OfferView['prices'] =>
  TERMS.flatMap((term) => {
    const unitPrice = unitPriceOf(product, 'selfService', market, term, now);
    return unitPrice ? [{ term, unitPrice }] : [];
  });
