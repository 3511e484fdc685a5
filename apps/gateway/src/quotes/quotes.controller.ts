import { Body, Controller, Post } from '@nestjs/common';
import { type NewQuoteBody, newQuoteSchema, quoteSchema, type QuoteView } from '@commissary/contracts';
import { Requires } from '../auth/access.decorators.js';
import type { Answer } from '../http/answer.js';
import { Caller, type RequestContext } from '../http/request-context.js';
import { Idempotent } from '../idempotency/idempotent.decorator.js';
import { type IdempotentRequest, Keyed } from '../idempotency/idempotent-request.js';
import { Answers } from '../openapi/answers.js';
import { QuotesService } from './quotes.service.js';

@Controller('v1/quotes')
export class QuotesController {
  constructor(private readonly quotes: QuotesService) {}

  /** What a purchase, a trial or more seats will cost; the purchase charges exactly this, or refuses. */
  @Post()
  @Requires('purchase.create')
  @Idempotent()
  @Answers(201, quoteSchema, 404, 409, 413, 415, 422)
  create(
    @Caller() ctx: RequestContext,
    @Keyed() keyed: IdempotentRequest,
    @Body({ schema: newQuoteSchema }) body: NewQuoteBody,
  ): Promise<Answer<QuoteView>> {
    return this.quotes.create(ctx, keyed, body);
  }
}
