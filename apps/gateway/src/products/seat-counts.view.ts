import type { Database, SeatSums, UserDocument } from '@commissary/store';

export type Purchaser = Pick<UserDocument, '_id' | 'displayName' | 'email'>;

/** purchased = assigned + reserved + free. */
export const seatCountsView = ({ purchased, assigned, reserved }: SeatSums) => ({
  purchased,
  assigned,
  reserved,
  free: purchased - assigned - reserved,
});

/** Null for what nobody bought in person; who has left is shown too. */
export const purchaserView = (purchaser: Purchaser | undefined) =>
  purchaser ? { userId: purchaser._id, displayName: purchaser.displayName, email: purchaser.email } : null;

/** The accounts behind a page of rows, whatever their state, in one query. */
export const peopleOf = async (
  { models }: Database,
  tenantId: string,
  ids: readonly (string | null)[],
): Promise<ReadonlyMap<string | null, Purchaser>> => {
  const named = [...new Set(ids)].filter((id) => id !== null);
  if (named.length === 0) return new Map();
  const users = await models.users
    .find({ _id: { $in: named }, tenantId }, { displayName: 1, email: 1 })
    .lean();
  return new Map(users.map((user) => [user._id, user]));
};
