import { Injectable } from '@nestjs/common';
import { type Acting, permissionsOf, type Permission, resolveTenancy } from '@commissary/policies';
import {
  DatabaseClock,
  type DelegationDocument,
  type TenantDocument,
  TenantsRepository,
} from '@commissary/store';
import type { Identity } from './authenticator.js';

export interface Standing {
  tenant: TenantDocument;
  acting: Acting;
  permissions: ReadonlySet<Permission>;
}

/** Which tenant a request is about, and what its caller may do there. [ADM-7] */
@Injectable()
export class TenancyService {
  constructor(
    private readonly tenants: TenantsRepository,
    private readonly clock: DatabaseClock,
  ) {}

  /** `header` is `Commissary-Tenant`: a domain. Throws `tenant_not_delegated` or `tenant_header_forbidden`. */
  async standingOf({ user, homeTenant }: Identity, header: string | undefined): Promise<Standing> {
    const named = header === undefined ? null : await this.named(homeTenant._id, header);
    const { acting } = resolveTenancy(
      {
        homeTenantId: homeTenant._id,
        homeTenantType: homeTenant.type,
        roles: user.roles,
        requested: named && { tenantId: named.tenant?._id ?? null },
        delegation: named?.delegation ?? null,
      },
      this.clock.now(),
    );
    const permissions = permissionsOf({
      type: user.type,
      roles: user.roles,
      homeTenantType: homeTenant.type,
      acting,
    });
    return { tenant: named?.tenant ?? homeTenant, acting, permissions };
  }

  private async named(
    partnerTenantId: string,
    domain: string,
  ): Promise<{ tenant: TenantDocument | null; delegation: DelegationDocument | null }> {
    const tenant = await this.tenants.findByDomain(domain);
    const delegation = tenant && (await this.tenants.findDelegation(partnerTenantId, tenant._id));
    return { tenant, delegation };
  }
}
