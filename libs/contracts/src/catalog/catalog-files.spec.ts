import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { CatalogRefusedError } from '@commissary/domain';
import { parseCatalogFiles, type RawCatalogFiles } from './catalog-files.js';

const PRICE = {
  channel: 'selfService',
  market: '*',
  term: 'P1M',
  currency: 'USD',
  unitAmountMinor: 999,
  from: '2026-01-01',
};

const PRODUCT = {
  productId: 'PRO',
  productName: 'Power BI Pro',
  service: 'Power BI',
  family: 'Power Platform',
  excludedMarkets: ['BR'],
  trial: { days: 30, seats: 25, cardless: true },
  opens: [{ market: '*', from: '2026-01-01' }],
  prices: [PRICE],
  trainingUrl: 'https://vendor.example/pro',
};

const faultsOf = (raw: RawCatalogFiles): string[] => {
  try {
    parseCatalogFiles(raw);
    return [];
  } catch (error) {
    if (error instanceof CatalogRefusedError)
      return error.faults.map(({ subject, field }) => `${subject}: ${field}`);
    throw error;
  }
};

const withPrice = (...changes: object[]) => ({ prices: changes.map((change) => ({ ...PRICE, ...change })) });

describe('products of the vendor [BUY-7, BUY-8, ELG-6]', () => {
  it('takes one that is sound, as it is', () => {
    expect(parseCatalogFiles({ products: [PRODUCT] })).toEqual({
      products: [PRODUCT],
      markets: null,
      rules: null,
    });
  });

  it.each<[string, object, string]>([
    ['an unknown field', { colour: 'blue' }, '(whole)'],
    ['an unknown field of a price', withPrice({ untill: '2027-01-01' }), 'prices[0]'],
    ['an id that is no part of a path', { productId: 'a/b' }, 'productId'],
    ['an empty name', { productName: ' ' }, 'productName'],
    ['a name of two lines', { productName: 'Power\r\nBI' }, 'productName'],
    ['a day that does not exist', withPrice({ from: '2026-02-30' }), 'prices[0].from'],
    ['a time instead of a day', withPrice({ from: '2026-02-03T00:00:00Z' }), 'prices[0].from'],
    ['a day of opening in words', { opens: [{ market: '*', from: 'soon' }] }, 'opens[0].from'],
    ['a currency that does not exist', withPrice({ currency: 'USX' }), 'prices[0].currency'],
    ['a term that is not sold', withPrice({ term: 'P3M' }), 'prices[0].term'],
    ['an unknown channel', withPrice({ channel: 'web' }), 'prices[0].channel'],
    ['a market in words', withPrice({ market: 'Sweden' }), 'prices[0].market'],
    ['a price below nothing', withPrice({ unitAmountMinor: -1 }), 'prices[0].unitAmountMinor'],
    ['a price in parts of a cent', withPrice({ unitAmountMinor: 9.99 }), 'prices[0].unitAmountMinor'],
    ['a price in text', withPrice({ unitAmountMinor: '999' }), 'prices[0].unitAmountMinor'],
    [
      'a price whose totals were not exact',
      withPrice({ unitAmountMinor: 1e10 }),
      'prices[0].unitAmountMinor',
    ],
    ['an end before the beginning', withPrice({ until: '2025-12-31' }), 'prices[0].until'],
    ['an end on the day it begins', withPrice({ until: '2026-01-01' }), 'prices[0].until'],
    ['two prices from the same day', withPrice({}, { unitAmountMinor: 1 }), 'prices[1].from'],
    ['a trial of no days', { trial: { ...PRODUCT.trial, days: 0 } }, 'trial.days'],
    ['a trial of more than a year', { trial: { ...PRODUCT.trial, days: 366 } }, 'trial.days'],
    ['a trial of more seats than one buys', { trial: { ...PRODUCT.trial, seats: 10_001 } }, 'trial.seats'],
    ['a trial that does not say about cards', { trial: { days: 30, seats: 25 } }, 'trial.cardless'],
    ['no word about trials', { trial: undefined }, 'trial'],
    ['a market that is excluded twice', { excludedMarkets: ['BR', 'BR'] }, 'excludedMarkets[1]'],
    ['a market that opens twice', { opens: [...PRODUCT.opens, ...PRODUCT.opens] }, 'opens[1].market'],
    ['a link that is no web address', { trainingUrl: 'javascript:alert(1)' }, 'trainingUrl'],
    ['no link', { trainingUrl: undefined }, 'trainingUrl'],
  ])('names the product and the field: %s', (_what, change, field) => {
    const changed = { ...PRODUCT, ...change };
    const subject = changed.productName === ' ' ? 'PRO ( )' : `${changed.productId} (${changed.productName})`;
    expect(faultsOf({ products: [changed] })).toEqual([`${subject}: ${field}`]);
  });

  it('takes prices that differ in channel, market, term or first day, and one of nothing', () => {
    const prices = withPrice(
      {},
      { channel: 'central' },
      { market: 'SE', currency: 'SEK' },
      { term: 'P1Y' },
      { from: '2026-02-01', until: '2026-02-02', unitAmountMinor: 0 },
    );
    expect(faultsOf({ products: [{ ...PRODUCT, ...prices }] })).toEqual([]);
  });

  it('names every fault of every file at once', () => {
    const products = [
      { ...PRODUCT, ...withPrice({ currency: 'X', from: 'Y' }) },
      { ...PRODUCT, productId: undefined },
    ];
    expect(faultsOf({ products, markets: [{ code: 'se', name: 'Sweden' }], rules: {} })).toEqual([
      'se: code',
      'rules: tenantTypes',
      'PRO (Power BI Pro): prices[0].currency',
      'PRO (Power BI Pro): prices[0].from',
      'products[1] (Power BI Pro): productId',
    ]);
  });

  it('refuses a product that is there twice, no products, and what is no list', () => {
    expect(faultsOf({ products: [PRODUCT, PRODUCT] })).toEqual(['PRO (Power BI Pro): productId']);
    expect(faultsOf({ products: [] })).toEqual(['products: (whole)']);
    expect(faultsOf({ products: { PRO: PRODUCT } })).toEqual(['products: (whole)']);
    expect(faultsOf({ products: undefined })).toEqual(['products: (whole)']);
  });

  it('gives a product without a link that of its service', () => {
    const training = { 'Power BI': 'https://vendor.example/power-bi' };
    const { products } = parseCatalogFiles({
      products: [
        { ...PRODUCT, trainingUrl: undefined },
        { ...PRODUCT, productId: 'OWN' },
      ],
      training,
    });
    expect(products.map(({ trainingUrl }) => trainingUrl)).toEqual([
      training['Power BI'],
      PRODUCT.trainingUrl,
    ]);
  });
});

describe('markets and rules [ELG-2, ELG-3, ELG-6]', () => {
  const rule = { tenantType: 'nonprofit', eligible: false, from: '2020-01-14' };
  const faultsOfRules = (...tenantTypes: object[]) =>
    faultsOf({ products: [PRODUCT], rules: { tenantTypes } });

  it('takes rules that follow each other, and refuses those that hold at once', () => {
    const later = { ...rule, eligible: true, from: '2020-09-15' };
    expect(faultsOfRules({ ...rule, until: '2020-09-15' }, later)).toEqual([]);
    expect(faultsOfRules({ ...rule, until: '2020-09-16' }, later)).toEqual(['nonprofit: from']);
    expect(faultsOfRules(later, rule)).toEqual(['nonprofit: from']);
    expect(faultsOfRules(rule, { ...later, tenantType: 'education' })).toEqual([]);
    expect(faultsOfRules({ ...rule, tenantType: 'club' })).toEqual(['club: tenantType']);
  });

  it('refuses a market that is there twice', () => {
    const markets = [
      { code: 'SE', name: 'Sweden' },
      { code: 'SE', name: 'Sverige' },
    ];
    expect(faultsOf({ products: [PRODUCT], markets })).toEqual(['SE: code']);
  });

  it('takes the sample data', () => {
    const data = (name: string): unknown =>
      JSON.parse(readFileSync(path.resolve(__dirname, '../../../../data', `${name}.json`), 'utf8'));
    const files = parseCatalogFiles({
      products: data('products'),
      markets: data('markets'),
      rules: data('eligibility'),
      training: data('training'),
    });
    expect(files.markets).toHaveLength(243);
    expect(files.products.map(({ productId }) => productId)).toContain('CFQ7TTC0H9MP');
  });
});
