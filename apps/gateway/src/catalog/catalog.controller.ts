import { Controller, Get, Query } from '@nestjs/common';
import {
  type CatalogItemView,
  catalogQuery,
  type CatalogQuery,
  catalogSchema,
  type ListView,
} from '@commissary/contracts';
import { Requires } from '../auth/access.decorators.js';
import { Caller, type RequestContext } from '../http/request-context.js';
import { Answers } from '../openapi/answers.js';
import { CatalogService } from './catalog.service.js';

@Controller('v1/catalog')
export class CatalogController {
  constructor(private readonly catalog: CatalogService) {}

  /** Every product with its offers, prices in the tenant's market, and whether the caller may have them. */
  @Get()
  @Requires('catalog.read')
  @Answers(200, catalogSchema)
  list(
    @Caller() ctx: RequestContext,
    @Query({ schema: catalogQuery }) query: CatalogQuery,
  ): Promise<ListView<CatalogItemView>> {
    return this.catalog.forCaller(ctx, query);
  }
}
