import { Injectable } from '@nestjs/common';
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';
import { JobProducer } from '@commissary/queue';
import { ANSWERS_WITHIN_MS } from './health-state.js';

/** Redis answers, and soon; `degraded` otherwise, for work that is accepted without it waits in MongoDB. [OPS-4] */
@Injectable()
export class RedisHealthIndicator {
  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly producer: JobProducer,
  ) {}

  async isHealthy(): Promise<HealthIndicatorResult<'redis'>> {
    const session = this.indicators.check('redis');
    const result = await session.attempt(() => this.producer.ping()).withTimeout(ANSWERS_WITHIN_MS);
    return result.redis.status === 'down' ? session.degraded() : result;
  }
}
