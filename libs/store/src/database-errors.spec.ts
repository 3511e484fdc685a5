import { describe, expect, it } from '@jest/globals';
import { MongoExpiredSessionError, MongoNetworkError, MongoServerError } from 'mongodb';
import { isDatabaseUnavailable } from './database-errors.js';

const serverError = (code: number): MongoServerError =>
  new MongoServerError({ message: 'of the server', code });

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
    expect(isDatabaseUnavailable(new MongoNetworkError('connection closed'))).toBe(true);
    expect(isDatabaseUnavailable(new MongoExpiredSessionError())).toBe(true);
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
