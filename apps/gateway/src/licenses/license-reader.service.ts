import { Injectable } from '@nestjs/common';
import type { LicenseListQuery, LicenseView, ListView, OwnLicenseView } from '@commissary/contracts';
import { CatalogRepository, Database, LicensesRepository, SubscriptionsRepository } from '@commissary/store';
import { pageOf, toList } from '../http/paging.js';
import type { RequestContext } from '../http/request-context.js';
import { requireVisible } from '../subscriptions/subscription-access.js';
import { licenseView, ownLicenseView } from './license.view.js';

@Injectable()
export class LicenseReader {
  constructor(
    private readonly database: Database,
    private readonly licenses: LicensesRepository,
    private readonly subscriptions: SubscriptionsRepository,
    private readonly catalog: CatalogRepository,
  ) {}

  /** What the caller may use now; at most one license per product, so one page holds them. [BUY-5] */
  async usableByCaller(ctx: RequestContext): Promise<ListView<OwnLicenseView>> {
    const [usable, { productById }] = await Promise.all([
      this.licenses.usableBy(ctx.tenantId, ctx.user._id),
      this.catalog.current(),
    ]);
    const items = usable.map((own) =>
      ownLicenseView(own, ctx.user, productById.get(own.license.productId)?.trainingUrl ?? ''),
    );
    return { items, nextCursor: null };
  }

  /** Who is licensed by a subscription, in the order of user ids. Throws `not_found`. [OWN-3, ADM-1] */
  async ofSubscription(
    ctx: RequestContext,
    subscriptionId: string,
    query: LicenseListQuery,
  ): Promise<ListView<LicenseView>> {
    const { tenantId } = ctx;
    const subscription = requireVisible(ctx, await this.subscriptions.get(tenantId, subscriptionId));
    const { limit, after } = pageOf(query);
    const rows = await this.licenses.ofSubscription(tenantId, subscriptionId, { limit, afterUserId: after });
    const users = await this.database.collections.users
      .find(
        { _id: { $in: rows.map((row) => row.userId) }, tenantId },
        { projection: { email: 1, displayName: 1 } },
      )
      .toArray();
    const holders = new Map(users.map((user) => [user._id, user]));
    return toList(
      rows,
      query,
      (row) => licenseView(row, subscription, holders.get(row.userId)),
      (row) => row.userId,
    );
  }
}
