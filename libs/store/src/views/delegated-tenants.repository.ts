import type { Database } from '../database.js';
import type { DelegationDocument, TenantDocument } from '../documents/index.js';

export interface DelegatedTenant {
  /** Of the tenant that delegated. */
  _id: string;
  delegation: DelegationDocument;
  tenant: Pick<TenantDocument, 'domains' | 'displayName'>;
}

/** What other tenants let a partner's do. [ADM-7] */
export class DelegatedTenantsRepository {
  constructor(private readonly database: Database) {}

  /** Tenants whose delegation to the partner's is in force at `now`, the newest tenant first. */
  async live(
    partnerTenantId: string,
    now: Date,
    page: { limit: number; after?: string },
  ): Promise<DelegatedTenant[]> {
    const { delegations, tenants } = this.database.collections;
    const { after, limit } = page;
    const found = await delegations
      .find(
        {
          partnerTenantId,
          endsAt: { $gt: now },
          ...(after !== undefined && { tenantId: { $lt: after } }),
        },
        { hint: 'ofPartner' },
      )
      .sort({ tenantId: -1 })
      .limit(limit)
      .toArray();
    const named = await tenants
      .find(
        { _id: { $in: found.map(({ tenantId }) => tenantId) } },
        { projection: { domains: 1, displayName: 1 } },
      )
      .toArray();
    const byId = new Map(named.map((tenant) => [tenant._id, tenant]));
    return found.flatMap((delegation) => {
      const tenant = byId.get(delegation.tenantId);
      return tenant ? [{ _id: delegation.tenantId, delegation, tenant }] : [];
    });
  }
}
