import { newLife } from '@commissary/domain';
import { newId } from '@commissary/platform';
import {
  type LicenseDocument,
  searchKeysOf,
  type SubscriptionDocument,
  type TenantDocument,
  type UserDocument,
} from '@commissary/store';

/** Documents as tests need them: sound ones, with only what a test is about stated by it. */

/**
 * When everything that these documents say began. It lies ahead of the real clock on purpose: nothing in them has run out or fallen
 * due when a test starts, whatever the day is. A test that needs the present or the past gives its own dates.
 */
const EPOCH = new Date('2030-01-15T08:00:00Z');

export const aTenant = (fields: Partial<TenantDocument> = {}): TenantDocument => {
  const _id = fields._id ?? newId('ten');
  return {
    _id,
    domains: [`${_id.slice(-12)}.example`],
    displayName: 'Contoso',
    type: 'commercial',
    managed: true,
    billingCountry: 'US',
    locale: 'en',
    createdAt: EPOCH,
    ...fields,
  };
};

export const aUser = (tenantId: string, fields: Partial<UserDocument> = {}): UserDocument => {
  const _id = fields._id ?? newId('usr');
  const person = { email: `${_id.slice(-16)}@contoso.example`, displayName: 'Alex Wilber', ...fields };
  return {
    _id,
    tenantId,
    type: 'member',
    source: 'cloud',
    state: 'active',
    department: null,
    usageLocation: 'US',
    locale: 'en',
    roles: [],
    searchKeys: searchKeysOf(person),
    createdAt: EPOCH,
    ...person,
  };
};

export const aSubscription = (
  tenantId: string,
  fields: Partial<SubscriptionDocument> & Pick<SubscriptionDocument, 'seats'>,
): SubscriptionDocument => ({
  _id: newId('sub'),
  tenantId,
  productId: 'CFQ7TTC0H9MP',
  productName: 'Power BI Pro',
  origin: 'selfService',
  purchaserId: null,
  searchKeys: ['power bi pro'],
  unitPrice: { amountMinor: 999, currency: 'USD' },
  purchasePrice: { amountMinor: 999 * fields.seats.purchased, currency: 'USD' },
  term: 'P1M',
  ...newLife({ isTrial: false, autoRenew: true, expiresAt: new Date('2030-02-15T08:00:00Z') }, EPOCH),
  paymentMethodId: null,
  operationId: null,
  version: 1,
  ...fields,
});

export const aLicense = (
  subscription: Pick<SubscriptionDocument, '_id' | 'tenantId' | 'productId'>,
  userId: string,
): LicenseDocument => ({
  _id: newId('lic'),
  tenantId: subscription.tenantId,
  subscriptionId: subscription._id,
  productId: subscription.productId,
  userId,
  assignedAt: EPOCH,
  assignedBy: userId,
});
