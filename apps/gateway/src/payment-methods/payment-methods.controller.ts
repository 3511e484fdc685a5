import { Body, Controller, Delete, Get, Param, Post, Query } from '@nestjs/common';
import {
  idText,
  type ListView,
  type NewPaymentMethodBody,
  newPaymentMethodSchema,
  paymentMethodListQuery,
  type PaymentMethodListQuery,
  paymentMethodListSchema,
  paymentMethodSchema,
  type PaymentMethodView,
} from '@commissary/contracts';
import { PaymentMethodsRepository } from '@commissary/store';
import { Requires } from '../auth/access.decorators.js';
import type { Answer } from '../http/answer.js';
import { pageOf, toList } from '../http/paging.js';
import { Caller, type RequestContext } from '../http/request-context.js';
import { Idempotent } from '../idempotency/idempotent.decorator.js';
import { type IdempotentRequest, Keyed } from '../idempotency/idempotent-request.js';
import { Answers } from '../openapi/answers.js';
import { paymentMethodView } from './payment-method.view.js';
import { PaymentMethodsService } from './payment-methods.service.js';

@Controller('v1/payment-methods')
@Requires('paymentMethods.manage')
export class PaymentMethodsController {
  constructor(
    private readonly service: PaymentMethodsService,
    private readonly methods: PaymentMethodsRepository,
  ) {}

  /** The caller's cards. */
  @Get()
  @Answers(200, paymentMethodListSchema)
  async list(
    @Caller() ctx: RequestContext,
    @Query({ schema: paymentMethodListQuery }) query: PaymentMethodListQuery,
  ): Promise<ListView<PaymentMethodView>> {
    const rows = await this.methods.list(ctx.tenantId, ctx.user._id, pageOf(query));
    return toList(rows, query, paymentMethodView);
  }

  /** Adds a card, by the payment provider's token for it. */
  @Post()
  @Idempotent()
  @Answers(201, paymentMethodSchema, 413, 415, 422)
  add(
    @Caller() ctx: RequestContext,
    @Keyed() keyed: IdempotentRequest,
    @Body({ schema: newPaymentMethodSchema }) body: NewPaymentMethodBody,
  ): Promise<Answer<PaymentMethodView>> {
    return this.service.add(ctx, keyed, body);
  }

  /** Removes a card that no subscription needs. */
  @Delete(':id')
  @Answers(204, null, 404, 409)
  remove(@Caller() ctx: RequestContext, @Param('id', { schema: idText }) id: string): Promise<void> {
    return this.service.remove(ctx, id);
  }
}
