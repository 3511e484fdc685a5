import { DomainError } from '@commissary/domain';
import type { SubscriptionDocument } from '@commissary/store';

/** The bill of the next term names its seats already: they change once it is paid. Throws `illegal_state`. [OWN-2, BUY-9] */
export const requireNoOpenBill = ({ lifecycle, status }: SubscriptionDocument): void => {
  if (!lifecycle.unpaid || status === 'deleted') return;
  throw new DomainError('illegal_state', 'Its bill is open: pay it first.', { state: 'unpaid' });
};
