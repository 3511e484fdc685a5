import { mongo } from 'mongoose';

const DUPLICATE_KEY = 11_000;

/**
 * Stepped down, shutting down, starting up and no member of the set yet, interrupted by any of these, no such transaction or
 * snapshot any more, hosts and sockets of the set itself: what the driver calls retryable, and has retried once already.
 */
const AWAY = new Set([
  6, 7, 89, 91, 134, 189, 246, 251, 262, 290, 9_001, 10_107, 11_600, 11_602, 13_435, 13_436,
]);

const AWAY_NAMES = new Set([
  'MongoNotConnectedError',
  'MongoTopologyClosedError',
  'MongoWaitQueueTimeoutError',
  'MongoPoolClosedError',
  'MongoClientClosedError',
  'MongoExpiredSessionError',
]);

/** MongoDB did not say in time whether it has committed. */
export class CommitOverdueError extends Error {
  override readonly name = 'CommitOverdueError';
  constructor() {
    super('the outcome of a commit is not known in time');
  }
}

/** A unique index refused the write: someone else was first. */
export const isDuplicateKey = (error: unknown): boolean =>
  error instanceof mongo.MongoError && error.code === DUPLICATE_KEY;

/** Of a socket that the driver had not yet noticed to be gone; it passes these on as they are. */
const SOCKET_CODES: readonly unknown[] = ['EPIPE', 'ECONNRESET'];

/** Another transaction holds, or has changed since, what this one was to write. */
const CONFLICTS: readonly unknown[] = [24, 112];

/** What went wrong itself: `insertMany` and `bulkWrite` put it inside an error of their own. */
const withoutWrapping = (error: unknown): unknown =>
  error instanceof mongo.MongoBulkWriteError && error.errorResponse instanceof Error
    ? error.errorResponse
    : error;

/** The connection broke under a command. */
const isBrokenConnection = (given: unknown): boolean => {
  const error = withoutWrapping(given);
  if (error instanceof mongo.MongoNetworkError) return true;
  return error instanceof Error && SOCKET_CODES.includes((error as NodeJS.ErrnoException).code);
};

/**
 * What is thrown in a transaction that was not yet asked to commit. Where its connection broke, it may be run again whole: the
 * driver says so itself (by a label) except of connections that another one's failure had already made stale.
 */
export const asTransactionError = (error: unknown): unknown => {
  if (!isBrokenConnection(error)) return error;
  const labelled =
    error instanceof mongo.MongoError
      ? error
      : new mongo.MongoNetworkError((error as Error).message, { cause: error as Error });
  labelled.addErrorLabel('TransientTransactionError');
  return labelled;
};

/** MongoDB is away or changing its primary: the same request may succeed in a moment. */
export const isDatabaseUnavailable = (given: unknown): boolean => {
  const error = withoutWrapping(given);
  if (error instanceof CommitOverdueError || error instanceof mongo.MongoServerSelectionError) return true;
  if (isBrokenConnection(error)) return true;
  if (!(error instanceof mongo.MongoError)) return false;
  if (AWAY_NAMES.has(error.name) || (typeof error.code === 'number' && AWAY.has(error.code))) return true;
  return ['TransientTransactionError', 'RetryableWriteError', 'UnknownTransactionCommitResult'].some(
    (label) => error.hasErrorLabel(label),
  );
};

/** Two transactions met in one document: this one is undone, and may succeed when it is run again. */
export const isTransientConflict = (given: unknown): boolean => {
  const error = withoutWrapping(given);
  return error instanceof mongo.MongoError && CONFLICTS.includes(error.code);
};
