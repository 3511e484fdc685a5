import { Controller, Param, Post } from '@nestjs/common';
import { idText, operationSchema, type OperationView } from '@commissary/contracts';
import { Requires } from '../auth/access.decorators.js';
import { Caller, type RequestContext } from '../http/request-context.js';
import { Answers } from '../openapi/answers.js';
import { OperationControl } from './operation-control.service.js';
import { operationView } from './operation.view.js';

/** Steering what runs: the tenant's admins pause, resume and stop; operators resume and discard what is parked. */
@Controller('v1/operations/:id')
export class ControlController {
  constructor(private readonly control: OperationControl) {}

  @Post('pause')
  @Requires('operations.control')
  @Answers(200, operationSchema, 404, 409, 413, 415)
  async pause(
    @Caller() ctx: RequestContext,
    @Param('id', { schema: idText }) id: string,
  ): Promise<OperationView> {
    return operationView(await this.control.pause(ctx, id));
  }

  @Post('resume')
  @Requires('operations.control', 'operations.operate')
  @Answers(200, operationSchema, 404, 409, 413, 415)
  async resume(
    @Caller() ctx: RequestContext,
    @Param('id', { schema: idText }) id: string,
  ): Promise<OperationView> {
    return operationView(await this.control.resume(ctx, id));
  }

  @Post('stop')
  @Requires('operations.control')
  @Answers(200, operationSchema, 404, 409, 413, 415)
  async stop(
    @Caller() ctx: RequestContext,
    @Param('id', { schema: idText }) id: string,
  ): Promise<OperationView> {
    return operationView(await this.control.stop(ctx, id));
  }

  @Post('discard')
  @Requires('operations.operate')
  @Answers(200, operationSchema, 404, 409, 413, 415)
  async discard(
    @Caller() ctx: RequestContext,
    @Param('id', { schema: idText }) id: string,
  ): Promise<OperationView> {
    return operationView(await this.control.discard(ctx, id));
  }
}
