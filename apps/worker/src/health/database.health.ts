import { Injectable } from '@nestjs/common';
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';
import { Database } from '@commissary/store';

/** Whether MongoDB answers. */
@Injectable()
export class DatabaseHealth {
  constructor(
    private readonly database: Database,
    private readonly indicators: HealthIndicatorService,
  ) {}

  async isHealthy(): Promise<HealthIndicatorResult> {
    const indicator = this.indicators.check('mongodb');
    return this.database.ping().then(
      () => indicator.up(),
      () => indicator.down(),
    );
  }
}
