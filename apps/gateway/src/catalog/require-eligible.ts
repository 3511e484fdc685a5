import { DomainError, type Offer, type Product } from '@commissary/domain';
import { evaluateEligibility, REFUSAL_MESSAGE } from '@commissary/policies';
import type { BuyerFacts } from '@commissary/store';

/** The product, for a buyer who may have it now; throws `not_eligible` with every reason otherwise. [ELG-5] */
export const requireEligible = (facts: BuyerFacts, offer: Offer, now: Date): Product => {
  const { eligible, reasons } = evaluateEligibility(facts, { offer }, now);
  if (!eligible || facts.product === null) {
    throw new DomainError('not_eligible', REFUSAL_MESSAGE, { reasons });
  }
  return facts.product;
};
