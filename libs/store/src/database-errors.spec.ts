import { describe, expect, it } from '@jest/globals';
import { mongo } from 'mongoose';
import { asTransactionError, CommitOverdueError, isDatabaseUnavailable } from './database-errors.js';

const serverError = (code: number): mongo.MongoServerError =>
  new mongo.MongoServerError({ message: 'of the server', code });

/** As the driver wraps what broke off an `insertMany`; its result plays no part. */
const ofInsertMany = (error: Error): mongo.MongoBulkWriteError =>
  new mongo.MongoBulkWriteError(error, {} as never);

describe('errors of a MongoDB that is away [EXT-1]', () => {
  it.each([
    ['NotWritablePrimary', 10_107],
    ['NotPrimaryNoSecondaryOk', 13_435],
    ['NotPrimaryOrSecondary, of a member that is starting', 13_436],
    ['InterruptedAtShutdown', 11_600],
    ['InterruptedDueToReplStateChange', 11_602],
    ['PrimarySteppedDown', 189],
    ['ShutdownInProgress', 91],
    ['NoSuchTransaction', 251],
    ['SnapshotUnavailable', 246],
    ['SocketException', 9_001],
  ])('%s is one', (_name, code) => {
    expect(isDatabaseUnavailable(serverError(code))).toBe(true);
  });

  it('so are broken connections, and sessions of a client that was closed', () => {
    expect(isDatabaseUnavailable(new mongo.MongoNetworkError('connection closed'))).toBe(true);
    expect(isDatabaseUnavailable(new mongo.MongoExpiredSessionError())).toBe(true);
  });

  it('so is one inside an error of insertMany, and one of a socket that was not known to be gone', () => {
    expect(isDatabaseUnavailable(ofInsertMany(new mongo.MongoNetworkError('connection closed')))).toBe(true);
    const noPrimary = new mongo.MongoServerSelectionError('connect ECONNREFUSED', {} as never);
    expect(isDatabaseUnavailable(noPrimary)).toBe(true);
    expect(isDatabaseUnavailable(ofInsertMany(noPrimary))).toBe(true);
    expect(isDatabaseUnavailable(Object.assign(new Error('ended'), { code: 'EPIPE' }))).toBe(true);
    expect(isDatabaseUnavailable(ofInsertMany(serverError(11_000)))).toBe(false);
  });

  it('so is a commit whose outcome its caller does not wait for', () => {
    expect(isDatabaseUnavailable(new CommitOverdueError())).toBe(true);
  });

  it.each([
    ['DuplicateKey', 11_000],
    ['BadValue', 2],
    ['Unauthorized', 13],
  ])('%s is a fault of ours', (_name, code) => {
    expect(isDatabaseUnavailable(serverError(code))).toBe(false);
  });

  it('an error of anything else is a fault of ours', () => {
    expect(isDatabaseUnavailable(new TypeError('x is not a function'))).toBe(false);
  });
});

describe('a transaction whose connection broke before it was committed [OPS-4]', () => {
  it.each([
    ['a network error', new mongo.MongoNetworkError('connection closed')],
    ['one of insertMany', ofInsertMany(new mongo.MongoNetworkError('connection closed'))],
    ['one of a socket', Object.assign(new Error('ended'), { code: 'EPIPE' })],
  ])('may be run again: %s', (_name, error) => {
    const thrown = asTransactionError(error);
    expect(thrown instanceof mongo.MongoError && thrown.hasErrorLabel('TransientTransactionError')).toBe(
      true,
    );
  });

  it('is not, for any other error', () => {
    const error = serverError(11_000);
    expect(asTransactionError(error)).toBe(error);
    expect(error.hasErrorLabel('TransientTransactionError')).toBe(false);
  });
});
