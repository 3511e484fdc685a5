import type { Model, mongo } from 'mongoose';
import { CLAIMABLE_STATUSES, isEnded, type OperationStatus, START_LIMITS } from '@commissary/domain';
import type { OperationDocument } from '../collections/index.js';
import { statusFields } from './status-fields.js';

type Operations = Model<OperationDocument>;

export const LEASE_MS = 10_000;

/**
 * A claim waits behind the open transaction of a process that was killed, while its `$$NOW`, and with it the lease's end, stays that
 * of its beginning: one that waits longer is given up and asked again, or a lease could be over when it is granted.
 */
export const CLAIM_WITHIN_MS = 1_000;

export const { most: MAX_STARTS, trusted: TRUSTED_STARTS } = START_LIMITS;

export type ClaimOutcome =
  | { kind: 'claimed'; operation: OperationDocument }
  /** A live lease or a time that has not come: look again then. */
  | { kind: 'later'; at: Date }
  /** The same, or started too often to be claimed with others. */
  | { kind: 'suspect'; at: Date }
  /** Ended, paused, parked or unknown: nothing to do. */
  | { kind: 'nothing' }
  | { kind: 'parked' };

const MAX_TIME_EXPIRED = 50;

export const nullIfOverdue = (error: unknown): null => {
  if ((error as { code?: unknown }).code === MAX_TIME_EXPIRED) return null;
  throw error;
};

export const leaseEnd = { $add: ['$$NOW', LEASE_MS] };
export const leaseIsFree: mongo.Document = { $lte: [{ $ifNull: ['$lease.until', new Date(0)] }, '$$NOW'] };

/** Due, held by nobody, and with starts left. */
export const claimable = (mostStarts: number = MAX_STARTS) => ({
  status: { $in: [...CLAIMABLE_STATUSES] },
  starts: { $lt: mostStarts },
  $expr: { $and: [{ $lte: ['$nextRunAt', '$$NOW'] }, leaseIsFree] },
});

const dealtWith: mongo.Document = { $add: ['$progress.done', '$progress.skipped', '$progress.failed'] };

/** A run that follows another within this time, ms, goes on with it, as far as its speed is concerned. */
const SAME_PACE_MS = 15_000;

/** The run before this one came further just now, and nobody has paused it since. */
const goesOn: mongo.Document = {
  $and: [
    { $gt: ['$progress.claimedAt', null] },
    { $gt: ['$progress.at', { $subtract: ['$$NOW', SAME_PACE_MS] }] },
  ],
};

/**
 * The rate is measured from where the run before began, so that a long operation that gives its slot back every few seconds always has
 * one; after a wait it is measured anew. [MOV-3]
 */
const paceFields: mongo.Document = {
  'progress.runStartedAt': { $cond: [goesOn, '$progress.claimedAt', '$$NOW'] },
  'progress.runStartedWith': { $cond: [goesOn, '$progress.claimedWith', dealtWith] },
  'progress.claimedAt': '$$NOW',
  'progress.claimedWith': dealtWith,
};

export const claimFields = ({ worker, claim }: { worker: string; claim?: string }): mongo.Document =>
  statusFields('running', {
    lease: {
      until: leaseEnd,
      worker: { $literal: worker },
      ...(claim !== undefined && { claim: { $literal: claim } }),
    },
    fence: { $add: ['$fence', 1] },
    starts: { $add: ['$starts', 1] },
    startedAt: { $ifNull: ['$startedAt', '$$NOW'] },
    ...paceFields,
  });

const NO_PROGRESS_ERROR = {
  code: 'internal',
  detail: `It was started ${MAX_STARTS} times without coming further; an operator looks into it.`,
} as const;

/** What kept an operation from being claimed; one whose starts are used up is parked. */
export const whyNotClaimed = async (
  operations: Operations,
  { tenantId, operationId }: { tenantId: string; operationId: string },
  mostStarts: number,
): Promise<ClaimOutcome> => {
  const operation = await operations.findOne({ _id: operationId, tenantId }).lean();
  if (!operation || isEnded(operation.status)) return { kind: 'nothing' };
  if (!(CLAIMABLE_STATUSES as readonly OperationStatus[]).includes(operation.status))
    return { kind: 'nothing' };
  const leased = operation.lease?.until ?? new Date(0);
  const at = operation.nextRunAt > leased ? operation.nextRunAt : leased;
  if (operation.starts >= MAX_STARTS) {
    const parked = await parkExhausted(operations, tenantId, operationId);
    return parked ? { kind: 'parked' } : { kind: 'later', at };
  }
  return { kind: operation.starts >= mostStarts ? 'suspect' : 'later', at };
};

/** Parks an operation whose starts are used up, once the lease of its last start has run out. */
const parkExhausted = async (
  operations: Operations,
  tenantId: string,
  operationId: string,
): Promise<boolean> => {
  const { modifiedCount } = await operations.updateOne(
    {
      _id: operationId,
      tenantId,
      status: { $in: [...CLAIMABLE_STATUSES] },
      starts: { $gte: MAX_STARTS },
      $expr: leaseIsFree,
    },
    [{ $set: statusFields('parked', { lease: null, error: { $literal: NO_PROGRESS_ERROR } }) }],
    { updatePipeline: true },
  );
  return modifiedCount === 1;
};
