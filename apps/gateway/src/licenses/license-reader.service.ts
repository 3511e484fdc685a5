import { Injectable } from '@nestjs/common';
import type { LicenseListQuery, LicenseView, ListView, OwnLicenseView } from '@commissary/contracts';
import {
  CatalogRepository,
  type HoldersPlace,
  LicensesRepository,
  SubscriptionHolders,
  SubscriptionsRepository,
  UserSummariesRepository,
} from '@commissary/store';
import { pageOf, toList } from '../http/paging.js';
import { invalidRequest } from '../http/problems.js';
import type { RequestContext } from '../http/request-context.js';
import { requireVisible } from '../subscriptions/subscription-access.js';
import { licenseView, ownLicenseView } from './license.view.js';

@Injectable()
export class LicenseReader {
  constructor(
    private readonly licenses: LicensesRepository,
    private readonly subscriptions: SubscriptionsRepository,
    private readonly catalog: CatalogRepository,
    private readonly holders: SubscriptionHolders,
    private readonly users: UserSummariesRepository,
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

  /**
   * Who is licensed by a subscription, in the order of user ids; of a deleted one who lost access by its cancellation.
   * Throws `not_found`. [OWN-3, ADM-1, CAN-2]
   */
  async ofSubscription(
    ctx: RequestContext,
    subscriptionId: string,
    query: LicenseListQuery,
  ): Promise<ListView<LicenseView>> {
    const { tenantId } = ctx;
    const subscription = requireVisible(ctx, await this.subscriptions.get(tenantId, subscriptionId));
    const { limit, after } = pageOf(query);
    const place = after === undefined ? null : placeOf(after);
    const holders = await this.holders.next(subscription, place, limit);
    const accounts = await this.users.byIds(
      tenantId,
      holders.map((holder) => holder.userId),
    );
    return toList(
      holders.map((holder) => ({ _id: keyOf(holder.place), ...holder })),
      query,
      (holder) => licenseView(holder, subscription, accounts.get(holder.userId)),
    );
  }
}

const keyOf = ({ userId, seq }: HoldersPlace): string => (seq === 0 ? userId : `${userId}:${seq}`);

const placeOf = (key: string): HoldersPlace => {
  const [userId = '', seq = '0'] = key.split(':');
  if (!/^\d{1,9}$/.test(seq)) throw invalidRequest('/cursor', 'cursor', 'This is not a cursor of this list');
  return { userId, seq: Number(seq) };
};
