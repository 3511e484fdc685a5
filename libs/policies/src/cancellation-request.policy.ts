import {
  DomainError,
  type Origin,
  type SeatCounts,
  type SubscriptionStatus,
  type UserState,
} from '@commissary/domain';
import { requireUnlocked } from './lock.policy.js';

export interface CancellationRequestFacts {
  origin: Origin;
  status: SubscriptionStatus;
  /** The lock: the one operation that may change it now. */
  operationId: string | null;
  seats: SeatCounts;
  /** State of the purchaser's account; null if there is none. */
  purchaser: UserState | null;
}

/**
 * Whether an admin may ask the purchaser to cancel: of a living self-service subscription that could be cancelled now, while somebody
 * is there to be asked. [ADM-6, MOV-6, SUB-2]
 * Throws `operation_in_progress` and `illegal_state` (`central`, `deleted`, or `purchaserLeft`).
 */
export const checkCancellationRequest = (facts: CancellationRequestFacts): void => {
  if (facts.origin !== 'selfService') {
    throw illegal('central', 'A central subscription has no purchaser who could be asked to cancel it.');
  }
  requireUnlocked(facts);
  if (facts.status === 'deleted') throw illegal(facts.status, 'This subscription has been canceled already.');
  if (facts.purchaser === null || facts.purchaser === 'deleted') {
    throw illegal('purchaserLeft', 'Its purchaser has left. Cancel it, or move its users, yourself.');
  }
};

const illegal = (state: string, detail: string): DomainError =>
  new DomainError('illegal_state', detail, { state });
