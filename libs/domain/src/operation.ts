export const OPERATION_TYPES = ['purchase', 'seatChange', 'move', 'cancellation', 'renewal'] as const;
export type OperationType = (typeof OPERATION_TYPES)[number];

export const OPERATION_STATUSES = [
  'accepted',
  'running',
  'paused',
  'requiresAction',
  'parked',
  'succeeded',
  'rejected',
  'failed',
  'stopped',
] as const;
export type OperationStatus = (typeof OPERATION_STATUSES)[number];

/** Ended for good; everything else is open. */
export const ENDED_STATUSES = [
  'succeeded',
  'rejected',
  'failed',
  'stopped',
] as const satisfies OperationStatus[];
export type EndedStatus = (typeof ENDED_STATUSES)[number];

/** Statuses in which a worker may claim an operation. */
export const CLAIMABLE_STATUSES = ['accepted', 'running'] as const satisfies OperationStatus[];

export const isEnded = (status: OperationStatus): status is EndedStatus =>
  (ENDED_STATUSES as readonly OperationStatus[]).includes(status);

const OPEN_PATHS: readonly OperationStatus[] = [
  'running',
  'paused',
  'requiresAction',
  'parked',
  ...ENDED_STATUSES,
];

/** Legal paths of an operation's status. A pause or a park may come before the first run. */
export const OPERATION_PATHS: Record<OperationStatus, readonly OperationStatus[]> = {
  accepted: OPEN_PATHS,
  running: OPEN_PATHS,
  paused: ['running', 'accepted', 'stopped', 'failed'],
  requiresAction: ['running', 'accepted', 'rejected', 'failed'],
  parked: ['running', 'accepted', 'failed', 'stopped'],
  succeeded: [],
  rejected: [],
  failed: [],
  stopped: [],
};

/** Counters of users (or one, for a purchase); `done + skipped + failed + pending = total` at any time. */
export interface ProgressCounts {
  total: number;
  done: number;
  skipped: number;
  failed: number;
}

export const NO_PROGRESS: ProgressCounts = { total: 0, done: 0, skipped: 0, failed: 0 };

export const pendingOf = (p: ProgressCounts): number => p.total - p.done - p.skipped - p.failed;

export const USER_OUTCOMES = ['moved', 'alreadyLicensed', 'accessRemoved', 'skipped', 'failed'] as const;
export type UserOutcome = (typeof USER_OUTCOMES)[number];

/** Why a user was skipped or failed. */
export const OUTCOME_REASONS = ['user_deleted', 'no_free_seat', 'license_not_usable', 'conflict'] as const;
export type OutcomeReason = (typeof OUTCOME_REASONS)[number];

export const CANCEL_REASONS = [
  'customer_service',
  'low_quality',
  'missing_features',
  'other',
  'switched_service',
  'too_complex',
  'too_expensive',
  'unused',
] as const;
/** The list an admin picks from. [CAN-1] */
export type CancelReason = (typeof CANCEL_REASONS)[number];

/** Who asks for what is due by itself: renewals, and the end of what nobody paid for. [BUY-9, SUB-3] */
export const SYSTEM = { userId: 'system', displayName: 'Commissary' } as const;
