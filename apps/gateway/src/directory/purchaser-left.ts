import { LIVING_STATUSES } from '@commissary/domain';
import { type Database, mail, type NewEvent, type Session, type UserDocument } from '@commissary/store';

/** A mail names at most this many subscriptions; it also says how many there are. */
const NAMED_MAX = 50;

/**
 * A purchaser is deleted, or disabled: each of the admins is told of the living subscriptions left behind, which stay as they are.
 * Null if there are none, or if they have been told since the account was disabled. [SUB-2, DATA-1]
 */
export const purchaserLeft = async (
  { models }: Database,
  session: Session,
  user: UserDocument,
  { admins, isDisabled, now }: { admins: readonly string[]; isDisabled: boolean; now: Date },
): Promise<NewEvent | null> => {
  if (user.leaveToldAt !== undefined) return null;
  const { _id, tenantId, displayName: purchaserName, email: purchaserEmail } = user;
  const left = { tenantId, purchaserId: _id, status: { $in: [...LIVING_STATUSES] } };
  const subscriptionCount = await models.subscriptions.countDocuments(left, { session });
  if (subscriptionCount === 0) return null;
  const named = await models.subscriptions
    .find(left, { productName: 1, seats: 1 }, { session })
    .sort({ _id: -1 })
    .limit(NAMED_MAX)
    .lean();
  const subscriptions = named.map(({ _id: id, productName, seats }) => ({
    id,
    productName,
    seats: seats.purchased,
  }));
  if (isDisabled) {
    await models.users.updateOne({ _id, tenantId }, { $set: { leaveToldAt: now } }, { session });
  }
  const params = { purchaserName, purchaserEmail, subscriptions, subscriptionCount, isDisabled };
  return {
    tenantId,
    type: 'purchaser.left',
    subjectId: _id,
    operationId: null,
    data: {
      subscriptionCount,
      isDisabled,
      subscriptionIds: subscriptions.map(({ id }) => id),
      recipients: { purchaserLeft: admins },
    },
    mails: admins.map((admin) => mail('purchaserLeft', admin, params)),
  };
};
