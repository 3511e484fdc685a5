import {
  addDays,
  addTerm,
  DomainError,
  money,
  QUOTE_MINUTES,
  SEATS_PER_PURCHASE,
  SEATS_PER_SUBSCRIPTION_MAX,
  TERMS,
  timesQuantity,
  unitPriceOf,
  type Channel,
  type Money,
  type Offer,
  type Product,
  type Term,
  type Trial,
} from '@commissary/domain';

export interface QuoteRequest {
  product: Pick<Product, 'prices' | 'trial'>;
  offer: Offer;
  /** Seats. */
  quantity: number;
  /** Required for a purchase; a trial has none, and one that is named is not looked at. */
  term: Term | null;
  /** The tenant's billing country. */
  market: string;
  channel: Channel;
}

export interface PricedQuote {
  offer: Offer;
  quantity: number;
  term: Term | null;
  unitPrice: Money;
  total: Money;
  /** Were it bought now; null for a trial, which does not renew. */
  renewsAt: Date | null;
  /** End of the quote itself. */
  expiresAt: Date;
  trial: Trial | null;
}

/**
 * What a purchase or a trial costs in a market and channel, before any tax. [BUY-2, BUY-7, BUY-8]
 * Throws `invalid_request` that points at the field: a quantity out of bounds, a term that is missing or not sold there.
 */
export const priceQuote = (request: QuoteRequest, now: Date): PricedQuote => {
  const { offer, quantity } = request;
  const { trial, term, unitPrice } =
    offer === 'trial' ? trialTerms(request, now) : purchaseTerms(request, now);
  return {
    offer,
    quantity,
    term,
    unitPrice,
    total: timesQuantity(unitPrice, quantity),
    renewsAt: subscriptionPeriod({ offer, term, trial }, now).renewsAt,
    expiresAt: new Date(now.getTime() + QUOTE_MINUTES * 60_000),
    trial,
  };
};

type OfferTerms = Pick<PricedQuote, 'trial' | 'term' | 'unitPrice'>;

const purchaseTerms = ({ product, quantity, term, market, channel }: QuoteRequest, now: Date): OfferTerms => {
  // A card buys little at a time; a central purchase is a record of a contract of any size. [ADM-6]
  requireQuantity(quantity, channel === 'central' ? SEATS_PER_SUBSCRIPTION_MAX : SEATS_PER_PURCHASE.max);
  if (term === null) throw invalid('/term', 'required', `A purchase states its term: ${TERMS.join(' or ')}.`);
  const unitPrice = unitPriceOf(product, channel, market, term, now);
  if (unitPrice === null)
    throw invalid('/term', 'sold', `This product is not sold for ${term} in ${market}.`);
  return { trial: null, term, unitPrice };
};

const trialTerms = ({ product, quantity, market, channel }: QuoteRequest, now: Date): OfferTerms => {
  const { trial } = product;
  if (trial === null) throw invalid('/offer', 'offered', 'This product has no trial.');
  requireQuantity(quantity, trial.seats);
  // Nothing is paid, but zero too is an amount of the market's currency.
  const price = TERMS.map((term) => unitPriceOf(product, channel, market, term, now)).find((p) => p !== null);
  if (!price) throw invalid('/offer', 'sold', `This product is not sold in ${market}.`);
  return { trial, term: null, unitPrice: money(0, price.currency) };
};

const requireQuantity = (quantity: number, max: number): void => {
  const { min } = SEATS_PER_PURCHASE;
  if (!Number.isInteger(quantity) || quantity < min || quantity > max) {
    throw invalid('/quantity', 'range', `Must be a whole number from ${min} to ${max}.`);
  }
};

const invalid = (pointer: string, rule: string, detail: string): DomainError =>
  new DomainError('invalid_request', detail, { errors: [{ pointer, rule, detail }] });

/** Whether a card must be given: always, but for a trial that asks for none. [BUY-3, BUY-8] */
export const needsPaymentMethod = (offer: Offer, trial: Pick<Trial, 'cardless'> | null): boolean =>
  offer === 'purchase' || trial?.cardless !== true;

/**
 * A quote binds for 30 minutes until it is accepted, and for one order. [BUY-2]
 * Throws `quote_used` (by the operation that holds it) and `quote_expired`.
 */
export const requireOpenQuote = (quote: { expiresAt: Date; operationId: string | null }, now: Date): void => {
  if (quote.operationId !== null)
    throw new DomainError('quote_used', 'This quote was used by another purchase.');
  if (quote.expiresAt <= now)
    throw new DomainError('quote_expired', 'This quote has expired; ask for a new one.');
};

export interface SubscriptionPeriod {
  expiresAt: Date;
  /** Null for a trial. */
  renewsAt: Date | null;
}

/**
 * When a subscription started at `startedAt` ends and renews. [BUY-2, BUY-8]
 * Throws RangeError for a purchase without a term or a trial without its days: no quote has these.
 */
export const subscriptionPeriod = (
  { offer, term, trial }: { offer: Offer; term: Term | null; trial: Pick<Trial, 'days'> | null },
  startedAt: Date,
): SubscriptionPeriod => {
  if (offer === 'trial') {
    if (trial === null) throw new RangeError('a trial has days');
    return { expiresAt: addDays(startedAt, trial.days), renewsAt: null };
  }
  if (term === null) throw new RangeError('a purchase has a term');
  const expiresAt = addTerm(startedAt, term);
  return { expiresAt, renewsAt: expiresAt };
};
