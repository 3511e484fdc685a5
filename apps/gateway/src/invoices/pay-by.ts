import { addDays, DISABLED_DAYS, DUNNING, EXPIRED_DAYS } from '@commissary/domain';
import type { SubscriptionDocument } from '@commissary/store';

/**
 * The last day on which an open bill can be paid before its subscription gets worse: from usable to expired, from there to locked,
 * from there to deleted, with which the bill ends too. Null for a subscription that is paid. [BUY-9, SUB-3]
 */
export const payBy = ({
  status,
  history,
  expiresAt,
  lifecycle,
}: Pick<SubscriptionDocument, 'status' | 'history' | 'expiresAt' | 'lifecycle'>): Date | null => {
  if (!lifecycle.unpaid || status === 'deleted') return null;
  if (status === 'active') return addDays(lifecycle.unpaid.firstTriedAt, DUNNING.days);
  const since = history.at(-1)?.at ?? expiresAt;
  return addDays(since, status === 'expired' ? EXPIRED_DAYS : DISABLED_DAYS);
};
