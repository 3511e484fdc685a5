import type { OperationStep, OperationType, ProgressCounts } from '@commissary/domain';
import type { OperationDocument, TailCounts } from '../collections/index.js';

/** Another worker has claimed the operation, or an admin stopped or paused it: this run must write nothing more. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError';
  constructor(readonly operationId: string) {
    super(`the lease on ${operationId} is lost`);
  }
}

/** What one run may change of its operation in a step; every change is visible to clients at once. */
export interface RunChange<T extends OperationType = OperationType> {
  cursor?: string | null;
  step?: OperationStep<T>;
  /** Added to the counters. */
  progress?: Partial<ProgressCounts & { alreadyLicensed: number }>;
  /** Set, where the size is known only now. */
  total?: number;
  chunkWritten?: boolean;
  /** Set: what has been taken over of a move's tail. */
  tail?: TailCounts;
}

/** The part of a claimed operation that identifies its run. */
export type RunKey = Pick<OperationDocument, '_id' | 'tenantId' | 'fence' | 'cursor'>;
