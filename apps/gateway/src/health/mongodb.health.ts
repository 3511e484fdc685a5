import { Injectable } from '@nestjs/common';
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';
import { Database } from '@commissary/store';
import { ANSWERS_WITHIN_MS } from './health-state.js';

/** MongoDB answers, and soon. Without it nothing is served. */
@Injectable()
export class MongodbHealthIndicator {
  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly database: Database,
  ) {}

  async isHealthy(): Promise<HealthIndicatorResult<'mongodb'>> {
    return this.indicators
      .check('mongodb')
      .attempt(() => this.database.ping())
      .withTimeout(ANSWERS_WITHIN_MS);
  }
}
