import { Injectable } from '@nestjs/common';
import {
  DatabaseClock,
  DirectoryChanges,
  type Session,
  type SubscriptionChange,
  type SubscriptionDocument,
  SubscriptionsRepository,
} from '@commissary/store';

/** The last write of an operation to the subscription it held. */
@Injectable()
export class HeldSubscriptions {
  constructor(
    private readonly subscriptions: SubscriptionsRepository,
    private readonly directory: DirectoryChanges,
    private readonly clock: DatabaseClock,
  ) {}

  /** Writes what changed and gives the lock back; users who were deleted under the lock leave their seats. */
  async release(
    session: Session,
    { _id, tenantId }: SubscriptionDocument,
    change: SubscriptionChange = {},
  ): Promise<SubscriptionDocument> {
    await this.directory.removeLeftLicenses(session, tenantId, _id);
    const read = await this.subscriptions.get(tenantId, _id, session);
    return this.subscriptions.change(session, read, { ...change, operationId: null }, this.clock.now());
  }
}
