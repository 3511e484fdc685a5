import type { Document } from 'mongodb';
import { CLAIMABLE_STATUSES } from '@commissary/domain';
import { statusFields } from './status-fields.js';

export const LEASE_MS = 10_000;

/**
 * A claim waits behind the open transaction of a process that was killed, while its `$$NOW`, and with it the lease's end, stays that
 * of its beginning: one that waits longer is given up and asked again, or a lease could be over when it is granted.
 */
export const CLAIM_WITHIN_MS = 1_000;

/** Starts without a step or a chunk after which an operation is parked: it would only kill its worker again. */
export const MAX_STARTS = 5;

const MAX_TIME_EXPIRED = 50;

export const nullIfOverdue = (error: unknown): null => {
  if ((error as { code?: unknown }).code === MAX_TIME_EXPIRED) return null;
  throw error;
};

export const leaseEnd = { $add: ['$$NOW', LEASE_MS] };
export const leaseIsFree: Document = { $lte: [{ $ifNull: ['$lease.until', new Date(0)] }, '$$NOW'] };

/** Due, held by nobody, and with starts left. */
export const claimable = () => ({
  status: { $in: [...CLAIMABLE_STATUSES] },
  starts: { $lt: MAX_STARTS },
  $expr: { $and: [{ $lte: ['$nextRunAt', '$$NOW'] }, leaseIsFree] },
});

export const claimFields = ({ worker, claim }: { worker: string; claim?: string }): Document =>
  statusFields('running', {
    lease: {
      until: leaseEnd,
      worker: { $literal: worker },
      ...(claim !== undefined && { claim: { $literal: claim } }),
    },
    fence: { $add: ['$fence', 1] },
    starts: { $add: ['$starts', 1] },
    startedAt: { $ifNull: ['$startedAt', '$$NOW'] },
    'progress.runStartedAt': '$$NOW',
    'progress.runStartedWith': { $add: ['$progress.done', '$progress.skipped', '$progress.failed'] },
  });
