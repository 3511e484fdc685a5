import type { Database } from '../database.js';
import type { DelegationDocument, TenantDocument } from '../collections/index.js';

export class TenantsRepository {
  constructor(private readonly database: Database) {}

  async find(tenantId: string): Promise<TenantDocument | null> {
    return this.database.models.tenants.findOne({ _id: tenantId }).lean();
  }

  /** The tenant that owns a mail domain. [BUY-1] */
  async findByDomain(domain: string): Promise<TenantDocument | null> {
    return this.database.models.tenants.findOne({ domains: domain.toLowerCase() }).lean();
  }

  /** What a tenant delegated to a partner, expired or not. [ADM-7] */
  async findDelegation(partnerTenantId: string, tenantId: string): Promise<DelegationDocument | null> {
    return this.database.models.delegations.findOne({ partnerTenantId, tenantId }).lean();
  }
}
