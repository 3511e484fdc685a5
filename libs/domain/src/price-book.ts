import type { Price, Product } from './product.js';

/** What is wrong with which field of the vendor's data; `subject` is a product, or else a market or a rule. */
export interface CatalogFault {
  subject: string;
  field: string;
  detail: string;
}

/** Data that may not become the catalog; its message has a line for each fault. */
export class CatalogRefusedError extends Error {
  override readonly name = 'CatalogRefusedError';
  constructor(readonly faults: readonly CatalogFault[]) {
    super(faults.map(({ subject, field, detail }) => `${subject}: ${field}: ${detail}`).join('\n'));
  }
}

export const subjectOf = ({ productId, productName }: Pick<Product, 'productId' | 'productName'>): string =>
  `${productId} (${productName})`;

/** A product has one price of each: of two that begin on one day there is no telling which is in force. [BUY-7] */
export const priceKey = ({ channel, market, term, from }: Price): string =>
  `${channel} ${market} ${term} from ${from}`;

type Priced = Pick<Product, 'productId' | 'productName' | 'prices'>;

/**
 * Where a product's new prices would say something else about a day that is over than the old ones did; `today` is
 * `YYYY-MM-DD` (UTC). What holds today and later is free to change: a price that was wrong ends today and another begins. [BUY-7]
 */
export const rewrittenPrices = (before: Priced, after: Priced, today: string): CatalogFault[] => {
  const subject = subjectOf(after);
  const kept = new Map(after.prices.map((price, index) => [priceKey(price), { price, index }]));
  const known = new Set(before.prices.map(priceKey));
  const faults: CatalogFault[] = [];
  for (const old of before.prices.filter(({ from }) => from < today)) {
    const found = kept.get(priceKey(old));
    if (!found) {
      const detail = `the price ${priceKey(old)} was in force and must stay; end it with "until"`;
      faults.push({ subject, field: 'prices', detail });
    } else faults.push(...rewritten(old, found.price, today, { subject, at: `prices[${found.index}]` }));
  }
  for (const [index, price] of after.prices.entries()) {
    if (known.has(priceKey(price)) || price.from >= today) continue;
    const detail = `a price that is new begins today (${today}, UTC) or later, not on ${price.from}`;
    faults.push({ subject, field: `prices[${index}].from`, detail });
  }
  return faults;
};

const rewritten = (
  old: Price,
  price: Price,
  today: string,
  { subject, at }: { subject: string; at: string },
): CatalogFault[] => {
  const faults: CatalogFault[] = [];
  if (price.unitAmountMinor !== old.unitAmountMinor || price.currency !== old.currency) {
    const was = `${old.unitAmountMinor} ${old.currency}`;
    const detail = `was ${was} and in force; end that price with "until" and add another`;
    faults.push({ subject, field: `${at}.unitAmountMinor`, detail });
  }
  if (endBy(today, price) !== endBy(today, old)) {
    const was = old.until === undefined ? 'not ended' : `ended on ${old.until}`;
    const detail = `before ${today} (today, UTC) the price had ${was}; that stays`;
    faults.push({ subject, field: `${at}.until`, detail });
  }
  return faults;
};

const endBy = (today: string, { until }: Price): string =>
  until === undefined || until > today ? today : until;

/** Fields that name a market that is not on the list: a slip, which would sell nothing. [ELG-3] */
export const unlistedMarkets = (product: Product, markets: ReadonlySet<string>): CatalogFault[] => {
  const named = [
    ...product.excludedMarkets.map((market, index) => ({ market, field: `excludedMarkets[${index}]` })),
    ...product.opens.map(({ market }, index) => ({ market, field: `opens[${index}].market` })),
    ...product.prices.map(({ market }, index) => ({ market, field: `prices[${index}].market` })),
  ];
  return named
    .filter(({ market }) => market !== '*' && !markets.has(market))
    .map(({ market, field }) => ({
      subject: subjectOf(product),
      field,
      detail: `${market} is not one of the markets`,
    }));
};
