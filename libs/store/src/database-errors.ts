import { MongoError, MongoNetworkError, MongoServerSelectionError } from 'mongodb';

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

/** A unique index refused the write: someone else was first. */
export const isDuplicateKey = (error: unknown): boolean =>
  error instanceof MongoError && error.code === DUPLICATE_KEY;

/** MongoDB is away or changing its primary: the same request may succeed in a moment. */
export const isDatabaseUnavailable = (error: unknown): boolean => {
  if (error instanceof MongoServerSelectionError || error instanceof MongoNetworkError) return true;
  if (!(error instanceof MongoError)) return false;
  if (AWAY_NAMES.has(error.name) || (typeof error.code === 'number' && AWAY.has(error.code))) return true;
  return ['TransientTransactionError', 'RetryableWriteError', 'UnknownTransactionCommitResult'].some(
    (label) => error.hasErrorLabel(label),
  );
};
