import { describe, expect, it } from '@jest/globals';
import type { ProductDocument } from '../collections/index.js';
import { catalogChanges, type CatalogDocuments, isNoDifference } from './catalog-changes.js';

const price = {
  channel: 'central',
  market: 'SE',
  term: 'P1Y',
  currency: 'SEK',
  unitAmountMinor: 9,
  from: '2026-01-01',
} as const;
const product: ProductDocument = {
  _id: 'PRO',
  productName: 'Power BI Pro',
  service: 'Power BI',
  family: 'Power Platform',
  excludedMarkets: ['BR', 'CD'],
  trial: null,
  opens: [
    { market: 'US', from: '2020-01-14' },
    { market: '*', from: '2020-04-14' },
  ],
  prices: [price, { ...price, channel: 'partner' }],
  trainingUrl: 'https://vendor.example',
};

const catalog = (...products: ProductDocument[]): CatalogDocuments => ({ products, markets: [], rules: [] });

describe('what changes of a catalog [BUY-7]', () => {
  it('is nothing where lists are in another order', () => {
    const same: ProductDocument = {
      ...product,
      excludedMarkets: product.excludedMarkets.toReversed(),
      opens: product.opens.toReversed(),
      prices: product.prices.toReversed(),
    };
    expect(Object.values(catalogChanges(catalog(product), catalog(same))).every(isNoDifference)).toBe(true);
  });

  it('names fields, and prices apart', () => {
    const after: ProductDocument = {
      ...product,
      productName: 'Fabric',
      opens: [{ market: '*', from: '2020-04-14' }],
      prices: [
        { ...price, until: '2027-01-01' },
        { ...price, from: '2027-01-01' },
      ],
    };
    const { products } = catalogChanges(catalog(product), catalog(after));
    const [change] = products.changed;
    expect(change?.fields).toEqual(['productName', 'opens']);
    expect(change?.prices).toEqual({
      added: [{ ...price, from: '2027-01-01' }],
      changed: [{ before: price, after: { ...price, until: '2027-01-01' } }],
      withdrawn: [{ ...price, channel: 'partner' }],
    });
  });

  it('tells new products from withdrawn ones, of markets and rules too', () => {
    const other = { ...product, _id: 'PREMIUM' };
    const rule = {
      _id: 'commercial:2020-01-14',
      tenantType: 'commercial',
      eligible: true,
      from: '2020-01-14',
    } as const;
    const changes = catalogChanges(
      {
        ...catalog(product),
        markets: [
          { _id: 'SE', name: 'Sweden' },
          { _id: 'BR', name: 'Brazil' },
        ],
      },
      { ...catalog(other), markets: [{ _id: 'SE', name: 'Sverige' }], rules: [rule] },
    );
    expect(changes.products).toEqual({ added: [other], changed: [], withdrawn: [product] });
    expect(changes.markets.changed.map(({ after }) => after.name)).toEqual(['Sverige']);
    expect(changes.markets.withdrawn.map(({ _id }) => _id)).toEqual(['BR']);
    expect(changes.rules.added).toEqual([rule]);
  });
});
