import { Body, Controller, Param, Post } from '@nestjs/common';
import {
  type CancellationBody,
  type CancellationRequestBody,
  cancellationRequestedSchema,
  type CancellationRequestedView,
  cancellationRequestSchema,
  cancellationSchema,
  idText,
  type MoveBody,
  movePreviewSchema,
  type MovePreviewView,
  moveSchema,
  operationSchema,
  type OperationView,
} from '@commissary/contracts';
import { Requires } from '../auth/access.decorators.js';
import type { Answer } from '../http/answer.js';
import { Caller, type RequestContext } from '../http/request-context.js';
import { Idempotent } from '../idempotency/idempotent.decorator.js';
import { type IdempotentRequest, Keyed } from '../idempotency/idempotent-request.js';
import { Answers } from '../openapi/answers.js';
import { CancellationRequestsService } from './cancellation-requests.service.js';
import { CancellationsService } from './cancellations.service.js';
import { MovesService } from './moves.service.js';

@Controller('v1/subscriptions/:id')
export class TakeoverController {
  constructor(
    private readonly moves: MovesService,
    private readonly cancellations: CancellationsService,
    private readonly requests: CancellationRequestsService,
  ) {}

  /** What a move would do, without doing it. */
  @Post('move-preview')
  @Requires('takeover')
  @Answers(200, movePreviewSchema, 404, 409, 413, 415)
  preview(
    @Caller() ctx: RequestContext,
    @Param('id', { schema: idText }) id: string,
    @Body({ schema: moveSchema }) body: MoveBody,
  ): Promise<MovePreviewView> {
    return this.moves.preview(ctx, id, body);
  }

  /** Moves all users to another subscription of the tenant and cancels this one. */
  @Post('move')
  @Requires('takeover')
  @Idempotent()
  @Answers(202, operationSchema, 404, 409, 413, 415, 422)
  move(
    @Caller() ctx: RequestContext,
    @Keyed() keyed: IdempotentRequest,
    @Param('id', { schema: idText }) id: string,
    @Body({ schema: moveSchema }) body: MoveBody,
  ): Promise<Answer<OperationView>> {
    return this.moves.accept(ctx, keyed, id, body);
  }

  /** Cancels: one's own, or as an admin anybody's with a reason; support on behalf of an admin. */
  @Post('cancel')
  @Requires('subscriptions.cancelOwn', 'takeover', 'support.cancel')
  @Idempotent()
  @Answers(202, operationSchema, 404, 409, 413, 415, 422)
  cancel(
    @Caller() ctx: RequestContext,
    @Keyed() keyed: IdempotentRequest,
    @Param('id', { schema: idText }) id: string,
    @Body({ schema: cancellationSchema }) body: CancellationBody,
  ): Promise<Answer<OperationView>> {
    return this.cancellations.accept(ctx, keyed, id, body);
  }

  /** Asks the purchaser, by an e-mail for each key, to cancel; changes nothing itself. */
  @Post('cancellation-request')
  @Requires('takeover')
  @Idempotent()
  @Answers(201, cancellationRequestedSchema, 404, 409, 413, 415, 422)
  requestCancellation(
    @Caller() ctx: RequestContext,
    @Keyed() keyed: IdempotentRequest,
    @Param('id', { schema: idText }) id: string,
    @Body({ schema: cancellationRequestSchema }) body: CancellationRequestBody,
  ): Promise<Answer<CancellationRequestedView>> {
    return this.requests.ask(ctx, keyed, id, body);
  }
}
