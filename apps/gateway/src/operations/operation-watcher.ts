import { Injectable } from '@nestjs/common';
import { isEnded } from '@commissary/domain';
import { DatabaseClock, type OperationDocument, OperationsRepository } from '@commissary/store';
import { OperationFeed } from './operation-feed.js';

/** Without any news a client is looked after this often, ms: heartbeat of the stream, and a second look at the document. */
const HEARTBEAT_MS = 10_000;

/** The least time between two looks of one client, ms: a fast move must not cost a read per chunk and client. */
const PACE_MS = 100;

/** What a follower gets: the operation after each change, or null when there is no news but a sign of life is due. */
export type News = OperationDocument | null;

/** Waiting for an operation, for `?wait=` and the event stream. [MOV-3] */
@Injectable()
export class OperationWatcher {
  constructor(
    private readonly feed: OperationFeed,
    private readonly operations: OperationsRepository,
    private readonly clock: DatabaseClock,
  ) {}

  /** The operation once it has ended, or as it is after `seconds`, or when the client or the process goes. */
  async untilEnded(
    operation: OperationDocument,
    seconds: number,
    signal: AbortSignal,
  ): Promise<OperationDocument> {
    if (isEnded(operation.status)) return operation;
    const watch = this.feed.watch(operation._id);
    const stop = (): void => watch.close();
    signal.addEventListener('abort', stop, { once: true });
    try {
      const deadline = this.clock.now().getTime() + seconds * 1000;
      for (;;) {
        const current = await this.operations.get(operation.tenantId, operation._id);
        const left = deadline - this.clock.now().getTime();
        if (isEnded(current.status) || left <= 0 || signal.aborted || this.feed.isClosed()) return current;
        await watch.next(left);
      }
    } finally {
      signal.removeEventListener('abort', stop);
      watch.close();
    }
  }

  /** Each state of the operation that is newer than `version`, until it has ended or the client or the process goes. */
  async *follow(operation: OperationDocument, version: number, signal: AbortSignal): AsyncGenerator<News> {
    const watch = this.feed.watch(operation._id);
    const stop = (): void => watch.close();
    signal.addEventListener('abort', stop, { once: true });
    let seen = version;
    try {
      while (!signal.aborted && !this.feed.isClosed()) {
        const current = await this.operations.get(operation.tenantId, operation._id);
        const news = current.version > seen;
        seen = current.version;
        if (news || isEnded(current.status)) yield current;
        else yield null;
        if (isEnded(current.status)) return;
        if (news) await pause(PACE_MS);
        await watch.next(HEARTBEAT_MS);
      }
    } finally {
      signal.removeEventListener('abort', stop);
      watch.close();
    }
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
