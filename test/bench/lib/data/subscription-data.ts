import { newId } from '@commissary/platform';
import type { Database, SubscriptionDocument, TenantDocument, UserDocument } from '@commissary/store';
import { aSubscription, aTenant, aUser } from '../../../support/documents.js';
import { insertAll } from './fresh.js';

const BATCH = 20_000;
const PURCHASERS = 1_000;
/** Every fifth is central, every tenth has expired, five products in turn. */
const CENTRAL_EVERY = 5;
const EXPIRED_EVERY = 10;
const PRODUCTS = 5;
/** Share of the list that lies before a deep page. */
const DEEP = 0.9;

export interface SubscriptionList {
  tenant: TenantDocument;
  admin: UserDocument;
  /** The subscription behind which the deep page begins. */
  deepId: string;
}

/** A tenant with so many subscriptions, oldest first. */
export const loadSubscriptions = async (database: Database, count: number): Promise<SubscriptionList> => {
  const tenant = aTenant();
  const admin = aUser(tenant._id, { roles: ['globalAdmin'] });
  const purchasers = Array.from({ length: PURCHASERS }, () => aUser(tenant._id, { _id: newId('usr') }));
  await insertAll(database, 'tenants', [tenant]);
  await insertAll(database, 'users', [admin, ...purchasers]);
  const deepPlace = Math.round(count * (1 - DEEP));
  let deepId = '';
  for (let from = 0; from < count; from += BATCH) {
    const rows = Array.from({ length: Math.min(BATCH, count - from) }, (_, i) =>
      subscriptionAt(from + i, tenant, purchasers),
    );
    deepId = rows[deepPlace - from]?._id ?? deepId;
    await insertAll(database, 'subscriptions', rows);
  }
  return { tenant, admin, deepId };
};

const subscriptionAt = (
  place: number,
  tenant: TenantDocument,
  purchasers: readonly UserDocument[],
): SubscriptionDocument => {
  const isCentral = place % CENTRAL_EVERY === 0;
  const purchaser = purchasers[place % PURCHASERS];
  return aSubscription(tenant._id, {
    seats: { purchased: 5, assigned: 1, reservations: [] },
    productId: `product-${place % PRODUCTS}`,
    origin: isCentral ? 'central' : 'selfService',
    purchaserId: isCentral ? null : (purchaser?._id ?? null),
    status: place % EXPIRED_EVERY === 1 ? 'expired' : 'active',
    searchKeys: ['power bi pro', purchaser?.email ?? ''],
  });
};
