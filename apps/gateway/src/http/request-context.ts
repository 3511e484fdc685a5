import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Acting, Permission } from '@commissary/policies';
import type { TenantDocument, UserDocument } from '@commissary/store';
import type { FastifyRequest } from 'fastify';

/** Who asks, for which tenant, and what they may do there; made anew for each request. */
export interface RequestContext {
  /** The caller's directory account, read for this request. Its tenant may be another one than `tenant`. */
  user: UserDocument;
  /** The tenant of the request: the caller's own, or the one named by `Commissary-Tenant`. */
  tenant: TenantDocument;
  tenantId: string;
  /** In which capacity the caller acts in `tenant`. */
  acting: Acting;
  permissions: ReadonlySet<Permission>;
  requestId: string;
  ip: string;
  /** When the caller's token is over: an answer may take longer. */
  expiresAt?: Date;
}

/** Where a request comes from and which tenant it names, apart from who sent it. */
export interface Origin {
  requestId: string;
  ip: string;
  /** The header `Commissary-Tenant`; undefined where none was sent. */
  tenantHeader: string | undefined;
}

export const originOf = (request: FastifyRequest): Origin => {
  const header = request.headers['commissary-tenant'];
  const tenantHeader = Array.isArray(header) ? header.join(',') : header;
  return { requestId: request.id, ip: request.ip, tenantHeader };
};

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the access guard; null on public routes. */
    context: RequestContext | null;
  }
}

export const contextOf = (request: FastifyRequest): RequestContext => {
  if (!request.context) throw new Error(`${request.url} is public: there is no caller`);
  return request.context;
};

/** Parameter of a controller's method: the `RequestContext`. */
export const Caller = createParamDecorator((_data: unknown, execution: ExecutionContext) =>
  contextOf(execution.switchToHttp().getRequest<FastifyRequest>()),
);

/** Parameter of a controller's method: the `Origin` of the request. */
export const RequestOrigin = createParamDecorator((_data: unknown, execution: ExecutionContext) =>
  originOf(execution.switchToHttp().getRequest<FastifyRequest>()),
);

/** Who did it, as audit entries and operations keep it. [ADM-9] */
export const actorOf = (ctx: RequestContext) => ({
  userId: ctx.user._id,
  displayName: ctx.user.displayName,
  tenantId: ctx.user.tenantId,
});
