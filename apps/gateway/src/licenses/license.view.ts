import type { LicenseView, OwnLicenseView } from '@commissary/contracts';
import type { LicenseDocument, SubscriptionDocument, UsableLicense, UserDocument } from '@commissary/store';

type Holder = Pick<UserDocument, 'email' | 'displayName'>;

export const licenseView = (
  license: LicenseDocument,
  subscription: Pick<SubscriptionDocument, '_id' | 'productName' | 'purchaserId'>,
  holder: Holder | undefined,
): LicenseView => ({
  id: license._id,
  userId: license.userId,
  email: holder?.email ?? '',
  displayName: holder?.displayName ?? '',
  productId: license.productId,
  productName: subscription.productName,
  subscriptionId: subscription._id,
  purchaserId: subscription.purchaserId,
  assignedAt: license.assignedAt.toISOString(),
});

/** [BUY-5] */
export const ownLicenseView = (
  { license, subscription }: UsableLicense,
  holder: Holder,
  trainingUrl: string,
): OwnLicenseView => ({ ...licenseView(license, subscription, holder), trainingUrl });
