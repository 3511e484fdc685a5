import { Injectable } from '@nestjs/common';
import { notFound } from '@commissary/domain';
import {
  type OperationDocument,
  type OperationFilter,
  OperationsRepository,
  type Page,
} from '@commissary/store';
import type { RequestContext } from '../http/request-context.js';

/** Who sees which operation: admins and readers their tenant's, others those they asked for, operators every one. */
@Injectable()
export class VisibleOperations {
  constructor(private readonly operations: OperationsRepository) {}

  /** Throws `not_found` for unknown, foreign and hidden ones alike. */
  async get(ctx: RequestContext, operationId: string): Promise<OperationDocument> {
    if (isOperator(ctx)) return this.operations.getForOperators(operationId);
    const operation = await this.operations.get(ctx.tenantId, operationId);
    const own = operation.requestedBy.userId === ctx.user._id;
    if (!own && !ctx.permissions.has('operations.readAll')) throw notFound();
    return operation;
  }

  async list(ctx: RequestContext, filter: OperationFilter, page: Page): Promise<OperationDocument[]> {
    const own = ctx.permissions.has('operations.readAll') ? {} : { requestedByUserId: ctx.user._id };
    return this.operations.list(ctx.tenantId, { ...filter, ...own }, page);
  }
}

/** At home operators look across tenants; in a tenant they name, at that one alone. */
const isOperator = (ctx: RequestContext): boolean =>
  ctx.acting.as === 'home' && ctx.permissions.has('operations.operate');
