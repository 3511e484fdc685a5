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
  const { productId, productName, trial } = product;
  const offers = [offerOf('purchase', facts, now, pricesIn(product, facts.tenant.billingCountry, now))];
  if (trial) {
    const offer = offerOf('trial', facts, now, []);
    offer.trial = trial;
    offers.push(offer);
  }
  return { productId, productName, offers, alreadyLicensed };
};

const offerOf = (offer: Offer, facts: BuyerFacts, now: Date, prices: OfferView['prices']): OfferView => {
  const { eligible, reasons } = evaluateEligibility(facts, { offer }, now);
  return { offer, eligible, reasons, prices };
};

/** A loop, for a catalog of a thousand products spends its time here. */
const pricesIn = (product: Product, market: string, now: Date): OfferView['prices'] => {
  const prices: OfferView['prices'] = [];
  for (const term of TERMS) {
    const unitPrice = unitPriceOf(product, 'selfService', market, term, now);
    if (unitPrice) prices.push({ term, unitPrice });
  }
  return prices;
};
