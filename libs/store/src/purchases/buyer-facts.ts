import type { EligibilityRules, Offer, PolicyValue, Product } from '@commissary/domain';
import type { Catalog, CatalogRepository } from '../catalog/catalog.repository.js';
import { BATCHED_READ, BatchedReads, BatchedTenantReads } from '../batched-reads.js';
import type { Database } from '../database.js';
import type { TenantDocument, UserDocument } from '../collections/index.js';
import type { PoliciesRepository, Policy } from '../policies/policies.repository.js';
import { policyValueOf } from '../policies/policy-state.js';

/** What the eligibility policy asks about one buyer and one product. */
export interface BuyerFacts {
  tenant: TenantDocument;
  user: UserDocument;
  product: Product | null;
  policyValue: PolicyValue;
  rules: EligibilityRules;
  markets: ReadonlySet<string>;
  trialUsed: boolean;
}

/** The facts about a buyer and every product, read in a constant number of queries. */
export type FactsOf = (productId: string) => BuyerFacts;

const NONE: ReadonlySet<string> = new Set();

/** Orders that used up a user's trial. [BUY-8] */
const TRIAL_TAKEN = ['pending', 'free', 'paid'] as const;

/** Reads the facts of ELG afresh, for the catalog, the quote, the purchase and its worker alike. [ELG-5] */
export class BuyerFactsReader {
  private readonly tenants: BatchedReads<TenantDocument>;
  private readonly users: BatchedTenantReads<UserDocument>;
  private readonly policyOf: BatchedReads<Policy>;

  constructor(
    private readonly database: Database,
    private readonly catalog: CatalogRepository,
    policies: PoliciesRepository,
  ) {
    const { tenants, users } = database.models;
    this.tenants = new BatchedReads(async (ids) => {
      const rows = await tenants.find({ _id: { $in: ids } }, null, BATCHED_READ).lean();
      return new Map(rows.map((row) => [row._id, row]));
    });
    this.users = new BatchedTenantReads((ids, tenantIds) =>
      users.find({ _id: { $in: ids }, tenantId: { $in: tenantIds } }, null, BATCHED_READ).lean(),
    );
    this.policyOf = new BatchedReads(
      async (ids) =>
        new Map(await Promise.all(ids.map(async (id) => [id, await policies.of(id, null)] as const))),
    );
  }

  /** Null if the tenant or the user is gone. */
  async read(
    tenantId: string,
    userId: string,
    offer?: Offer | Promise<Offer | undefined>,
  ): Promise<FactsOf | null> {
    const [tenant, user, asked] = await Promise.all([
      this.tenants.get(tenantId),
      this.users.get(tenantId, userId),
      offer,
    ]);
    return tenant && user ? this.about(tenant, user, asked) : null;
  }

  /** For a caller who has both already. Trials taken are not looked up where only a purchase is asked about. */
  async about(tenant: TenantDocument, user: UserDocument, offer?: Offer): Promise<FactsOf> {
    const [catalog, policy, trials] = await Promise.all([
      this.catalog.current(),
      this.policyOf.get(tenant._id),
      offer === 'purchase' ? NONE : this.trialsOf(tenant._id, user._id),
    ]);
    if (!policy) throw new Error(`${tenant._id} has lost its policy`);
    return (productId) => ({
      tenant,
      user,
      product: productOf(catalog, productId),
      policyValue: policyValueOf(policy, productId),
      rules: catalog.rules,
      markets: catalog.markets,
      trialUsed: trials.has(productId),
    });
  }

  private async trialsOf(tenantId: string, userId: string): Promise<ReadonlySet<string>> {
    const orders = await this.database.models.orders
      .find({ tenantId, userId, offer: 'trial', status: { $in: [...TRIAL_TAKEN] } }, { _id: 0, productId: 1 })
      .lean();
    return new Set(orders.map((order) => order.productId));
  }
}

const productOf = (catalog: Catalog, productId: string): Product | null =>
  catalog.productById.get(productId) ?? null;
