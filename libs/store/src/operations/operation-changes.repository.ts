import type { mongo } from 'mongoose';
import type { Database } from '../database.js';

/** What a follower of the operations' change stream is called with. */
export interface OperationChangeListener {
  /** The stream is open: from here on no change is missed, and one from before it is found by reading the document again. */
  opened(): void;
  /** The operation with this id was inserted, updated or replaced. */
  changed(operationId: string): void;
}

/** How long one look at the stream waits for a change, ms: a stop need not count on interrupting it. */
const LOOK_MS = 1_000;

/** Which operations change, of every tenant: one change stream of MongoDB, ids only. */
export class OperationChanges {
  constructor(private readonly database: Database) {}

  /** Calls the listener until the signal is aborted or the stream has ended. Rejects if the stream breaks. */
  async follow(signal: AbortSignal, listener: OperationChangeListener): Promise<void> {
    // Mongoose's own change streams cannot be asked for a change without waiting for one to come (`tryNext`).
    const operations = this.database.models.operations.collection as unknown as mongo.Collection<{
      _id: string;
    }>;
    const stream = operations.watch(
      [
        { $match: { operationType: { $in: ['insert', 'update', 'replace'] } } },
        { $project: { documentKey: 1 } },
      ],
      { maxAwaitTimeMS: LOOK_MS },
    );
    const close = (): void => void stream.close().catch(() => undefined);
    signal.addEventListener('abort', close, { once: true });
    try {
      // The first look opens the stream.
      let change = await stream.tryNext();
      listener.opened();
      while (!signal.aborted && !stream.closed) {
        if (change && 'documentKey' in change) listener.changed(change.documentKey._id);
        change = await stream.tryNext();
      }
    } finally {
      signal.removeEventListener('abort', close);
      close();
    }
  }
}
