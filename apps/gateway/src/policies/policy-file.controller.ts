import { Body, Controller, Get, Headers, Post, Put, Res } from '@nestjs/common';
import {
  policyDiffSchema,
  type PolicyDiffView,
  type PolicyFileBody,
  policyFileBody,
  policyFileSchema,
  type PolicyFileView,
} from '@commissary/contracts';
import { CatalogRepository, PoliciesRepository } from '@commissary/store';
import type { FastifyReply } from 'fastify';
import { Requires } from '../auth/access.decorators.js';
import { Caller, type RequestContext } from '../http/request-context.js';
import { requiredIfMatchVersion, versionEtag } from '../http/version-etag.js';
import { Answers } from '../openapi/answers.js';
import { NeedsIfMatch } from './policy-headers.js';
import { PolicySettingsService } from './policy-settings.service.js';
import { policyDiffView, policyFileView } from './policy.view.js';

/** The policy as a file: exported, compared, applied. [POL-6] */
@Controller('v1/policies/AllowSelfServicePurchase/file')
export class PolicyFileController {
  constructor(
    private readonly policies: PoliciesRepository,
    private readonly catalog: CatalogRepository,
    private readonly settings: PolicySettingsService,
  ) {}

  /** The whole policy: the default, and each product with a value of its own, in the order of their ids. */
  @Get()
  @Requires('policies.read')
  @Answers(200, policyFileSchema)
  async export(
    @Caller() ctx: RequestContext,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PolicyFileView> {
    const [policy, catalog] = await Promise.all([this.policies.of(ctx.tenantId), this.catalog.current()]);
    const file = policyFileView(policy, catalog);
    void reply.header('etag', versionEtag(policy.version, file));
    return file;
  }

  /** What applying a file would change; its ETag is good for applying it. Nothing is changed. */
  @Post('diff')
  @Requires('policies.read')
  @Answers(200, policyDiffSchema, 413, 415)
  async diff(
    @Caller() ctx: RequestContext,
    @Body({ schema: policyFileBody }) body: PolicyFileBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PolicyDiffView> {
    const { thing, policy, catalog } = await this.settings.diff(ctx, body);
    void reply.header('etag', versionEtag(policy.version));
    return policyDiffView(thing, catalog);
  }

  /** Makes the policy what the file says, all or nothing: products it does not list follow its default from then on. */
  @Put()
  @Requires('policies.write')
  @NeedsIfMatch()
  @Answers(200, policyFileSchema, 412, 413, 415)
  async apply(
    @Caller() ctx: RequestContext,
    @Body({ schema: policyFileBody }) body: PolicyFileBody,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PolicyFileView> {
    const expected = requiredIfMatchVersion(ifMatch);
    const { thing: catalog, policy } = await this.settings.apply(ctx, body, expected);
    const file = policyFileView(policy, catalog);
    void reply.header('etag', versionEtag(policy.version, file));
    return file;
  }
}
