import { Injectable } from '@nestjs/common';
import type {
  ListView,
  OrderListQuery,
  OrderView,
  SubscriptionListQuery,
  SubscriptionView,
} from '@commissary/contracts';
import {
  Database,
  mentionedUser,
  OrderHistoryRepository,
  type SubscriptionDocument,
  SubscriptionsRepository,
  UserSummariesRepository,
} from '@commissary/store';
import { pageOf, toList } from '../http/paging.js';
import type { RequestContext } from '../http/request-context.js';
import { requireVisible } from './subscription-access.js';
import { orderView, type Purchaser, subscriptionView } from './subscription.view.js';

const EMPTY = { items: [], nextCursor: null };

/** Subscriptions as their purchasers and the tenant's admins see them. [OWN-1, ADM-1] */
@Injectable()
export class SubscriptionReader {
  constructor(
    private readonly database: Database,
    private readonly subscriptions: SubscriptionsRepository,
    private readonly orders: OrderHistoryRepository,
    private readonly users: UserSummariesRepository,
  ) {}

  /** Who sees all gets the tenant's, others their own. */
  async list(ctx: RequestContext, query: SubscriptionListQuery): Promise<ListView<SubscriptionView>> {
    const { limit: _limit, cursor: _cursor, purchaser, ...filter } = query;
    const named =
      purchaser === undefined ? null : await mentionedUser(this.database, ctx.tenantId, purchaser);
    const own = ctx.permissions.has('subscriptions.readAll') ? null : ctx.user._id;
    const purchaserId = named?._id ?? own ?? undefined;
    const nobody = purchaser !== undefined && named === null;
    const foreign = own !== null && purchaserId !== own;
    if (nobody || foreign) return EMPTY;
    const rows = await this.subscriptions.list(ctx.tenantId, { ...filter, purchaserId }, pageOf(query));
    const purchasers = await this.purchasersOf(ctx.tenantId, rows);
    return toList(rows, query, (row) => viewOf(ctx, row, purchasers));
  }

  /** Throws `not_found` for unknown ones and those the caller may not see alike. */
  async one(ctx: RequestContext, subscriptionId: string): Promise<SubscriptionView> {
    return this.view(ctx, await this.visible(ctx, subscriptionId));
  }

  async view(ctx: RequestContext, subscription: SubscriptionDocument): Promise<SubscriptionView> {
    return viewOf(ctx, subscription, await this.purchasersOf(ctx.tenantId, [subscription]));
  }

  /** What was ordered for it, newest first. Throws `not_found`. */
  async orderHistory(
    ctx: RequestContext,
    subscriptionId: string,
    query: OrderListQuery,
  ): Promise<ListView<OrderView>> {
    await this.visible(ctx, subscriptionId);
    const rows = await this.orders.ofSubscription(ctx.tenantId, subscriptionId, pageOf(query));
    return toList(rows, query, orderView);
  }

  private async visible(ctx: RequestContext, subscriptionId: string): Promise<SubscriptionDocument> {
    return requireVisible(ctx, await this.subscriptions.get(ctx.tenantId, subscriptionId));
  }

  /** One query for a page. Purchasers who were deleted are shown too. */
  private purchasersOf(
    tenantId: string,
    rows: readonly SubscriptionDocument[],
  ): Promise<ReadonlyMap<string | null, Purchaser>> {
    return this.users.byIds(
      tenantId,
      rows.map((row) => row.purchaserId),
    );
  }
}

const viewOf = (
  ctx: RequestContext,
  subscription: SubscriptionDocument,
  purchasers: ReadonlyMap<string | null, Purchaser>,
): SubscriptionView =>
  subscriptionView(subscription, purchasers.get(subscription.purchaserId) ?? null, ctx.user._id);
