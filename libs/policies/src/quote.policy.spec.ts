import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { CHANNELS, TERMS, type Product } from '@commissary/domain';
import fc from 'fast-check';
import {
  needsPaymentMethod,
  priceQuote,
  requireOpenQuote,
  subscriptionPeriod,
  type QuoteRequest,
} from './quote.policy.js';

const file = path.join(__dirname, '../../../data/products.json');
const products = JSON.parse(readFileSync(file, 'utf8')) as Product[];
const powerBi = products.find((p) => p.productName === 'Power BI Pro')!;
const now = new Date('2026-01-31T12:00:00Z');

const asked = (over: Partial<QuoteRequest> = {}): QuoteRequest => ({
  product: powerBi,
  offer: 'purchase',
  quantity: 100,
  term: 'P1M',
  market: 'US',
  channel: 'selfService',
  ...over,
});
const invalid = (pointer: string, rule: string) =>
  expect.objectContaining({
    code: 'invalid_request',
    extras: { errors: [expect.objectContaining({ pointer, rule })] },
  });

describe('priceQuote of a purchase', () => {
  it('BUY-2 gives unit price, total, term, renewal and its own end in 30 minutes', () => {
    expect(priceQuote(asked(), now)).toEqual({
      offer: 'purchase',
      quantity: 100,
      term: 'P1M',
      unitPrice: { amountMinor: 999, currency: 'USD' },
      total: { amountMinor: 99_900, currency: 'USD' },
      renewsAt: new Date('2026-02-28T12:00:00Z'),
      expiresAt: new Date('2026-01-31T12:30:00Z'),
      trial: null,
    });
  });

  it('BUY-7 the price depends on market, channel and term', () => {
    const unit = (over: Partial<QuoteRequest>) => priceQuote(asked(over), now).unitPrice;
    expect(unit({ market: 'SE' })).toEqual({ amountMinor: 10_600, currency: 'SEK' });
    expect(unit({ market: 'JP' })).toEqual({ amountMinor: 1500, currency: 'JPY' });
    expect(unit({ channel: 'central' })).toEqual({ amountMinor: 919, currency: 'USD' });
    expect(unit({ term: 'P1Y' })).toEqual({ amountMinor: 11_988, currency: 'USD' });
  });

  it('BUY-2 the total is exactly quantity times unit price', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...products),
        fc.integer({ min: 1, max: 10_000 }),
        fc.constantFrom(...TERMS),
        fc.constantFrom(...CHANNELS),
        fc.constantFrom('US', 'SE', 'GB', 'BR', 'JP', 'AD'),
        (product, quantity, term, channel, market) => {
          const quote = priceQuote(asked({ product, quantity, term, channel, market }), now);
          expect(quote.total.amountMinor).toBe(quote.unitPrice.amountMinor * quantity);
          expect(quote.total.currency).toBe(quote.unitPrice.currency);
        },
      ),
    );
  });

  it('BUY-2 takes 1 to 10,000 seats', () => {
    for (const quantity of [1, 10_000]) expect(priceQuote(asked({ quantity }), now).quantity).toBe(quantity);
    for (const quantity of [0, -1, 10_001, 1.5, Number.NaN]) {
      expect(() => priceQuote(asked({ quantity }), now)).toThrow(invalid('/quantity', 'range'));
    }
  });

  it('ADM-6 a central purchase takes up to 1,000,000', () => {
    const central = (quantity: number) => () => priceQuote(asked({ quantity, channel: 'central' }), now);
    expect(central(1_000_000)().quantity).toBe(1_000_000);
    expect(central(1_000_001)).toThrow(invalid('/quantity', 'range'));
  });

  it('BUY-2 refuses a term that is missing or not sold there', () => {
    expect(() => priceQuote(asked({ term: null }), now)).toThrow(invalid('/term', 'required'));
    const monthly = { ...powerBi, prices: powerBi.prices.filter((p) => p.term === 'P1M') };
    expect(() => priceQuote(asked({ product: monthly, term: 'P1Y' }), now)).toThrow(invalid('/term', 'sold'));
  });
});

describe('priceQuote of a trial', () => {
  const trial = (over: Partial<QuoteRequest> = {}) =>
    asked({ offer: 'trial', quantity: 25, term: null, ...over });

  it("BUY-8 costs nothing, in the market's currency, and does not renew", () => {
    expect(priceQuote(trial({ market: 'SE' }), now)).toEqual({
      offer: 'trial',
      quantity: 25,
      term: null,
      unitPrice: { amountMinor: 0, currency: 'SEK' },
      total: { amountMinor: 0, currency: 'SEK' },
      renewsAt: null,
      expiresAt: new Date('2026-01-31T12:30:00Z'),
      trial: { days: 30, seats: 25, cardless: true },
    });
    expect(priceQuote(trial({ term: 'P1Y' }), now).term).toBeNull();
  });

  it('BUY-7 BUY-8 is in the currency of the only term that is sold, whichever term that is', () => {
    for (const only of TERMS) {
      const product = { ...powerBi, prices: powerBi.prices.filter(({ term }) => term === only) };
      expect(priceQuote(trial({ product, market: 'GB' }), now).total).toEqual({
        amountMinor: 0,
        currency: 'GBP',
      });
    }
  });

  it('BUY-8 takes 1 seat to as many as the trial has', () => {
    expect(priceQuote(trial({ quantity: 1 }), now).quantity).toBe(1);
    for (const quantity of [0, 26]) {
      expect(() => priceQuote(trial({ quantity }), now)).toThrow(invalid('/quantity', 'range'));
    }
  });

  it('BUY-8 is refused where there is none or the product is not sold', () => {
    expect(() => priceQuote(trial({ product: { ...powerBi, trial: null } }), now)).toThrow(
      invalid('/offer', 'offered'),
    );
    expect(() => priceQuote(trial({ product: { ...powerBi, prices: [] } }), now)).toThrow(
      invalid('/offer', 'sold'),
    );
  });
});

describe('what a quote leads to', () => {
  it('BUY-3 BUY-8 needs a card, but for a cardless trial', () => {
    expect(needsPaymentMethod('purchase', null)).toBe(true);
    expect(needsPaymentMethod('purchase', { cardless: true })).toBe(true);
    expect(needsPaymentMethod('trial', { cardless: false })).toBe(true);
    expect(needsPaymentMethod('trial', null)).toBe(true);
    expect(needsPaymentMethod('trial', { cardless: true })).toBe(false);
  });

  it('BUY-2 is good until its last moment, for one order, and again once that order let it go', () => {
    const expiresAt = new Date('2026-01-31T12:30:00.000Z');
    const lastMoment = new Date('2026-01-31T12:29:59.999Z');
    expect(() => requireOpenQuote({ expiresAt, operationId: null }, lastMoment)).not.toThrow();
    expect(() => requireOpenQuote({ expiresAt, operationId: null }, expiresAt)).toThrow(
      expect.objectContaining({ code: 'quote_expired' }),
    );
    for (const at of [lastMoment, expiresAt]) {
      expect(() => requireOpenQuote({ expiresAt, operationId: 'op_1' }, at)).toThrow(
        expect.objectContaining({ code: 'quote_used' }),
      );
    }
  });

  it('BUY-2 a subscription ends and renews a term after its start', () => {
    const expiresAt = new Date('2027-01-31T12:00:00Z');
    expect(subscriptionPeriod({ offer: 'purchase', term: 'P1Y', trial: null }, now)).toEqual({
      expiresAt,
      renewsAt: expiresAt,
    });
  });

  it('BUY-8 a trial ends after its days and does not renew', () => {
    expect(subscriptionPeriod({ offer: 'trial', term: null, trial: { days: 30 } }, now)).toEqual({
      expiresAt: new Date('2026-03-02T12:00:00Z'),
      renewsAt: null,
    });
  });

  it('BUY-8 a period without its length is a bug, not an answer', () => {
    expect(() => subscriptionPeriod({ offer: 'trial', term: 'P1M', trial: null }, now)).toThrow(RangeError);
    expect(() => subscriptionPeriod({ offer: 'purchase', term: null, trial: { days: 30 } }, now)).toThrow(
      RangeError,
    );
  });
});
