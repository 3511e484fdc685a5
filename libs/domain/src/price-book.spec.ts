import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CatalogRefusedError, rewrittenPrices, unlistedMarkets } from './price-book.js';
import { type Price, type Product, unitPriceOf } from './product.js';

const TODAY = '2026-06-15';

const aPrice = (fields: Partial<Price> = {}): Price => ({
  channel: 'selfService',
  market: 'SE',
  term: 'P1M',
  currency: 'SEK',
  unitAmountMinor: 10_600,
  from: '2026-01-01',
  ...fields,
});

const priced = (...prices: Price[]) => ({ productId: 'PRO', productName: 'Power BI Pro', prices });

const fieldsAtFault = (before: Price[], after: Price[]): string[] =>
  rewrittenPrices(priced(...before), priced(...after), TODAY).map(({ field }) => field);

describe('what a price book may say about days that are over [BUY-7]', () => {
  it.each<[string, Price[], Price[]]>([
    ['stays the same', [aPrice()], [aPrice()]],
    ['ends tomorrow', [aPrice()], [aPrice({ until: '2026-06-16' })]],
    ['ends today', [aPrice()], [aPrice({ until: TODAY })]],
    [
      'ends today and is followed',
      [aPrice()],
      [aPrice({ until: TODAY }), aPrice({ from: TODAY, unitAmountMinor: 1 })],
    ],
    [
      'is outlived by a later one',
      [aPrice()],
      [aPrice(), aPrice({ from: '2026-07-01', unitAmountMinor: 1 })],
    ],
    ['does not end tomorrow after all', [aPrice({ until: '2026-06-16' })], [aPrice()]],
    ['began today and changes', [aPrice({ from: TODAY })], [aPrice({ from: TODAY, unitAmountMinor: 1 })]],
    ['was to begin tomorrow and does not', [aPrice({ from: '2026-06-16' })], []],
    ['ended long ago', [aPrice({ until: '2026-02-01' })], [aPrice({ until: '2026-02-01' })]],
  ])('allows a price that %s', (_how, before, after) => {
    expect(fieldsAtFault(before, after)).toEqual([]);
  });

  it.each<[string, Price[], Price[], string]>([
    ['changes its amount', [aPrice()], [aPrice({ unitAmountMinor: 1 })], 'prices[0].unitAmountMinor'],
    ['changes its currency', [aPrice()], [aPrice({ currency: 'EUR' })], 'prices[0].unitAmountMinor'],
    [
      'ended yesterday, by a change of today',
      [aPrice()],
      [aPrice({ until: '2026-06-14' })],
      'prices[0].until',
    ],
    ['goes on after its end', [aPrice({ until: '2026-02-01' })], [aPrice()], 'prices[0].until'],
    ['is gone', [aPrice()], [], 'prices'],
    ['is gone after its end', [aPrice({ until: '2026-02-01' })], [], 'prices'],
    ['began earlier', [aPrice()], [aPrice({ from: '2025-12-31' }), aPrice()], 'prices[0].from'],
    ['comes new and began yesterday', [], [aPrice({ from: '2026-06-14' })], 'prices[0].from'],
  ])('refuses a price that %s', (_how, before, after, field) => {
    expect(fieldsAtFault(before, after)).toEqual([field]);
  });

  it.each<[string, Price[], Price[], string]>([
    ['the price it was', [aPrice()], [aPrice({ unitAmountMinor: 1 })], 'was 10600 SEK and in force'],
    [
      'that a price had not ended before today',
      [aPrice()],
      [aPrice({ until: '2026-06-14' })],
      'had not ended',
    ],
    [
      'on which day a price had ended',
      [aPrice({ until: '2026-02-01' })],
      [aPrice()],
      'had ended on 2026-02-01',
    ],
    ['which price is gone', [aPrice()], [], 'selfService SE P1M from 2026-01-01 was in force'],
  ])('tells whoever has changed the past %s', (_what, before, after, expected) => {
    const [fault] = rewrittenPrices(priced(...before), priced(...after), TODAY);
    expect(fault).toMatchObject({ subject: 'PRO (Power BI Pro)', detail: expect.stringContaining(expected) });
  });

  it('a book that is taken answers as before for every day that is over, whatever changed', () => {
    const day = fc.constantFrom('2026-06-12', '2026-06-13', '2026-06-14', TODAY, '2026-06-16', '2026-06-17');
    const anyPrice = fc.record({
      market: fc.constantFrom('SE', '*'),
      unitAmountMinor: fc.constantFrom(1, 2),
      from: day,
      until: fc.option(day, { nil: undefined }),
    });
    const book = fc
      .uniqueArray(anyPrice, { maxLength: 4, selector: ({ market, from }) => `${market}${from}` })
      .map((prices) => prices.map((price) => aPrice(price)));
    let taken = 0;
    fc.assert(
      fc.property(book, fc.oneof(book, fc.constant(null)), (before, other) => {
        const after = other ?? before.map(({ until, ...price }) => ({ ...price, until: until ?? TODAY }));
        if (fieldsAtFault(before, after).length > 0) return;
        taken += 1;
        for (const over of ['2026-06-12', '2026-06-13', '2026-06-14']) {
          const at = new Date(`${over}T12:00:00Z`);
          const answer = (prices: Price[]) => unitPriceOf({ prices }, 'selfService', 'SE', 'P1M', at);
          expect(answer(after)).toEqual(answer(before));
        }
      }),
      { numRuns: 1_000 },
    );
    expect(taken).toBeGreaterThan(100);
  });
});

describe('markets of a product [ELG-3]', () => {
  const product: Product = {
    ...priced(aPrice({ market: 'SE' }), aPrice({ market: 'XQ' }), aPrice({ market: '*' })),
    service: 'Power BI',
    family: 'Power Platform',
    excludedMarkets: ['BR'],
    trial: null,
    opens: [{ market: '*', from: '2020-01-01' }],
    trainingUrl: 'https://vendor.example',
  };

  it('names each field with a market that is not on the list', () => {
    const opens = [...product.opens, { market: 'XK', from: '2021-01-01' }];
    const faults = unlistedMarkets({ ...product, opens }, new Set(['SE']));
    expect(faults.map(({ field }) => field)).toEqual([
      ...['excludedMarkets[0]', 'opens[1].market', 'prices[1].market'],
    ]);
    const { name, message } = new CatalogRefusedError(faults);
    expect(name).toBe('CatalogRefusedError');
    expect(message.split('\n')[2]).toBe('PRO (Power BI Pro): prices[1].market: XQ is not one of the markets');
  });
});
