import { NO_PURCHASER, type ProductPurchaserView, type ProductSeatsView } from '@commissary/contracts';
import { reservedSeats } from '@commissary/domain';
import type { ProductSeats, SeatGroup } from '@commissary/store';
import { type Purchaser, purchaserView, seatCountsView } from './seat-counts.view.js';

/** `catalogName`: what it is called now; what is no longer sold keeps the name it was bought by. [ADM-2] */
export const productSeatsView = (
  { _id: productId, subscriptions, ...row }: ProductSeats,
  catalogName: string | undefined,
): ProductSeatsView => {
  const { purchased, assigned, reserved, free } = seatCountsView(row);
  return {
    productId,
    productName: catalogName ?? row.productName,
    availableQuantity: purchased,
    assigned,
    reserved,
    free,
    subscriptions,
    purchasers: purchasersUrl(productId),
  };
};

const purchasersUrl = (productId: string): string =>
  `/v1/products/${encodeURIComponent(productId)}/purchasers`;

/** A purchaser as paths and cursors name one. */
export const purchaserName = (purchaserId: string | null): string => purchaserId ?? NO_PURCHASER;
export const purchaserOfName = (name: string): string | null => (name === NO_PURCHASER ? null : name);

export const productPurchaserView = (
  group: SeatGroup,
  purchaser: Purchaser | undefined,
): ProductPurchaserView => ({
  purchaser: purchaserView(purchaser),
  seats: seatCountsView(group),
  subscriptionCount: group.subscriptionCount,
  subscriptions: group.subscriptions.map(({ _id: id, origin, status, isTrial, seats, expiresAt }) => ({
    id,
    origin,
    status,
    isTrial,
    seats: seatCountsView({ ...seats, reserved: reservedSeats(seats) }),
    expiresAt: expiresAt.toISOString(),
  })),
  users: {
    count: group.assigned,
    list: `${purchasersUrl(group.productId)}/${encodeURIComponent(purchaserName(group.purchaserId))}/users`,
  },
});
