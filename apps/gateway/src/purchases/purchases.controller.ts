import { Body, Controller, Post } from '@nestjs/common';
import {
  type NewPurchaseBody,
  newPurchaseSchema,
  operationSchema,
  type OperationView,
} from '@commissary/contracts';
import { Requires } from '../auth/access.decorators.js';
import type { Answer } from '../http/answer.js';
import { Caller, type RequestContext } from '../http/request-context.js';
import { Idempotent } from '../idempotency/idempotent.decorator.js';
import { type IdempotentRequest, Keyed } from '../idempotency/idempotent-request.js';
import { Answers } from '../openapi/answers.js';
import { PurchasesService } from './purchases.service.js';

@Controller('v1/purchases')
export class PurchasesController {
  constructor(private readonly purchases: PurchasesService) {}

  /** Buys what a quote says, by card; a trial that asks for no card is given none. */
  @Post()
  @Requires('purchase.create')
  @Idempotent()
  @Answers(202, operationSchema, 404, 409, 413, 415, 422)
  create(
    @Caller() ctx: RequestContext,
    @Keyed() keyed: IdempotentRequest,
    @Body({ schema: newPurchaseSchema }) body: NewPurchaseBody,
  ): Promise<Answer<OperationView>> {
    return this.purchases.accept(ctx, keyed, body);
  }
}
