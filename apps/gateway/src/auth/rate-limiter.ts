import { Inject, Injectable } from '@nestjs/common';
import { DomainError } from '@commissary/domain';
import type { GatewayEnv } from '@commissary/platform';
import type { FastifyReply } from 'fastify';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { ENV } from '../connections/tokens.js';

const WINDOW_SECONDS = 5;

/** Requests per user (or per address, where there is none) and gateway process: five seconds' worth may come at once. */
@Injectable()
export class RateLimiter {
  private readonly limiter: RateLimiterMemory;
  private readonly quota: number;

  constructor(@Inject(ENV) env: GatewayEnv) {
    this.quota = env.RATE_LIMIT_PER_SECOND * WINDOW_SECONDS;
    this.limiter = new RateLimiterMemory({ points: this.quota, duration: WINDOW_SECONDS });
  }

  /** Throws `rate_limited` with the seconds to wait. */
  async consume(key: string, reply: FastifyReply): Promise<void> {
    try {
      await this.limiter.consume(key);
    } catch (refused) {
      if (!(refused instanceof RateLimiterRes)) throw refused;
      const seconds = Math.max(1, Math.ceil(refused.msBeforeNext / 1000));
      void reply.headers({
        'ratelimit-policy': `"caller";q=${this.quota};w=${WINDOW_SECONDS}`,
        ratelimit: `"caller";r=0;t=${seconds}`,
        'ratelimit-limit': this.quota,
        'ratelimit-remaining': 0,
        'ratelimit-reset': seconds,
      });
      throw new DomainError('rate_limited', `Too many requests. Try again in ${seconds} s.`, {
        retryAfterSeconds: seconds,
      });
    }
  }
}
