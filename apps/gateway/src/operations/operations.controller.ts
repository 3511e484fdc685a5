import { Controller, Get, Headers, Param, Query, Res } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiProduces } from '@nestjs/swagger';
import {
  idText,
  type ListView,
  type OperationListQuery,
  operationListQuery,
  operationListSchema,
  type OperationQuery,
  operationQuery,
  operationSchema,
  type OperationView,
} from '@commissary/contracts';
import type { FastifyReply } from 'fastify';
import { Requires } from '../auth/access.decorators.js';
import { Callers } from '../auth/callers.js';
import { pageOf, toList } from '../http/paging.js';
import { Caller, type Origin, type RequestContext, RequestOrigin } from '../http/request-context.js';
import { Answers } from '../openapi/answers.js';
import { goneSignal, seenVersion, sendEvents } from './event-stream.js';
import { OperationWatcher } from './operation-watcher.js';
import { operationView } from './operation.view.js';
import { VisibleOperations } from './visible-operations.js';

/** Watching what was started. [MOV-3] */
@Controller('v1/operations')
@Requires('operations.readOwn', 'operations.readAll')
export class OperationsController {
  constructor(
    private readonly visible: VisibleOperations,
    private readonly watcher: OperationWatcher,
    private readonly callers: Callers,
  ) {}

  /** Newest first. */
  @Get()
  @Answers(200, operationListSchema)
  async list(
    @Caller() ctx: RequestContext,
    @Query({ schema: operationListQuery }) query: OperationListQuery,
  ): Promise<ListView<OperationView>> {
    const { type, status } = query;
    const filter = { ...(type && { type }), ...(status && { status }) };
    return toList(await this.visible.list(ctx, filter, pageOf(query)), query, operationView);
  }

  /** With `?wait=` the answer comes when the operation has ended, or after that many seconds. */
  @Get(':id')
  @Answers(200, operationSchema, 404)
  async one(
    @Caller() ctx: RequestContext,
    @Param('id', { schema: idText }) id: string,
    @Query({ schema: operationQuery }) { wait }: OperationQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OperationView> {
    const operation = await this.visible.get(ctx, id);
    if (wait === undefined) return operationView(operation);
    return operationView(await this.watcher.untilEnded(operation, wait, goneSignal(reply)));
  }

  /** Server-sent events: `progress` with each change, at last `ended`; `Last-Event-ID` goes on after it. */
  @Get(':id/events')
  @ApiOperation({
    description:
      'Server-sent events, `progress` with each change and at last `ended`; the data of each is the operation, its id the version of ' +
      'it. The stream is over after `ended`, with the token, or when the gateway stops: come again with `Last-Event-ID`.',
  })
  @ApiHeader({
    name: 'Last-Event-ID',
    required: false,
    description: 'The id of the last event seen: goes on after it. One that was never sent counts as none',
    schema: { type: 'string' },
  })
  @ApiProduces('text/event-stream')
  @Answers(200, operationSchema, 404)
  async events(
    @Caller() ctx: RequestContext,
    @Param('id', { schema: idText }) id: string,
    @RequestOrigin() origin: Origin,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const operation = await this.visible.get(ctx, id);
    const seen = seenVersion(lastEventId, operation.version);
    const news = this.watcher.follow(operation, {
      seen,
      signal: goneSignal(reply),
      until: ctx.expiresAt,
      mayGoOn: () => this.visible.stillTo(this.callers.again(ctx, origin), id),
    });
    sendEvents(reply, news, seen);
  }
}
