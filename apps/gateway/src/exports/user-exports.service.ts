import { Injectable } from '@nestjs/common';
import {
  Database,
  DatabaseClock,
  type ExportedSubscription,
  ExportedSubscriptions,
  type ExportedUser,
  exportedUsers,
  recordChange,
  UserSummariesRepository,
  type UserSummary,
} from '@commissary/store';
import { auditOf } from '../http/change-record.js';
import type { CsvCell } from '../http/csv.js';
import type { RequestContext } from '../http/request-context.js';

/** Who is licensed by some subscriptions, or was last, for a file. [ADM-3, CAN-2] */
@Injectable()
export class UserExports {
  constructor(
    private readonly database: Database,
    private readonly clock: DatabaseClock,
    private readonly chosen: ExportedSubscriptions,
    private readonly users: UserSummariesRepository,
  ) {}

  /**
   * Rows in batches, subscription after subscription as they were asked for; each as it is when it is read, not a snapshot of
   * all. That they left is in the audit trail before the first one does. Throws `not_found` if one is unknown or foreign.
   */
  async rows(ctx: RequestContext, subscriptionIds: readonly string[]): Promise<AsyncGenerator<CsvCell[][]>> {
    const subscriptions = await this.chosen.get(ctx.tenantId, subscriptionIds);
    const [purchasers] = await Promise.all([
      this.users.byIds(
        ctx.tenantId,
        subscriptions.map(({ purchaserId }) => purchaserId),
      ),
      this.record(ctx, subscriptionIds),
    ]);
    return rowsOf(this.database, subscriptions, purchasers);
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
  subscriptions: readonly ExportedSubscription[],
  purchasers: ReadonlyMap<string | null, Pick<UserSummary, 'displayName'>>,
): AsyncGenerator<CsvCell[][]> {
  for (const subscription of subscriptions) {
    const purchaser = purchasers.get(subscription.purchaserId)?.displayName ?? null;
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
