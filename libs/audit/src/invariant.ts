import type { PaymentJournal } from '@commissary/payments';
import type { Database } from '@commissary/store';
import type { QueueView } from './reading/queue-view.js';
import type { Snapshot } from './reading/snapshot.js';

/** What the audit may look at. Without a journal or a Redis it says what it could not check. */
export interface AuditContext {
  database: Database;
  journal?: PaymentJournal;
  queues?: QueueView;
}

/** What one invariant is given: all its reads of MongoDB are of one moment. */
export interface InvariantContext extends AuditContext {
  snapshot: Snapshot;
  /** The server's time. */
  now: Date;
}

export interface Violation {
  invariant: number;
  /** Id of what is wrong. */
  subject: string;
  detail: string;
}

export interface Invariant {
  number: number;
  /** What holds, in a sentence. */
  title: string;
  /** Parts that this context does not allow to check, in words. */
  notChecked?(context: AuditContext): string | null;
  check(context: InvariantContext): AsyncIterable<Violation>;
}
