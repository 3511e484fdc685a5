import { Injectable } from '@nestjs/common';
import { isEnded } from '@commissary/domain';
import { DatabaseClock, type OperationDocument, OperationsRepository } from '@commissary/store';
import { OperationFeed } from './operation-feed.js';

/**
 * Without any news a client is looked after this often, ms: heartbeat of the stream, and a second look at the document. As often it is
 * asked whether the client may still see it.
 */
const HEARTBEAT_MS = 10_000;

/** The least time between two looks of one client, ms: a fast move must not cost a read per chunk and client. */
const PACE_MS = 100;

/** What a follower gets: the operation after each change, or null when there is no news but a sign of life is due. */
export type News = OperationDocument | null;

/** Whose client follows an operation, and how long. */
export interface Follower {
  /** The version that the client has already. */
  seen: number;
  /** Goes off when the client goes. */
  signal: AbortSignal;
  /** When the client's token is over, and the stream with it: the client comes again with a new one. */
  until?: Date | undefined;
  /** Asked from time to time; at the first false the stream is over, and the client learns why when it comes again. */
  mayGoOn(): Promise<boolean>;
}

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

  /** Each state of the operation that is newer than the one seen, until it has ended, or the client goes or must, or the process does. */
  async *follow(operation: OperationDocument, follower: Follower): AsyncGenerator<News> {
    const { signal, until } = follower;
    let { seen } = follower;
    const watch = this.feed.watch(operation._id);
    const stop = (): void => watch.close();
    signal.addEventListener('abort', stop, { once: true });
    let askedAt = performance.now();
    try {
      for (;;) {
        const left = until === undefined ? Infinity : until.getTime() - this.clock.now().getTime();
        if (signal.aborted || this.feed.isClosed() || left <= 0) return;
        if (performance.now() - askedAt >= HEARTBEAT_MS - PACE_MS) {
          if (!(await follower.mayGoOn())) return;
          askedAt = performance.now();
        }
        const current = await this.operations.get(operation.tenantId, operation._id);
        const news = current.version > seen;
        seen = current.version;
        if (news || isEnded(current.status)) yield current;
        else yield null;
        if (isEnded(current.status)) return;
        if (news) await pause(PACE_MS);
        await watch.next(Math.min(HEARTBEAT_MS, left));
      }
    } finally {
      signal.removeEventListener('abort', stop);
      watch.close();
    }
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
