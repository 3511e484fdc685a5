import type { OperationView, SubscriptionView } from '@commissary/contracts';

/** Least and most that floor(paid x seconds left / seconds of the term) can be between acceptance and end. [OWN-5] */
export const refundBounds = (
  { startedAt, expiresAt, purchasePrice }: SubscriptionView,
  { createdAt, endedAt }: OperationView,
): { least: number; most: number } => {
  const [from, to] = [startedAt, expiresAt].map((time) => new Date(time).getTime() / 1000);
  const at = (time: string): number => {
    const left = (to ?? 0) - new Date(time).getTime() / 1000;
    return Math.floor((purchasePrice.amountMinor * left) / ((to ?? 0) - (from ?? 0)));
  };
  // Seconds are whole, so that a second more or less may be counted at either end.
  return { least: at(endedAt ?? createdAt) - 1, most: at(createdAt) + 1 };
};
