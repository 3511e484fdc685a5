import { newId } from '@commissary/platform';
import type { Database, SubscriptionDocument, TenantDocument, UserDocument } from '@commissary/store';
import { aLicense, aSubscription, aTenant, aUser } from '../../../support/documents.js';
import { insertAll } from './fresh.js';

const BATCH = 20_000;
const DEPARTMENTS = ['Sales', 'Finance', 'Research', null];

export interface ExportData {
  tenant: TenantDocument;
  admin: UserDocument;
  /** With so many users each as were asked for. */
  subscriptions: SubscriptionDocument[];
}

const loadUsers = async (
  database: Database,
  subscription: SubscriptionDocument,
  count: number,
): Promise<void> => {
  for (let from = 0; from < count; from += BATCH) {
    const users = Array.from({ length: Math.min(BATCH, count - from) }, (_, n) =>
      aUser(subscription.tenantId, {
        _id: newId('usr'),
        displayName: `Jordan Member ${from + n}`,
        department: DEPARTMENTS[n % DEPARTMENTS.length] ?? null,
      }),
    );
    await insertAll(database, 'users', users);
    await insertAll(
      database,
      'licenses',
      users.map((user) => aLicense(subscription, user._id)),
    );
  }
};

/** A tenant with a subscription of each of these sizes, every one with users of its own. */
export const loadExports = async (database: Database, sizes: readonly number[]): Promise<ExportData> => {
  const tenant = aTenant();
  const admin = aUser(tenant._id, { roles: ['globalAdmin'] });
  const subscriptions = sizes.map((size) =>
    aSubscription(tenant._id, { seats: { purchased: size, assigned: size, reservations: [] } }),
  );
  await insertAll(database, 'tenants', [tenant]);
  await insertAll(database, 'users', [admin]);
  await insertAll(database, 'subscriptions', subscriptions);
  for (const subscription of subscriptions)
    await loadUsers(database, subscription, subscription.seats.assigned);
  return { tenant, admin, subscriptions };
};
