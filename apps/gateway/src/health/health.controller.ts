import { Controller, Get, ServiceUnavailableException } from '@nestjs/common';
import { HealthCheck, type HealthCheckResult, HealthCheckService } from '@nestjs/terminus';
import { Public } from '../auth/access.decorators.js';
import { Answer } from '../http/answer.js';
import { type HealthState, healthStateOf } from './health-state.js';
import { MongodbHealthIndicator } from './mongodb.health.js';
import { RedisHealthIndicator } from './redis.health.js';

interface Readiness {
  status: 'ok' | 'unready';
  mongodb: HealthState;
  redis: HealthState;
}

type Checked = HealthCheckResult<
  Awaited<ReturnType<MongodbHealthIndicator['isHealthy']>> &
    Awaited<ReturnType<RedisHealthIndicator['isHealthy']>>
>;

/** For those who run it: is the process alive, and can it serve? [OPS-2] */
@Controller()
@Public()
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly mongodb: MongodbHealthIndicator,
    private readonly redis: RedisHealthIndicator,
  ) {}

  @Get('healthz')
  alive() {
    return { status: 'ok' };
  }

  /** Without MongoDB nothing is served (503). Redis away is shown, and is no reason to be unready. [OPS-4] */
  @Get('readyz')
  @HealthCheck({ noCache: true, swaggerDocumentation: false })
  async ready(): Promise<Answer<Readiness>> {
    const details = await this.details();
    const mongodb = healthStateOf(details, 'mongodb');
    const redis = healthStateOf(details, 'redis');
    const isReady = mongodb === 'up';
    return new Answer(isReady ? 200 : 503, { status: isReady ? 'ok' : 'unready', mongodb, redis });
  }

  /** Terminus throws its result once a part is down; this route has a body of its own for that. */
  private async details(): Promise<Checked['details']> {
    try {
      const checks = [() => this.mongodb.isHealthy(), () => this.redis.isHealthy()];
      return ((await this.health.check(checks)) as Checked).details;
    } catch (error) {
      if (!(error instanceof ServiceUnavailableException)) throw error;
      return (error.getResponse() as Checked).details;
    }
  }
}
