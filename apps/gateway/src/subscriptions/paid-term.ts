import { DomainError } from '@commissary/domain';
import type { SubscriptionDocument } from '@commissary/store';

/**
 * Seats change within a term that is paid for: the bill of the next one names its seats already, and after the end of a term nothing
 * is left by which more of them could be priced. Throws `illegal_state`. [OWN-2]
 */
export const requirePaidTerm = (
  { status, expiresAt, lifecycle }: Pick<SubscriptionDocument, 'status' | 'expiresAt' | 'lifecycle'>,
  now: Date,
): void => {
  if (lifecycle.unpaid && status !== 'deleted') {
    throw new DomainError('illegal_state', 'Its bill is open: pay it first.', { state: 'unpaid' });
  }
  if (status === 'active' && expiresAt <= now) {
    throw new DomainError('illegal_state', 'Its term has just ended; try again once it is renewed.', {
      state: status,
    });
  }
};
