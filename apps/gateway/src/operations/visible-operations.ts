import { Injectable } from '@nestjs/common';
import { DomainError, notFound, SYSTEM } from '@commissary/domain';
import {
  type OperationDocument,
  type OperationFilter,
  OperationsRepository,
  type Page,
  SubscriptionsRepository,
} from '@commissary/store';
import type { RequestContext } from '../http/request-context.js';

/**
 * Who sees which operation: admins and readers their tenant's, others those they asked for or that fall due on what they
 * bought, operators every one.
 */
@Injectable()
export class VisibleOperations {
  constructor(
    private readonly operations: OperationsRepository,
    private readonly subscriptions: SubscriptionsRepository,
  ) {}

  /** Throws `not_found` for unknown, foreign and hidden ones alike. */
  async get(ctx: RequestContext, operationId: string): Promise<OperationDocument> {
    if (isOperator(ctx)) return this.operations.getForOperators(operationId);
    const operation = await this.operations.get(ctx.tenantId, operationId);
    if (ctx.permissions.has('operations.readAll')) return operation;
    if (operation.requestedBy.userId === ctx.user._id || (await this.isDueOn(ctx, operation)))
      return operation;
    throw notFound();
  }

  /** Whether the caller of a request that goes on for long may see it by now. */
  async stillTo(again: Promise<RequestContext>, operationId: string): Promise<boolean> {
    try {
      await this.get(await again, operationId);
      return true;
    } catch (error) {
      if (error instanceof DomainError) return false;
      throw error;
    }
  }

  async list(ctx: RequestContext, filter: OperationFilter, page: Page): Promise<OperationDocument[]> {
    const own = ctx.permissions.has('operations.readAll') ? {} : { ofUserId: ctx.user._id };
    return this.operations.list(ctx.tenantId, { ...filter, ...own }, page);
  }

  /** What time asked for on a subscription is its purchaser's affair. [OWN-1, BUY-9] */
  private async isDueOn(ctx: RequestContext, operation: OperationDocument): Promise<boolean> {
    const { requestedBy, subscriptionId } = operation;
    if (requestedBy.userId !== SYSTEM.userId || subscriptionId === null) return false;
    const { purchaserId } = await this.subscriptions.get(ctx.tenantId, subscriptionId);
    return purchaserId === ctx.user._id;
  }
}

/** At home operators look across tenants; in a tenant they name, at that one alone. */
const isOperator = (ctx: RequestContext): boolean =>
  ctx.acting.as === 'home' && ctx.permissions.has('operations.operate');
