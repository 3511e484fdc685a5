import { Controller, Headers, Post, Req } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { Public } from '../auth/access.decorators.js';
import { RAW_BODY } from '../http/raw-body.js';
import { Answers } from '../openapi/answers.js';
import { StripeWebhooksService } from './stripe-webhooks.service.js';

/** Where Stripe tells its news. No token: what is not signed with the webhook's secret is refused. [EXT-6] */
@Controller('v1/provider-webhooks')
export class StripeWebhooksController {
  constructor(private readonly service: StripeWebhooksService) {}

  @Post('stripe')
  @Public()
  @RouteConfig(RAW_BODY)
  @Answers(200, null, 404, 413, 415)
  async receive(
    @Req() request: FastifyRequest,
    @Headers('stripe-signature') signature?: string,
  ): Promise<void> {
    await this.service.receive(typeof request.body === 'string' ? request.body : '', signature);
  }
}
