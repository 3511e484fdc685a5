import type { Database } from '../database.js';
import type { DelegationDocument, TenantDocument } from '../collections/index.js';
import { acrossTenants } from '../schema/tenancy.js';

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
    const { delegations, tenants } = this.database.models;
    const { after, limit } = page;
    const found = await delegations
      .find(
        {
          partnerTenantId,
          endsAt: { $gt: now },
          ...(after !== undefined && { tenantId: { $lt: after } }),
        },
        null,
        { hint: 'ofPartner', ...acrossTenants('partner: the tenants that delegated to it') },
      )
      .sort({ tenantId: -1 })
      .limit(limit)
      .lean();
    const named = await tenants
      .find({ _id: { $in: found.map(({ tenantId }) => tenantId) } }, { domains: 1, displayName: 1 })
      .lean();
    const byId = new Map(named.map((tenant) => [tenant._id, tenant]));
    return found.flatMap((delegation) => {
      const tenant = byId.get(delegation.tenantId);
      return tenant ? [{ _id: delegation.tenantId, delegation, tenant }] : [];
    });
  }
}
