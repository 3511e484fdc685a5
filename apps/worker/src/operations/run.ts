import type { OperationDocument, OperationOf, RunChange, RunKey } from '@commissary/store';

/** `ended`: its last transaction is committed. `yield`: more to do, another's turn. `provider`: an outside party did not answer. */
export type RunOutcome = { kind: 'ended' } | { kind: 'yield' } | { kind: 'provider' };

export interface OperationHandler<T extends OperationDocument['type']> {
  readonly type: T;
  /** Idempotent: what a run did for good is in the operation's step and cursor, and a later run goes on from there. */
  run(run: Run<T>): Promise<RunOutcome>;
}

/** After this long a bulk run lets others have its slot. */
const SLICE_MS = 4_000;

/** One claimed run of an operation. */
export class Run<T extends OperationDocument['type']> {
  leaseLost = false;
  /** Told each time it came further: its starts are counted from there. */
  onProgress: () => void = () => undefined;
  private readonly startedAt = performance.now();

  constructor(
    /** As it stands after the last committed change of this run. */
    readonly operation: OperationOf<T>,
    private readonly isStopping: () => boolean,
  ) {}

  get key(): RunKey & { type: T } {
    const { _id, tenantId, fence, cursor, type } = this.operation;
    return { _id, tenantId, fence, cursor, type };
  }

  /** Bulk work asks this between chunks. */
  shouldYield(): boolean {
    return this.leaseLost || this.isStopping() || performance.now() - this.startedAt > SLICE_MS;
  }

  /** Follows a committed `advance`, so that the next one matches. */
  committed(change: RunChange<T>): void {
    this.onProgress();
    const { operation } = this;
    if (change.cursor !== undefined) operation.cursor = change.cursor;
    if (change.step !== undefined) operation.step = change.step;
    if (change.total !== undefined) operation.progress.total = change.total;
    if (change.chunkWritten) operation.chunks += 1;
    if (change.tail !== undefined) operation.tail = change.tail;
    const { done = 0, skipped = 0, failed = 0, alreadyLicensed = 0 } = change.progress ?? {};
    operation.progress.done += done;
    operation.progress.skipped += skipped;
    operation.progress.failed += failed;
    operation.progress.alreadyLicensed += alreadyLicensed;
  }
}
