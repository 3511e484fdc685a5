import { createHmac } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import type { GatewayEnv } from '@commissary/platform';
import { QUEUE_CONNECTION, type QueueConnection } from '@commissary/queue';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { SharedRateCounts } from './shared-rate-counts.js';

const WINDOW_SECONDS = 5;

/** A request over the limit: how long to wait, and the limit, for the headers of its answer. */
export interface RateLimitRefusal {
  seconds: number;
  /** Requests per window. */
  quota: number;
  windowSeconds: number;
}

/**
 * Requests per user, or per address where there is no user; five seconds' worth may come at once. A request is counted in memory and
 * never waits for Redis; the gateways tell each other through Redis of whoever asks for much.
 */
@Injectable()
export class RateLimiter {
  private readonly local: RateLimiterMemory;
  private readonly shared: SharedRateCounts;
  private readonly quota: number;
  private readonly addressKey: string;

  constructor(config: ConfigService<GatewayEnv, true>, @Inject(QUEUE_CONNECTION) redis: QueueConnection) {
    this.quota = config.get('RATE_LIMIT_PER_SECOND', { infer: true }) * WINDOW_SECONDS;
    this.addressKey = config.get('SESSION_SECRET', { infer: true });
    const window = { points: this.quota, duration: WINDOW_SECONDS };
    this.local = new RateLimiterMemory(window);
    const prefix = config.get('QUEUE_PREFIX', { infer: true });
    this.shared = new SharedRateCounts(this.local, { ...window, storeClient: redis, prefix });
  }

  /** Counts a request of the user; null if it may go on. */
  byUser(userId: string): Promise<RateLimitRefusal | null> {
    return this.count(userId);
  }

  /** Counts a request from the address, of which Redis is given a keyed hash; null if it may go on. */
  byAddress(ip: string): Promise<RateLimitRefusal | null> {
    const hash = createHmac('sha256', this.addressKey).update(ip).digest('base64url');
    return this.count(`address:${hash.slice(0, 22)}`);
  }

  private async count(key: string): Promise<RateLimitRefusal | null> {
    try {
      this.shared.note(key, await this.local.consume(key));
      return null;
    } catch (refused) {
      if (!(refused instanceof RateLimiterRes)) throw refused;
      const seconds = Math.max(1, Math.ceil(refused.msBeforeNext / 1000));
      return { seconds, quota: this.quota, windowSeconds: WINDOW_SECONDS };
    }
  }
}
