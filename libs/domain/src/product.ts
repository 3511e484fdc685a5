import type { Money } from './money.js';
import { inForce, utcDay, type Term } from './term.js';

export const OFFERS = ['purchase', 'trial'] as const;
export type Offer = (typeof OFFERS)[number];

export const CHANNELS = ['selfService', 'central', 'partner'] as const;
export type Channel = (typeof CHANNELS)[number];

export interface Price {
  channel: Channel;
  /** ISO 3166-1 alpha-2, or `*` for every market without a price of its own. */
  market: string;
  term: Term;
  currency: string;
  unitAmountMinor: number;
  /** First day (UTC, `YYYY-MM-DD`) the price is in force. */
  from: string;
  /** First day it is no longer in force. */
  until?: string;
}

/** The day a product opened in a market; `*` stands for every other market. [ELG-6] */
export interface Opening {
  market: string;
  from: string;
}

export interface Trial {
  days: number;
  seats: number;
  cardless: boolean;
}

export interface Product {
  productId: string;
  productName: string;
  service: string;
  family: string;
  excludedMarkets: string[];
  trial: Trial | null;
  opens: Opening[];
  prices: Price[];
  trainingUrl: string;
}

/** The price in force at `at`; a market's own price beats `*`; of several the latest. Null where it is not sold so. [BUY-7] */
export const unitPriceOf = (
  product: Pick<Product, 'prices'>,
  channel: Channel,
  market: string,
  term: Term,
  at: Date,
): Money | null => {
  const day = utcDay(at);
  let found: Price | null = null;
  // One pass and no copies: a catalog asks this thousands of times.
  for (const price of product.prices) {
    if (price.term !== term || price.channel !== channel) continue;
    if ((price.market !== market && price.market !== '*') || !inForce(price, day)) continue;
    if (found === null || beats(price, found)) found = price;
  }
  return found && { amountMinor: found.unitAmountMinor, currency: found.currency };
};

const beats = (price: Price, other: Price): boolean =>
  (price.market === '*') === (other.market === '*') ? price.from > other.from : price.market !== '*';

/** The day the product opened in the market, or null where it never did. [ELG-6] */
export const openingDay = (product: Pick<Product, 'opens'>, market: string): string | null =>
  (product.opens.find((o) => o.market === market) ?? product.opens.find((o) => o.market === '*'))?.from ??
  null;
