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

/** Users per second since this run began, and what is left at that rate; null where nothing tells. */
export const paceOf = (
  operation: Pick<OperationDocument, 'status' | 'progress'>,
  pending: number,
): { ratePerSecond: number | null; secondsLeft: number | null } => {
  const { runStartedAt, runStartedWith, at, done, skipped, failed } = operation.progress;
  const unknown = { ratePerSecond: null, secondsLeft: null };
  if (!runStartedAt || !at) return unknown;
  const seconds = (at.getTime() - runStartedAt.getTime()) / 1000;
  const dealtWith = done + skipped + failed - runStartedWith;
  if (seconds <= 0 || dealtWith <= 0) return unknown;
  const rate = dealtWith / seconds;
  const running = operation.status === 'running' || isEnded(operation.status);
  return {
    ratePerSecond: Math.round(rate * 10) / 10,
    secondsLeft: running ? Math.round((pending / rate) * 10) / 10 : null,
  };
};
