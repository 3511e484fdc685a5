import { Controller, Get, Query } from '@nestjs/common';
import {
  type ListView,
  partnerTenantListSchema,
  partnerTenantsQuery,
  type PartnerTenantsQuery,
  type PartnerTenantView,
} from '@commissary/contracts';
import { DatabaseClock, type DelegatedTenant, DelegatedTenantsRepository } from '@commissary/store';
import { Requires } from '../auth/access.decorators.js';
import { pageOf, toList } from '../http/paging.js';
import { Caller, type RequestContext } from '../http/request-context.js';
import { Answers } from '../openapi/answers.js';

@Controller('v1/partner')
export class PartnerController {
  constructor(
    private readonly delegated: DelegatedTenantsRepository,
    private readonly clock: DatabaseClock,
  ) {}

  /** Tenants that have delegated to the caller's own, until their end dates; the newest tenant first. [ADM-7] */
  @Get('tenants')
  @Requires('partner.read')
  @Answers(200, partnerTenantListSchema)
  async tenants(
    @Caller() ctx: RequestContext,
    @Query({ schema: partnerTenantsQuery }) query: PartnerTenantsQuery,
  ): Promise<ListView<PartnerTenantView>> {
    const rows = await this.delegated.live(ctx.tenantId, this.clock.now(), pageOf(query));
    return toList(rows, query, partnerTenantView);
  }
}

const partnerTenantView = ({ tenant, delegation }: DelegatedTenant): PartnerTenantView => ({
  tenantId: delegation.tenantId,
  domain: tenant.domains[0] ?? '',
  displayName: tenant.displayName,
  scopes: delegation.scopes,
  endsAt: delegation.endsAt.toISOString(),
});
