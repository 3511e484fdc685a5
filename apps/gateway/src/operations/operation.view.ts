import type { OperationView, OperatorOperationView } from '@commissary/contracts';
import { isEnded, pendingOf } from '@commissary/domain';
import type { OperationDocument } from '@commissary/store';

/** An operation as the contract shows it. [MOV-3] */
export const operationView = (operation: OperationDocument): OperationView => {
  const { progress, requestedBy, error } = operation;
  const { total, done, skipped, failed } = progress;
  const pending = pendingOf(progress);
  return {
    id: operation._id,
    type: operation.type,
    status: operation.status,
    subscriptionId: operation.subscriptionId,
    requestedBy: { userId: requestedBy.userId, displayName: requestedBy.displayName },
    progress: { total, done, skipped, failed, pending, ...paceOf(operation, pending) },
    result: operation.result,
    error: error && {
      code: error.code,
      detail: error.detail,
      ...(error.reasons && { reasons: error.reasons }),
    },
    createdAt: operation.createdAt.toISOString(),
    startedAt: operation.startedAt?.toISOString() ?? null,
    endedAt: operation.endedAt?.toISOString() ?? null,
  };
};

export const operatorOperationView = (operation: OperationDocument): OperatorOperationView => ({
  ...operationView(operation),
  tenantId: operation.tenantId,
  queue: operation.queue,
  attempts: operation.fence,
});

/** Users per second of late, and what is left at that rate; null where nothing tells, as while it is paused or parked. */
export const paceOf = (
  operation: Pick<OperationDocument, 'status' | 'progress'>,
  pending: number,
): { ratePerSecond: number | null; secondsLeft: number | null } => {
  const { runStartedAt, runStartedWith, at, done, skipped, failed } = operation.progress;
  const unknown = { ratePerSecond: null, secondsLeft: null };
  const hasEnded = isEnded(operation.status);
  if (!runStartedAt || !at || (operation.status !== 'running' && !hasEnded)) return unknown;
  const seconds = (at.getTime() - runStartedAt.getTime()) / 1000;
  const dealtWith = done + skipped + failed - runStartedWith;
  if (seconds <= 0 || dealtWith <= 0) return unknown;
  const rate = dealtWith / seconds;
  return { ratePerSecond: tenths(rate), secondsLeft: hasEnded ? 0 : tenths(pending / rate) };
};

const tenths = (value: number): number => Math.round(value * 10) / 10;
