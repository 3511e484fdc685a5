import { Body, Controller, Get, Headers, Param, Put, Query, Res } from '@nestjs/common';
import {
  idText,
  type ListView,
  policyDefaultSchema,
  type PolicyDefaultView,
  policyListSchema,
  policyProductListQuery,
  type PolicyProductListQuery,
  policyProductListSchema,
  policyProductSchema,
  type PolicyProductView,
  policySchema,
  type PolicyValueBody,
  policyValueSchema,
  type PolicyValuesBody,
  policyValuesSchema,
  type PolicyView,
} from '@commissary/contracts';
import { CatalogRepository, PoliciesRepository } from '@commissary/store';
import type { FastifyReply } from 'fastify';
import { Requires } from '../auth/access.decorators.js';
import { Caller, type RequestContext } from '../http/request-context.js';
import { ifMatchVersion, requiredIfMatchVersion, versionEtag } from '../http/version-etag.js';
import { pageOfWhole } from '../http/whole-list.js';
import { Answers } from '../openapi/answers.js';
import { NeedsIfMatch } from './policy-headers.js';
import { PolicySettingsService } from './policy-settings.service.js';
import { policyDefaultView, policyProductView, policyView } from './policy.view.js';

@Controller('v1/policies')
export class PoliciesController {
  constructor(
    private readonly policies: PoliciesRepository,
    private readonly catalog: CatalogRepository,
    private readonly settings: PolicySettingsService,
  ) {}

  /** The policies there are: one. */
  @Get()
  @Requires('policies.read')
  @Answers(200, policyListSchema)
  async list(@Caller() ctx: RequestContext): Promise<ListView<PolicyView>> {
    return { items: [policyView(await this.policies.of(ctx.tenantId))], nextCursor: null };
  }

  @Get('AllowSelfServicePurchase')
  @Requires('policies.read')
  @Answers(200, policySchema)
  async policy(
    @Caller() ctx: RequestContext,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PolicyView> {
    const policy = await this.policies.of(ctx.tenantId);
    void reply.header('etag', versionEtag(policy.version));
    return policyView(policy);
  }

  /** The value of all products that have none of their own, those to come among them. */
  @Get('AllowSelfServicePurchase/default')
  @Requires('policies.read')
  @Answers(200, policyDefaultSchema)
  async defaultValue(
    @Caller() ctx: RequestContext,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PolicyDefaultView> {
    const policy = await this.policies.of(ctx.tenantId);
    void reply.header('etag', versionEtag(policy.version));
    return policyDefaultView(policy);
  }

  /** Sets it: the switch for the whole organization. */
  @Put('AllowSelfServicePurchase/default')
  @Requires('policies.write')
  @NeedsIfMatch()
  @Answers(200, policyDefaultSchema, 412, 413, 415)
  async setDefault(
    @Caller() ctx: RequestContext,
    @Body({ schema: policyValueSchema }) body: PolicyValueBody,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PolicyDefaultView> {
    const expected = requiredIfMatchVersion(ifMatch);
    const policy = await this.settings.setDefault(ctx, body.policyValue, expected);
    void reply.header('etag', versionEtag(policy.version));
    return policyDefaultView(policy);
  }

  /** Every product with its value: its own, or else the tenant's default. */
  @Get('AllowSelfServicePurchase/products')
  @Requires('policies.read')
  @Answers(200, policyProductListSchema)
  async products(
    @Caller() ctx: RequestContext,
    @Query({ schema: policyProductListQuery }) query: PolicyProductListQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ListView<PolicyProductView>> {
    const [policy, { products }] = await Promise.all([
      this.policies.of(ctx.tenantId),
      this.catalog.current(),
    ]);
    const { items, nextCursor } = pageOfWhole(products, query, (product) => product.productId);
    const list = { items: items.map((product) => policyProductView(product, policy)), nextCursor };
    void reply.header('etag', versionEtag(policy.version, list));
    return list;
  }

  /** Sets many products' values, all of them or none; answers those products. */
  @Put('AllowSelfServicePurchase/products')
  @Requires('policies.write')
  @NeedsIfMatch()
  @Answers(200, policyProductListSchema, 412, 413, 415)
  async setMany(
    @Caller() ctx: RequestContext,
    @Body({ schema: policyValuesSchema }) body: PolicyValuesBody,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ListView<PolicyProductView>> {
    const expected = requiredIfMatchVersion(ifMatch);
    const { thing, policy } = await this.settings.setMany(ctx, body.items, expected);
    void reply.header('etag', versionEtag(policy.version));
    return { items: thing.map((product) => policyProductView(product, policy)), nextCursor: null };
  }

  @Get('AllowSelfServicePurchase/products/:productId')
  @Requires('policies.read')
  @Answers(200, policyProductSchema, 404)
  async product(
    @Caller() ctx: RequestContext,
    @Param('productId', { schema: idText }) productId: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PolicyProductView> {
    const product = await this.settings.product(productId);
    const policy = await this.policies.of(ctx.tenantId);
    void reply.header('etag', versionEtag(policy.version));
    return policyProductView(product, policy);
  }

  /** Sets a product's value; with `If-Match` only if the policy is still the one that was read. */
  @Put('AllowSelfServicePurchase/products/:productId')
  @Requires('policies.write')
  @NeedsIfMatch(false)
  @Answers(200, policyProductSchema, 404, 412, 413, 415)
  async set(
    @Caller() ctx: RequestContext,
    @Param('productId', { schema: idText }) productId: string,
    @Body({ schema: policyValueSchema }) body: PolicyValueBody,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PolicyProductView> {
    const expected = ifMatchVersion(ifMatch);
    const { thing, policy } = await this.settings.set(ctx, productId, body.policyValue, expected);
    void reply.header('etag', versionEtag(policy.version));
    return policyProductView(thing, policy);
  }
}
