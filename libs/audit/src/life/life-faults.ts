import { nextDueAt } from '@commissary/domain';
import type { SubscriptionDocument } from '@commissary/store';

/** What says how a subscription's life goes on, to be read with. */
export const LIFE_FIELDS = [
  'status',
  'isTrial',
  'autoRenew',
  'expiresAt',
  'renewsAt',
  'history',
  'lifecycle',
] as const satisfies (keyof SubscriptionDocument)[];
export type Life = Pick<SubscriptionDocument, (typeof LIFE_FIELDS)[number]>;

const text = (at: Date | null): string => at?.toISOString() ?? 'never';

/** Whether what will be done about a subscription, and when, follows from what it is: a wrong time would be a renewal missed. [BUY-9, SUB-3] */
export const lifeFaults = (life: Life): string[] => {
  const { status, autoRenew, expiresAt, renewsAt, lifecycle } = life;
  const faults: string[] = [];
  const due = nextDueAt(life);
  if (lifecycle.dueAt?.getTime() !== due?.getTime()) {
    faults.push(`is looked at next ${text(lifecycle.dueAt)}, and due ${text(due)}`);
  }
  const renews = autoRenew ? expiresAt : null;
  if (renewsAt?.getTime() !== renews?.getTime()) {
    faults.push(`says that it renews ${text(renewsAt)}, and does ${text(renews)}`);
  }
  if (status === 'deleted') return autoRenew ? [...faults, 'is deleted, and would renew'] : faults;
  if (lifecycle.seatsAtRenewal !== null && !autoRenew) {
    faults.push(`keeps ${lifecycle.seatsAtRenewal} seats at a renewal that will not be`);
  }
  return faults;
};
