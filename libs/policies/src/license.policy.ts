import {
  DomainError,
  LIVING_STATUSES,
  notFound,
  operationInProgress,
  USABLE_STATUSES,
  type AssignOutcome,
  type Origin,
  type SubscriptionStatus,
  type UserState,
  type UserType,
} from '@commissary/domain';
import type { Permission } from './access.policy.js';

export interface LicensedSubscription {
  origin: Origin;
  status: SubscriptionStatus;
  operationId: string | null;
}

export interface LicenseCaller {
  isPurchaser: boolean;
  permissions: ReadonlySet<Permission>;
}

/**
 * Whether the caller may assign or remove licenses of a subscription of the tenant. [OWN-1, OWN-3, ADM-5, ADM-6, MOV-6]
 * Throws `not_found` to those who may not see it, `takeover_required` to admins of a self-service one, `forbidden` to
 * who may only look, `operation_in_progress` while it is locked, and `illegal_state`: seats are assigned while their
 * holders can use them, and removed while the subscription lives.
 */
export const checkLicenseChange = (
  subscription: LicensedSubscription,
  change: 'assign' | 'remove',
  caller: LicenseCaller,
): void => {
  requireManager(subscription, caller);
  if (subscription.operationId !== null) throw operationInProgress(subscription.operationId);
  const legal = change === 'assign' ? USABLE_STATUSES : LIVING_STATUSES;
  if (!legal.includes(subscription.status)) {
    throw new DomainError('illegal_state', `This subscription is ${subscription.status}.`, {
      state: subscription.status,
    });
  }
};

const requireManager = (
  { origin }: LicensedSubscription,
  { isPurchaser, permissions }: LicenseCaller,
): void => {
  if (isPurchaser && permissions.has('licenses.manageOwn')) return;
  const managesCentral = permissions.has('licenses.manageCentral');
  if (managesCentral && origin === 'central') return;
  if (managesCentral) {
    throw new DomainError('takeover_required', 'Take this subscription over before you change its licenses.');
  }
  if (!permissions.has('subscriptions.readAll')) throw notFound();
  throw new DomainError('forbidden', 'Your role does not allow this.');
};

/** One user of a batch, as found in the caller's tenant. */
export interface AssigneeFacts {
  /** Null if the tenant has no such user. */
  user: { type: UserType; state: UserState } | null;
  /** The subscription, with its lock, of the license of the product the user holds, whichever it is. */
  held: LicensedSubscription | null;
  target: { origin: Origin };
  /** Free seats of the target that are left at this user's turn. */
  freeSeats: number;
}

/**
 * What a batch does for one user; only `assigned` and `switched` take a seat. [OWN-3, ADM-6]
 * A central seat replaces a self-service license of the same product, unless an operation is at work on that license's
 * subscription, whose users must not change meanwhile [MOV-6]; any other license stays as it is.
 * Throws `operation_in_progress` for a license that is no use any more and that its operation is about to take away (a
 * cancellation's sweep): the user is not licensed, and can be once it has ended.
 */
export const assignOutcome = ({ user, held, target, freeSeats }: AssigneeFacts): AssignOutcome => {
  if (user === null || user.state === 'deleted') return 'noSuchUser';
  if (user.type === 'guest') return 'guestNotAllowed';
  if (user.state !== 'active') return 'userInactive';
  const switches = held?.origin === 'selfService' && held.operationId === null && target.origin === 'central';
  if (held?.operationId && !USABLE_STATUSES.includes(held.status))
    throw operationInProgress(held.operationId);
  if (held !== null && !switches) return 'alreadyLicensed';
  if (freeSeats < 1) return 'noFreeSeat';
  return switches ? 'switched' : 'assigned';
};
