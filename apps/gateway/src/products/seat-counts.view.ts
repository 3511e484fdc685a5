import type { SeatSums, UserDocument } from '@commissary/store';

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
