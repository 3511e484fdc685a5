import { MongoError, MongoNetworkError, MongoServerSelectionError } from 'mongodb';

const DUPLICATE_KEY = 11_000;

/** Stepped down, shutting down, no primary, interrupted by either, no such transaction any more. */
const AWAY = new Set([10_107, 13_435, 11_600, 11_602, 189, 91, 251]);

const AWAY_NAMES = new Set([
  'MongoNotConnectedError',
  'MongoTopologyClosedError',
  'MongoWaitQueueTimeoutError',
  'MongoPoolClosedError',
  'MongoClientClosedError',
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
