import {
  DomainError,
  type CancelReason,
  type Role,
  type SeatCounts,
  type SubscriptionStatus,
} from '@commissary/domain';
import type { Permission } from './access.policy.js';
import { requireUnlocked } from './lock.policy.js';
import { withinRefundWindow } from './refund.policy.js';

/** `lifecycle`: nobody, but the time for which it went unpaid. [SUB-3] */
export type CanceledBy = 'purchaser' | 'admin' | 'support' | 'lifecycle';

export interface CancellationFacts {
  status: SubscriptionStatus;
  /** The lock: the one operation that may change it now. */
  operationId: string | null;
  seats: SeatCounts;
  /** Start or last renewal. */
  termStartedAt: Date;
}

export interface CancellationAsked {
  by: CanceledBy;
  reason: CancelReason | null;
  /** Roles of the account support acts for; null where none is named. */
  onBehalfOf: readonly Role[] | null;
}

/** `atOnce` ends it now, with what refund is due; `turnOffRenewal` lets it run to its end. */
export type CancellationVerdict = 'atOnce' | 'turnOffRenewal';

/**
 * In which capacity the caller cancels. [OWN-5, CAN-1, CAN-3]
 * An admin who is the purchaser too cancels as the purchaser, unless a reason is given, which takes it over.
 * Null if the caller may not: `forbidden` or `not_found`, as the caller can see the subscription or not.
 */
export const cancelsAs = (
  permissions: ReadonlySet<Permission>,
  caller: { isPurchaser: boolean; reason: CancelReason | null },
): CanceledBy | null => {
  const owns = caller.isPurchaser && permissions.has('subscriptions.cancelOwn');
  const takesOver = permissions.has('takeover');
  if (takesOver && !(owns && caller.reason === null)) return 'admin';
  if (owns) return 'purchaser';
  return permissions.has('support.cancel') ? 'support' : null;
};

/**
 * Whether and how a subscription is cancelled. [OWN-5, CAN-1, CAN-3, MOV-2, MOV-6]
 * Throws `invalid_request` (an admin or support without a reason, support without an admin who asked),
 * `operation_in_progress` (a lock, or seats promised to a move) and `illegal_state` (deleted already).
 */
export const checkCancellation = (
  facts: CancellationFacts,
  asked: CancellationAsked,
  now: Date,
): CancellationVerdict => {
  requireReason(asked);
  requireUnlocked(facts);
  if (facts.status === 'deleted') {
    throw new DomainError('illegal_state', 'This subscription has been canceled already.', {
      state: facts.status,
    });
  }
  if (asked.by !== 'purchaser' || withinRefundWindow(facts.termStartedAt, now)) return 'atOnce';
  // What has run past its end has nothing left to run to.
  return facts.status === 'active' ? 'turnOffRenewal' : 'atOnce';
};

const requireReason = ({ by, reason, onBehalfOf }: CancellationAsked): void => {
  if (by === 'purchaser' || by === 'lifecycle') return;
  if (reason === null) throw invalid('/reason', 'required', 'Pick the reason for the cancellation.');
  if (by === 'support' && !onBehalfOf?.some((role) => role === 'globalAdmin' || role === 'billingAdmin')) {
    throw invalid('/requestedBy', 'admin', 'Name the admin of the tenant who asked for the cancellation.');
  }
};

const invalid = (pointer: string, rule: string, detail: string): DomainError =>
  new DomainError('invalid_request', detail, { errors: [{ pointer, rule, detail }] });
