import { Body, Controller, Delete, Get, Param, Patch, Post, Query } from '@nestjs/common';
import {
  idText,
  type ListView,
  type NewUserBody,
  newUserSchema,
  type UserListQuery,
  userListQuery,
  userListSchema,
  userSchema,
  type UserStateBody,
  userStateSchema,
  type UserView,
} from '@commissary/contracts';
import { UsersRepository } from '@commissary/store';
import { Requires } from '../auth/access.decorators.js';
import type { Answer } from '../http/answer.js';
import { pageOf, toList } from '../http/paging.js';
import { Caller, type RequestContext } from '../http/request-context.js';
import { Idempotent } from '../idempotency/idempotent.decorator.js';
import { type IdempotentRequest, Keyed } from '../idempotency/idempotent-request.js';
import { Answers } from '../openapi/answers.js';
import { DirectoryService } from './directory.service.js';
import { userView } from './user.view.js';

/** The tenant's accounts: members search them, global admins change them. */
@Controller('v1/users')
export class UsersController {
  constructor(
    private readonly users: UsersRepository,
    private readonly directory: DirectoryService,
  ) {}

  /** Newest first. */
  @Get()
  @Requires('directory.read')
  @Answers(200, userListSchema)
  async list(
    @Caller() ctx: RequestContext,
    @Query({ schema: userListQuery }) query: UserListQuery,
  ): Promise<ListView<UserView>> {
    return toList(await this.users.list(ctx.tenantId, query.q, pageOf(query)), query, userView);
  }

  @Get(':id')
  @Requires('directory.read')
  @Answers(200, userSchema, 404)
  async one(@Caller() ctx: RequestContext, @Param('id', { schema: idText }) id: string): Promise<UserView> {
    return userView(await this.users.get(ctx.tenantId, id));
  }

  @Post()
  @Requires('directory.write')
  @Idempotent()
  @Answers(201, userSchema, 413, 415, 422)
  create(
    @Caller() ctx: RequestContext,
    @Keyed() keyed: IdempotentRequest,
    @Body({ schema: newUserSchema }) body: NewUserBody,
  ): Promise<Answer<UserView>> {
    return this.directory.create(ctx, keyed, body);
  }

  @Patch(':id')
  @Requires('directory.write')
  @Answers(200, userSchema, 404, 409, 413, 415)
  async setState(
    @Caller() ctx: RequestContext,
    @Param('id', { schema: idText }) id: string,
    @Body({ schema: userStateSchema }) { state }: UserStateBody,
  ): Promise<UserView> {
    return userView(await this.directory.setState(ctx, id, state));
  }

  /** Frees the licenses; subscriptions bought by the account live on. [SUB-2, DATA-1] */
  @Delete(':id')
  @Requires('directory.write')
  @Answers(204, null, 404, 409)
  async delete(@Caller() ctx: RequestContext, @Param('id', { schema: idText }) id: string): Promise<void> {
    await this.directory.delete(ctx, id);
  }
}
