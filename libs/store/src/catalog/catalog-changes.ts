import { isDeepStrictEqual } from 'node:util';
import { type Price, priceKey } from '@commissary/domain';
import type { EligibilityRuleDocument, MarketDocument, ProductDocument } from '../collections/index.js';

export interface Changed<T> {
  before: T;
  after: T;
}

export interface Difference<T, C extends Changed<T> = Changed<T>> {
  added: T[];
  changed: C[];
  withdrawn: T[];
}

export interface ProductChange extends Changed<ProductDocument> {
  /** Names of the fields that differ, prices apart. */
  fields: string[];
  prices: Difference<Price>;
}

export interface CatalogChanges {
  products: Difference<ProductDocument, ProductChange>;
  markets: Difference<MarketDocument>;
  rules: Difference<EligibilityRuleDocument>;
}

/** All of the catalog's documents. */
export interface CatalogDocuments {
  products: readonly ProductDocument[];
  markets: readonly MarketDocument[];
  rules: readonly EligibilityRuleDocument[];
}

/** What makes the one the other; the order in which things are listed says nothing and is no change. */
export const catalogChanges = (before: CatalogDocuments, after: CatalogDocuments): CatalogChanges => {
  const products = difference(before.products, after.products, byId);
  const changed = products.changed.map(productChange);
  return {
    products: {
      ...products,
      changed: changed.filter(({ fields, prices }) => fields.length > 0 || !isNoDifference(prices)),
    },
    markets: difference(before.markets, after.markets, byId),
    rules: difference(before.rules, after.rules, byId),
  };
};

export const isNoDifference = ({ added, changed, withdrawn }: Difference<unknown>): boolean =>
  added.length + changed.length + withdrawn.length === 0;

const byId = ({ _id }: { _id: string }): string => _id;

const difference = <T>(
  before: readonly T[],
  after: readonly T[],
  keyOf: (thing: T) => string,
): Difference<T> => {
  const old = new Map(before.map((thing) => [keyOf(thing), thing]));
  const found: Difference<T> = { added: [], changed: [], withdrawn: [] };
  for (const thing of after) {
    const was = old.get(keyOf(thing));
    old.delete(keyOf(thing));
    if (was === undefined) found.added.push(thing);
    else if (!isDeepStrictEqual(was, thing)) found.changed.push({ before: was, after: thing });
  }
  found.withdrawn.push(...old.values());
  return found;
};

const productChange = ({ before, after }: Changed<ProductDocument>): ProductChange => {
  const [was, is] = [inOrder(before), inOrder(after)];
  const names = new Set([...Object.keys(was), ...Object.keys(is)]);
  return {
    before,
    after,
    fields: [...names].filter((name) => !isDeepStrictEqual(was[name], is[name])),
    prices: difference(before.prices, after.prices, priceKey),
  };
};

/** Without prices, its lists sorted. */
const inOrder = ({ prices, ...fields }: ProductDocument): Record<string, unknown> => ({
  ...fields,
  excludedMarkets: fields.excludedMarkets.toSorted(),
  opens: fields.opens.toSorted((one, other) => (one.market < other.market ? -1 : 1)),
});
