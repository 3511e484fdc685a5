import { Controller, Get, Headers, Param, Post, Query, Res } from '@nestjs/common';
import {
  idText,
  type ListView,
  policyChangeSchema,
  type PolicyChangeView,
  policyHistoryQuery,
  type PolicyHistoryQuery,
  policyHistorySchema,
} from '@commissary/contracts';
import type { FastifyReply } from 'fastify';
import { Requires } from '../auth/access.decorators.js';
import type { Answer } from '../http/answer.js';
import { Caller, type RequestContext } from '../http/request-context.js';
import { Idempotent } from '../idempotency/idempotent.decorator.js';
import { type IdempotentRequest, Keyed } from '../idempotency/idempotent-request.js';
import { requiredIfMatchVersion, versionEtag } from '../http/version-etag.js';
import { Answers } from '../openapi/answers.js';
import { NeedsIfMatch } from './policy-headers.js';
import { PolicyHistoryService } from './policy-history.service.js';

/** What the policy was before, and the way back. [POL-7] */
@Controller('v1/policies/AllowSelfServicePurchase/history')
export class PolicyHistoryController {
  constructor(private readonly history: PolicyHistoryService) {}

  /** Every version: what it changed, who made it and when; newest first. */
  @Get()
  @Requires('policies.read')
  @Answers(200, policyHistorySchema)
  async list(
    @Caller() ctx: RequestContext,
    @Query({ schema: policyHistoryQuery }) query: PolicyHistoryQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ListView<PolicyChangeView>> {
    const { list, version } = await this.history.list(ctx, query);
    void reply.header('etag', versionEtag(version, list));
    return list;
  }

  /**
   * Sets everything back to how it stood at that version, as a new version; 0 is the policy before its first change. Answers
   * the version in force afterwards, which is the newest one there was if nothing had to be changed.
   */
  @Post(':version/revert')
  @Requires('policies.write')
  @NeedsIfMatch()
  @Idempotent({ etagOf: ({ version }: PolicyChangeView) => versionEtag(version) })
  @Answers(200, policyChangeSchema, 404, 412, 413, 415, 422)
  revert(
    @Caller() ctx: RequestContext,
    @Keyed() keyed: IdempotentRequest,
    @Param('version', { schema: idText }) version: string,
    @Headers('if-match') ifMatch: string | undefined,
  ): Promise<Answer<PolicyChangeView>> {
    return this.history.revert(ctx, keyed, version, requiredIfMatchVersion(ifMatch));
  }
}
