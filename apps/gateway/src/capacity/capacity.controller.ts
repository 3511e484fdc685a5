import { Controller, Get, Query } from '@nestjs/common';
import {
  capacityListSchema,
  capacityQuery,
  type CapacityQuery,
  type CapacityView,
  type ListView,
} from '@commissary/contracts';
import { Requires } from '../auth/access.decorators.js';
import { Caller, type RequestContext } from '../http/request-context.js';
import { Answers } from '../openapi/answers.js';
import { CapacityService } from './capacity.service.js';

@Controller('v1/capacity')
export class CapacityController {
  constructor(private readonly capacity: CapacityService) {}

  /** Self-service seats by product and purchaser, in the order of their ids, with what they were on the days before. */
  @Get()
  @Requires('subscriptions.readAll')
  @Answers(200, capacityListSchema)
  list(
    @Caller() ctx: RequestContext,
    @Query({ schema: capacityQuery }) query: CapacityQuery,
  ): Promise<ListView<CapacityView>> {
    return this.capacity.list(ctx, query);
  }
}
