import { Body, Controller, Delete, Get, Param, Post, Query } from '@nestjs/common';
import {
  assignmentOutcomesSchema,
  type AssignmentOutcomesView,
  idText,
  type LicenseBatchBody,
  licenseBatchSchema,
  licenseListQuery,
  type LicenseListQuery,
  licenseListSchema,
  type LicenseView,
  type ListView,
  removalOutcomesSchema,
  type RemovalOutcomesView,
} from '@commissary/contracts';
import { Requires } from '../auth/access.decorators.js';
import { Caller, type RequestContext } from '../http/request-context.js';
import { Idempotent } from '../idempotency/idempotent.decorator.js';
import { type IdempotentRequest, Keyed } from '../idempotency/idempotent-request.js';
import { Answers } from '../openapi/answers.js';
import { LicenseBatchesService } from './license-batches.service.js';
import { LicenseReader } from './license-reader.service.js';

@Controller('v1/subscriptions/:id/licenses')
export class LicensesController {
  constructor(
    private readonly reader: LicenseReader,
    private readonly batches: LicenseBatchesService,
  ) {}

  /** Who is licensed by it. */
  @Get()
  @Requires('subscriptions.readOwn', 'subscriptions.readAll')
  @Answers(200, licenseListSchema, 404)
  list(
    @Caller() ctx: RequestContext,
    @Param('id', { schema: idText }) id: string,
    @Query({ schema: licenseListQuery }) query: LicenseListQuery,
  ): Promise<ListView<LicenseView>> {
    return this.reader.ofSubscription(ctx, id, query);
  }

  /**
   * Gives licenses to users of the tenant, and says of each what became of it. `Idempotency-Key` is optional.
   * 409 `operation_in_progress` while the subscription is taken over, or a license of one of the users is swept away.
   */
  @Post()
  @Requires('licenses.manageOwn', 'licenses.manageCentral')
  @Idempotent({ optional: true })
  @Answers(200, assignmentOutcomesSchema, 404, 409, 413, 415, 422)
  assign(
    @Caller() ctx: RequestContext,
    @Keyed() keyed: IdempotentRequest | null,
    @Param('id', { schema: idText }) id: string,
    @Body({ schema: licenseBatchSchema }) body: LicenseBatchBody,
  ): Promise<AssignmentOutcomesView> {
    return this.batches.assign(ctx, keyed, id, body);
  }

  /** Takes licenses away, and says of each user what became of it. `Idempotency-Key` is optional. */
  @Post('remove')
  @Requires('licenses.manageOwn', 'licenses.manageCentral')
  @Idempotent({ optional: true })
  @Answers(200, removalOutcomesSchema, 404, 409, 413, 415, 422)
  remove(
    @Caller() ctx: RequestContext,
    @Keyed() keyed: IdempotentRequest | null,
    @Param('id', { schema: idText }) id: string,
    @Body({ schema: licenseBatchSchema }) body: LicenseBatchBody,
  ): Promise<RemovalOutcomesView> {
    return this.batches.remove(ctx, keyed, id, body);
  }

  /** Takes one user's license away. */
  @Delete(':userId')
  @Requires('licenses.manageOwn', 'licenses.manageCentral')
  @Answers(204, null, 404, 409)
  removeOne(
    @Caller() ctx: RequestContext,
    @Param('id', { schema: idText }) id: string,
    @Param('userId', { schema: idText }) userId: string,
  ): Promise<void> {
    return this.batches.removeOne(ctx, id, userId);
  }
}
