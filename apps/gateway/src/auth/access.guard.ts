import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { DomainError } from '@commissary/domain';
import { requirePermission } from '@commissary/policies';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { originOf } from '../http/request-context.js';
import { type Access, ACCESS } from './access.decorators.js';
import { Authenticator } from './authenticator.js';
import { Callers } from './callers.js';
import { RateLimiter, type RateLimitRefusal } from './rate-limiter.js';

/** Before every controller: who is it, for which tenant, may they, and not too often. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly authenticator: Authenticator,
    private readonly callers: Callers,
    private readonly limiter: RateLimiter,
  ) {}

  async canActivate(execution: ExecutionContext): Promise<boolean> {
    const access = this.reflector.getAllAndOverride<Access | undefined>(ACCESS, [
      execution.getHandler(),
      execution.getClass(),
    ]);
    const http = execution.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    if (!access) throw new Error(`${request.url} says neither @Requires nor @Public`);
    if (access.kind === 'public') {
      if (access.limit) requireWithinLimit(await this.limiter.byAddress(request.ip), reply);
      return true;
    }
    const identity = await this.authenticator.byAuthorization(request.headers.authorization);
    requireWithinLimit(await this.limiter.byUser(identity.user._id), reply);
    const { permissions } = (request.context = await this.callers.contextOf(identity, originOf(request)));
    const held = access.anyOf.find((permission) => permissions.has(permission));
    requirePermission(permissions, held ?? access.anyOf[0]);
    return true;
  }
}

/** Throws `rate_limited` with the seconds to wait. [EXT-1] */
const requireWithinLimit = (refusal: RateLimitRefusal | null, reply: FastifyReply): void => {
  if (!refusal) return;
  const { seconds, quota, windowSeconds } = refusal;
  void reply.headers({
    'ratelimit-policy': `"caller";q=${quota};w=${windowSeconds}`,
    ratelimit: `"caller";r=0;t=${seconds}`,
    'ratelimit-limit': quota,
    'ratelimit-remaining': 0,
    'ratelimit-reset': seconds,
  });
  throw new DomainError('rate_limited', `Too many requests. Try again in ${seconds} s.`, {
    retryAfterSeconds: seconds,
  });
};
