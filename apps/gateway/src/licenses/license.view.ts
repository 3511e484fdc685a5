import type { LicenseView, OwnLicenseView } from '@commissary/contracts';
import type { Holder, SubscriptionDocument, UsableLicense, UserDocument } from '@commissary/store';

type Account = Pick<UserDocument, 'email' | 'displayName'>;

/** A license that was swept has neither id nor date any more. [CAN-2] */
export const licenseView = (
  { userId, license }: Pick<Holder, 'userId' | 'license'>,
  subscription: Pick<SubscriptionDocument, '_id' | 'productId' | 'productName' | 'purchaserId'>,
  account: Account | undefined,
): LicenseView => ({
  id: license?._id ?? null,
  userId,
  email: account?.email ?? '',
  displayName: account?.displayName ?? '',
  productId: subscription.productId,
  productName: subscription.productName,
  subscriptionId: subscription._id,
  purchaserId: subscription.purchaserId,
  assignedAt: license?.assignedAt.toISOString() ?? null,
});

/** [BUY-5] */
export const ownLicenseView = (
  { license, subscription }: UsableLicense,
  account: Account,
  trainingUrl: string,
): OwnLicenseView => ({
  ...licenseView(
    { userId: license.userId, license },
    { ...subscription, productId: license.productId },
    account,
  ),
  id: license._id,
  assignedAt: license.assignedAt.toISOString(),
  trainingUrl,
});
