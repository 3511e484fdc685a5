import { Controller, Get, Query, Res } from '@nestjs/common';
import { ApiProduces } from '@nestjs/swagger';
import {
  USER_EXPORT_COLUMNS,
  type UserExportQuery,
  userExportQuery,
  userExportSchema,
} from '@commissary/contracts';
import type { FastifyReply } from 'fastify';
import { Requires } from '../auth/access.decorators.js';
import { csvAnswer } from '../http/csv.js';
import { Caller, type RequestContext } from '../http/request-context.js';
import { Answers } from '../openapi/answers.js';
import { UserExports } from './user-exports.service.js';

@Controller('v1/exports')
@Requires('exports.read')
export class ExportsController {
  constructor(private readonly exports: UserExports) {}

  /** The users of chosen subscriptions as a CSV file; of a deleted one those whose access its cancellation removed. */
  @Get('users')
  @ApiProduces('text/csv')
  @Answers(200, userExportSchema, 404)
  async users(
    @Caller() ctx: RequestContext,
    @Query({ schema: userExportQuery }) { subscriptionId }: UserExportQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<NodeJS.ReadableStream> {
    const rows = await this.exports.rows(ctx, subscriptionId);
    return csvAnswer(reply, 'users.csv', USER_EXPORT_COLUMNS, rows);
  }
}
