import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { RequestContext } from '../http/request-context.js';
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
  async contextOf(identity: Identity, request: FastifyRequest): Promise<RequestContext> {
    const { user, expiresAt } = identity;
    const standing = await this.tenancy.standingOf(identity, tenantHeader(request));
    return {
      ...standing,
      user,
      tenantId: standing.tenant._id,
      requestId: request.id,
      ip: request.ip,
      ...(expiresAt && { expiresAt }),
    };
  }

  /** As the directory has the caller by now, for an answer that takes long. Throws what the request would be refused with. */
  async again({ user, expiresAt }: RequestContext, request: FastifyRequest): Promise<RequestContext> {
    const identity = await this.authenticator.byClaims({ userId: user._id, tenantId: user.tenantId });
    return this.contextOf({ ...identity, ...(expiresAt && { expiresAt }) }, request);
  }
}

const tenantHeader = (request: FastifyRequest): string | undefined => {
  const header = request.headers['commissary-tenant'];
  return Array.isArray(header) ? header.join(',') : header;
};
