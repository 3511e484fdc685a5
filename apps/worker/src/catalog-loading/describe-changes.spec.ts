import { describe, expect, it } from '@jest/globals';
import type { Price } from '@commissary/domain';
import { catalogChanges, type ProductDocument } from '@commissary/store';
import { parseCommandLine } from './command-line.js';
import { describeChanges } from './describe-changes.js';

const price: Price = {
  channel: 'selfService',
  market: 'SE',
  term: 'P1M',
  currency: 'SEK',
  unitAmountMinor: 10_600,
  from: '2026-01-01',
};
const product: ProductDocument = {
  _id: 'PRO',
  productName: 'Power BI Pro',
  service: 'Power BI',
  family: 'Power Platform',
  excludedMarkets: [],
  trial: null,
  opens: [],
  prices: [price],
  trainingUrl: 'https://vendor.example',
};
const catalog = (...products: ProductDocument[]) => ({ products, markets: [], rules: [] });

describe('what the loader says [BUY-7]', () => {
  it('has a line for each thing and one that counts', () => {
    const after: ProductDocument = {
      ...product,
      trial: { days: 30, seats: 25, cardless: true },
      prices: [
        { ...price, until: '2027-01-01' },
        { ...price, unitAmountMinor: 11_900, from: '2027-01-01' },
      ],
    };
    const gone = { ...product, _id: 'OLD', productName: 'Old' };
    const fresh = { ...product, _id: 'NEW', productName: 'New' };
    expect(describeChanges(catalogChanges(catalog(product, gone), catalog(after, fresh)))).toEqual([
      'new product NEW (New)',
      '  new price selfService SE P1M 10600 SEK from 2026-01-01',
      'changed product PRO (Power BI Pro): trial',
      '  new price selfService SE P1M 11900 SEK from 2027-01-01',
      '  changed price selfService SE P1M 10600 SEK from 2026-01-01 until 2027-01-01; was selfService SE P1M 10600 SEK from 2026-01-01',
      'withdrawn product OLD (Old)',
      'products: 1 new, 1 changed, 1 withdrawn; prices: 2 new, 1 changed, 1 withdrawn.',
    ]);
  });

  it('says so where nothing changed', () => {
    expect(describeChanges(catalogChanges(catalog(product), catalog(product)))).toEqual(['Nothing changed.']);
  });
});

describe('how the loader is called [RUN-7]', () => {
  it('takes the file of products, and others by name', () => {
    expect(parseCommandLine(['p.json', '--rules', 'r.json', '--dry-run'])).toEqual({
      files: { products: 'p.json', rules: 'r.json' },
      dryRun: true,
    });
    expect(parseCommandLine(['--markets=m.json', 'p.json'])).toEqual({
      files: { products: 'p.json', markets: 'm.json' },
      dryRun: false,
    });
  });

  it.each([[[]], [['p.json', 'q.json']], [['p.json', '--force']], [['p.json', '--markets']]])(
    'says how for %j',
    (args: string[]) => {
      expect(() => parseCommandLine(args)).toThrow('Usage: load-catalog products.json');
    },
  );
});
