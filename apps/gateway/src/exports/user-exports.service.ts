import { Injectable } from '@nestjs/common';
import { notFound } from '@commissary/domain';
import {
  Database,
  DatabaseClock,
  type ExportedUser,
  exportedUsers,
  type SubscriptionDocument,
  recordChange,
  type UserDocument,
} from '@commissary/store';
import { auditOf } from '../http/change-record.js';
import type { CsvCell } from '../http/csv.js';
import type { RequestContext } from '../http/request-context.js';

type Subscription = Pick<SubscriptionDocument, '_id' | 'tenantId' | 'productName' | 'purchaserId'>;

/** Who is licensed by some subscriptions, or was last, for a file. [ADM-3, CAN-2] */
@Injectable()
export class UserExports {
  constructor(
    private readonly database: Database,
    private readonly clock: DatabaseClock,
  ) {}

  /**
   * Rows in batches, subscription after subscription as they were asked for; each as it is when it is read, not a snapshot of
   * all. That they left is in the audit trail before the first one does. Throws `not_found` if one is unknown or foreign.
   */
  async rows(ctx: RequestContext, subscriptionIds: readonly string[]): Promise<AsyncGenerator<CsvCell[][]>> {
    const subscriptions = await this.subscriptions(ctx.tenantId, subscriptionIds);
    const [names] = await Promise.all([
      this.purchaserNames(ctx.tenantId, subscriptions),
      this.record(ctx, subscriptionIds),
    ]);
    return rowsOf(this.database, subscriptions, names);
  }

  private async subscriptions(tenantId: string, ids: readonly string[]): Promise<Subscription[]> {
    const rows = await this.database.models.subscriptions
      .find({ _id: { $in: [...ids] }, tenantId }, { tenantId: 1, productName: 1, purchaserId: 1 })
      .lean();
    const found = new Map(rows.map((row) => [row._id, row]));
    return ids.map((id) => {
      const subscription = found.get(id);
      if (!subscription) throw notFound();
      return subscription;
    });
  }

  /** By user id, of those who were deleted too. */
  private async purchaserNames(
    tenantId: string,
    subscriptions: readonly Subscription[],
  ): Promise<ReadonlyMap<string, string>> {
    const ids = subscriptions.flatMap(({ purchaserId }) => purchaserId ?? []);
    if (ids.length === 0) return new Map();
    const users = await this.database.models.users
      .find({ _id: { $in: ids }, tenantId }, { displayName: 1 })
      .lean<Pick<UserDocument, '_id' | 'displayName'>[]>();
    return new Map(users.map((user) => [user._id, user.displayName]));
  }

  /** Nothing changes, but personal data leaves: who took which, and from where. [ADM-9] */
  private async record(ctx: RequestContext, subscriptionIds: readonly string[]): Promise<void> {
    const audit = subscriptionIds.map((id) =>
      auditOf(ctx, {
        action: 'users.exported',
        subject: { type: 'subscription', id },
        before: null,
        after: null,
      }),
    );
    await this.database.transaction((session) =>
      recordChange(this.database, session, this.clock.now(), { audit }),
    );
  }
}

async function* rowsOf(
  database: Database,
  subscriptions: readonly Subscription[],
  purchaserNames: ReadonlyMap<string, string>,
): AsyncGenerator<CsvCell[][]> {
  for (const subscription of subscriptions) {
    const purchaser = purchaserNames.get(subscription.purchaserId ?? '') ?? null;
    const row = ({ account, assignedAt }: ExportedUser): CsvCell[] => [
      account.displayName,
      account.email,
      subscription.productName,
      subscription._id,
      purchaser,
      assignedAt?.toISOString() ?? null,
      account.department,
      account.usageLocation,
    ];
    for await (const users of exportedUsers(database, subscription)) yield users.map(row);
  }
}
