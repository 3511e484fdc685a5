import type { EligibilityRules, Product } from '@commissary/domain';
import type { Database } from '../database.js';
import type { EligibilityRuleDocument, ProductDocument } from '../collections/index.js';

/** What is sold, where and to whom: the vendor's data, the same for every tenant. */
export interface Catalog {
  products: readonly Product[];
  productById: ReadonlyMap<string, Product>;
  /** ISO 3166-1 alpha-2 codes of the markets that are sold in. [ELG-3] */
  markets: ReadonlySet<string>;
  rules: EligibilityRules;
}

const FRESH_MS = 5_000;

/**
 * Reads the catalog, keeping it for a few seconds: it changes by the vendor's releases, and every quote needs it.
 * A tenant's policy is no part of it, for that must hold for the next quote. [POL-4]
 */
export class CatalogRepository {
  private kept: { catalog: Promise<Catalog>; until: number } | null = null;

  constructor(
    private readonly database: Database,
    private readonly freshMs = FRESH_MS,
  ) {}

  async current(): Promise<Catalog> {
    if (this.kept && performance.now() < this.kept.until) return this.kept.catalog;
    const kept = { catalog: this.read(), until: performance.now() + this.freshMs };
    this.kept = kept;
    return kept.catalog.catch((error: unknown) => {
      if (this.kept === kept) this.kept = null;
      throw error;
    });
  }

  private async read(): Promise<Catalog> {
    const { products, markets, eligibilityRules } = this.database.models;
    const [productRows, marketRows, ruleRows] = await Promise.all([
      products.find({}).sort({ productName: 1, _id: 1 }).lean(),
      markets.find({}, { _id: 1 }).lean(),
      eligibilityRules.find({}).lean(),
    ]);
    const list = productRows.map(productOf);
    return {
      products: list,
      productById: new Map(list.map((product) => [product.productId, product])),
      markets: new Set(marketRows.map((market) => market._id)),
      rules: { tenantTypes: ruleRows.map(ruleOf) },
    };
  }
}

export const productOf = ({ _id, ...product }: ProductDocument): Product => ({ productId: _id, ...product });

const ruleOf = ({ _id, ...rule }: EligibilityRuleDocument): EligibilityRules['tenantTypes'][number] => rule;
