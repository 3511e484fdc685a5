import { Injectable } from '@nestjs/common';
import type { Origin, RequestContext } from '../http/request-context.js';
import { Authenticator, type Identity } from './authenticator.js';
import { TenancyService } from './tenancy.service.js';

/** Who asks, and what they may do in the tenant they ask about. */
@Injectable()
export class Callers {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly tenancy: TenancyService,
  ) {}

  /** Throws `tenant_not_delegated` or `tenant_header_forbidden`. */
  async contextOf(identity: Identity, origin: Origin): Promise<RequestContext> {
    const { user, expiresAt } = identity;
    const standing = await this.tenancy.standingOf(identity, origin.tenantHeader);
    return {
      ...standing,
      user,
      tenantId: standing.tenant._id,
      requestId: origin.requestId,
      ip: origin.ip,
      ...(expiresAt && { expiresAt }),
    };
  }

  /** As the directory has the caller by now, for an answer that takes long. Throws what the request would be refused with. */
  async again({ user, expiresAt }: RequestContext, origin: Origin): Promise<RequestContext> {
    const identity = await this.authenticator.byClaims({ userId: user._id, tenantId: user.tenantId });
    return this.contextOf({ ...identity, ...(expiresAt && { expiresAt }) }, origin);
  }
}
