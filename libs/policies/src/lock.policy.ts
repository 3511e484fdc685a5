import { operationInProgress, type SeatCounts } from '@commissary/domain';

/**
 * One operation per subscription at a time; nothing queues. [MOV-2, MOV-6]
 * Throws `operation_in_progress` with the operation that holds the lock, or else the one its seats are promised
 * to: what a move needs as its target can be neither cancelled nor taken over.
 */
export const requireUnlocked = (subscription: { operationId: string | null; seats: SeatCounts }): void => {
  const holder = subscription.operationId ?? subscription.seats.reservations[0]?.operationId;
  if (holder !== undefined) throw operationInProgress(holder);
};
