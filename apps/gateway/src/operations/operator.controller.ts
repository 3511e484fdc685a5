import { Controller, Get, Query } from '@nestjs/common';
import {
  type ListView,
  operatorHealthSchema,
  type OperatorHealthView,
  type OperatorListQuery,
  operatorListQuery,
  operatorOperationListSchema,
  type OperatorOperationView,
} from '@commissary/contracts';
import { Database, DatabaseClock, operationsHealth, OperationsRepository } from '@commissary/store';
import { Requires } from '../auth/access.decorators.js';
import { healthStateOf } from '../health/health-state.js';
import { RedisHealthIndicator } from '../health/redis.health.js';
import { pageOf, toList } from '../http/paging.js';
import { Answers } from '../openapi/answers.js';
import { operatorOperationView } from './operation.view.js';

/** The platform's own view across tenants. [OPS-1] */
@Controller('v1/operator')
@Requires('operator.read')
export class OperatorController {
  constructor(
    private readonly database: Database,
    private readonly clock: DatabaseClock,
    private readonly operations: OperationsRepository,
    private readonly redis: RedisHealthIndicator,
  ) {}

  /** Parked ones unless another status is asked for. */
  @Get('operations')
  @Answers(200, operatorOperationListSchema)
  async list(
    @Query({ schema: operatorListQuery }) query: OperatorListQuery,
  ): Promise<ListView<OperatorOperationView>> {
    const rows = await this.operations.listForOperators(query.status, pageOf(query));
    return toList(rows, query, operatorOperationView);
  }

  /** What waits, and for how long. */
  @Get('health')
  @Answers(200, operatorHealthSchema)
  async health(): Promise<OperatorHealthView> {
    const [health, redis] = await Promise.all([
      operationsHealth(this.database, this.clock.now()),
      this.redis.isHealthy(),
    ]);
    return { ...health, redis: healthStateOf(redis, 'redis') };
  }
}
