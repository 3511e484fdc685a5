import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { CHANNELS, openingDay, unitPriceOf, type Price, type Product } from './product.js';
import { TERMS } from './term.js';

const price = (over: Partial<Price>): Price => ({
  channel: 'selfService',
  market: '*',
  term: 'P1M',
  currency: 'USD',
  unitAmountMinor: 999,
  from: '2020-01-01',
  ...over,
});
const now = new Date('2026-06-15T12:00:00Z');
const priceOf = (prices: Price[], market = 'US', at = now): number | undefined =>
  unitPriceOf({ prices }, 'selfService', market, 'P1M', at)?.amountMinor;

describe('unitPriceOf', () => {
  it('BUY-7 is the price of the channel, market and term', () => {
    const prices = [
      price({ unitAmountMinor: 1 }),
      price({ unitAmountMinor: 2, channel: 'central' }),
      price({ unitAmountMinor: 3, term: 'P1Y' }),
      price({ unitAmountMinor: 4, market: 'SE', currency: 'SEK' }),
    ];
    expect(unitPriceOf({ prices }, 'selfService', 'US', 'P1M', now)).toEqual({
      amountMinor: 1,
      currency: 'USD',
    });
    expect(unitPriceOf({ prices }, 'central', 'US', 'P1M', now)).toEqual({ amountMinor: 2, currency: 'USD' });
    expect(unitPriceOf({ prices }, 'selfService', 'US', 'P1Y', now)).toEqual({
      amountMinor: 3,
      currency: 'USD',
    });
    expect(unitPriceOf({ prices }, 'selfService', 'SE', 'P1M', now)).toEqual({
      amountMinor: 4,
      currency: 'SEK',
    });
    expect(unitPriceOf({ prices }, 'partner', 'US', 'P1M', now)).toBeNull();
  });

  it("BUY-7 a market's own price beats the one for all others, in whichever order they stand", () => {
    const own = price({ unitAmountMinor: 790, market: 'GB', currency: 'GBP' });
    expect(priceOf([own, price({})], 'GB')).toBe(790);
    expect(priceOf([price({}), own], 'GB')).toBe(790);
  });

  it('BUY-7 of several in force the latest counts, by UTC day', () => {
    const prices = [
      price({ unitAmountMinor: 1, from: '2020-01-01' }),
      price({ unitAmountMinor: 3, from: '2026-07-01' }),
      price({ unitAmountMinor: 2, from: '2025-01-01' }),
    ];
    expect(priceOf(prices)).toBe(2);
    expect(priceOf(prices, 'US', new Date('2026-06-30T23:59:59.999Z'))).toBe(2);
    expect(priceOf(prices, 'US', new Date('2026-07-01T00:00:00.000Z'))).toBe(3);
    expect(prices.map((p) => p.unitAmountMinor)).toEqual([1, 3, 2]);
  });

  it('BUY-7 a price that has ended is none', () => {
    expect(priceOf([price({ until: '2026-06-15' })])).toBeUndefined();
    expect(priceOf([price({ until: '2026-06-16' })])).toBe(999);
  });
});

describe('openingDay', () => {
  it("ELG-6 is the market's own day, or that of all others, or none", () => {
    const opens = [
      { market: '*', from: '2020-04-14' },
      { market: 'US', from: '2020-01-14' },
    ];
    expect(openingDay({ opens }, 'US')).toBe('2020-01-14');
    expect(openingDay({ opens }, 'SE')).toBe('2020-04-14');
    expect(openingDay({ opens: [{ market: 'US', from: '2020-01-14' }] }, 'SE')).toBeNull();
  });
});

describe('data/products.json', () => {
  const file = path.join(__dirname, '../../../data/products.json');
  const products = JSON.parse(readFileSync(file, 'utf8')) as Product[];

  it('BUY-7 has a price for every product, channel and term in every market', () => {
    expect(products).toHaveLength(9);
    for (const product of products) {
      for (const channel of CHANNELS) {
        for (const term of TERMS) {
          for (const [market, currency] of Object.entries({
            US: 'USD',
            GB: 'GBP',
            SE: 'SEK',
            JP: 'JPY',
            AD: 'USD',
          })) {
            expect(unitPriceOf(product, channel, market, term, now)).toMatchObject({ currency });
          }
        }
      }
    }
  });

  it('BUY-7 sells Power BI Pro for 9.99 dollars a month by card and for less centrally', () => {
    const pro = products.find((p) => p.productName === 'Power BI Pro')!;
    expect(unitPriceOf(pro, 'selfService', 'US', 'P1M', now)).toEqual({ amountMinor: 999, currency: 'USD' });
    expect(unitPriceOf(pro, 'central', 'US', 'P1M', now)).toEqual({ amountMinor: 919, currency: 'USD' });
  });
});
