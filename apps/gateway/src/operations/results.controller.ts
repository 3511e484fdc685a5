import { Controller, Get, Param, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces } from '@nestjs/swagger';
import {
  idText,
  type ResultsQuery,
  resultsQuery,
  userOutcomeListSchema,
  type UserOutcomeListView,
} from '@commissary/contracts';
import type { FastifyReply } from 'fastify';
import { Requires } from '../auth/access.decorators.js';
import { AcceptsCsv } from '../http/accepts.js';
import { csvAnswer } from '../http/csv.js';
import { Caller, type RequestContext } from '../http/request-context.js';
import { Answers } from '../openapi/answers.js';
import { OperationResults, RESULT_COLUMNS } from './operation-results.js';
import { VisibleOperations } from './visible-operations.js';

/** What became of each user of a move or a cancellation. [MOV-5] */
@Controller('v1/operations/:id/results')
@Requires('operations.readOwn', 'operations.readAll')
export class ResultsController {
  constructor(
    private readonly visible: VisibleOperations,
    private readonly results: OperationResults,
  ) {}

  /** In the order the users were dealt with; `Accept: text/csv` streams all of them. */
  @Get()
  @ApiOperation({
    description:
      'What became of each user so far, in the order they were dealt with (of a move in two halves: first those of the one, then of ' +
      'the other). While the operation is open go on from `endCursor`. `Accept: text/csv` streams all of it as a file.',
  })
  @ApiProduces('application/json', 'text/csv')
  @Answers(200, userOutcomeListSchema, 404)
  async list(
    @Caller() ctx: RequestContext,
    @Param('id', { schema: idText }) id: string,
    @Query({ schema: resultsQuery }) query: ResultsQuery,
    @AcceptsCsv() asCsv: boolean,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<UserOutcomeListView | NodeJS.ReadableStream> {
    const operation = await this.visible.get(ctx, id);
    if (!asCsv) return this.results.page(operation, query);
    const rows = this.results.rows(operation, query.outcome);
    return csvAnswer(reply, `${operation._id}.csv`, RESULT_COLUMNS, rows);
  }
}
