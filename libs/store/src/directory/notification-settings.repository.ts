import { DomainError, notFound, type PurchaseAlerts } from '@commissary/domain';
import type { Database, Session } from '../database.js';
import type { TenantDocument } from '../collections/index.js';

export type NotificationSettings = NonNullable<TenantDocument['notifications']>;

/** Until somebody changes it. */
const INITIAL: NotificationSettings = { version: 0, purchaseAlerts: 'immediate' };

/** What a tenant's admins are e-mailed. [ADM-8] */
export class NotificationSettingsRepository {
  constructor(private readonly database: Database) {}

  async of(tenantId: string, session?: Session): Promise<NotificationSettings> {
    const tenant = await this.database.models.tenants
      .findOne({ _id: tenantId }, { notifications: 1 }, { session })
      .lean();
    if (!tenant) throw notFound();
    return tenant.notifications ?? INITIAL;
  }

  /**
   * What is so already changes nothing. Two changes at once conflict, and the transaction of one runs again.
   * Throws `stale` if the settings are no longer at the expected version; null: whatever they are now.
   */
  async set(
    session: Session,
    tenantId: string,
    purchaseAlerts: PurchaseAlerts,
    expectedVersion: number | null,
  ): Promise<{ before: NotificationSettings; after: NotificationSettings }> {
    const before = await this.of(tenantId, session);
    if (expectedVersion !== null && expectedVersion !== before.version) {
      throw new DomainError('stale', 'The settings have changed since you read them.');
    }
    if (purchaseAlerts === before.purchaseAlerts) return { before, after: before };
    const after = { version: before.version + 1, purchaseAlerts };
    await this.database.models.tenants.updateOne(
      { _id: tenantId },
      { $set: { notifications: after } },
      { session },
    );
    return { before, after };
  }
}
