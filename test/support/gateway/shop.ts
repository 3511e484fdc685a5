import type { Problem } from '@commissary/contracts';
import { type Logger, newId } from '@commissary/platform';
import type { SubscriptionDocument, TenantDocument, UserDocument } from '@commissary/store';
import { aLicense, aSubscription } from '../documents.js';
import { loadCatalog } from '../fixtures/world.js';
import { type Reply, TestGateway } from './test-gateway.js';
import { collectionsOf } from '../driver.js';

export const POWER_BI_PRO = 'CFQ7TTC0H9MP';
export const POWER_BI_PREMIUM = 'CFQ7TTC0H6RP';

/** A gateway with the real catalog and one tenant with people in it. */
export interface Shop {
  gateway: TestGateway;
  tenant: TenantDocument;
  admin: UserDocument;
  reader: UserDocument;
  buyer: UserDocument;
  colleague: UserDocument;
}

export async function openShop(
  changes: Parameters<typeof TestGateway.start>[0] = {},
  fields: Partial<TenantDocument> = {},
  logger?: Logger,
): Promise<Shop> {
  const gateway = await TestGateway.start(changes, logger);
  await loadCatalog(gateway.database);
  const tenant = await gateway.tenant(fields);
  return {
    gateway,
    tenant,
    admin: await gateway.user(tenant, { roles: ['globalAdmin'], displayName: 'Morgan Reyes' }),
    reader: await gateway.user(tenant, { roles: ['globalReader'] }),
    buyer: await gateway.user(tenant),
    colleague: await gateway.user(tenant),
  };
}

/** What an answer may be read as: the thing itself, or else why not. */
export type OrProblem<View> = View & Omit<Problem, keyof View>;

/** A POST with a key of its own. */
export const post = <T>(
  { gateway }: Shop,
  user: UserDocument,
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Reply<T>> =>
  gateway.as<T>(user, 'POST', path, { body, headers: { 'idempotency-key': newId('req'), ...headers } });

/** A subscription that began a moment ago, its licenses counted. */
export async function aSubscriptionOf(
  { gateway, tenant }: Shop,
  seats: number,
  fields: Partial<SubscriptionDocument> & { holders?: UserDocument[] } = {},
): Promise<SubscriptionDocument> {
  const { holders = [], ...rest } = fields;
  const startedAt = new Date(Date.now() - 60_000);
  const subscription = aSubscription(tenant._id, {
    seats: { purchased: seats, assigned: holders.length, reservations: [] },
    startedAt,
    termStartedAt: startedAt,
    expiresAt: new Date(Date.now() + 30 * 24 * 3_600_000),
    ...rest,
  });
  await collectionsOf(gateway.database).subscriptions.insertOne(subscription);
  if (holders.length > 0) {
    const licenses = holders.map((user) => aLicense(subscription, user._id));
    await collectionsOf(gateway.database).licenses.insertMany(licenses);
  }
  return subscription;
}

export const seatsOf = async (
  { gateway }: Shop,
  { _id }: { _id: string },
): Promise<SubscriptionDocument['seats'] | undefined> =>
  (await collectionsOf(gateway.database).subscriptions.findOne({ _id }))?.seats;
