import { describe, expect, it } from '@jest/globals';
import type { OperationStatus } from '@commissary/domain';
import { paceOf } from './operation.view.js';

const AT = new Date('2030-01-15T08:00:00Z');
const later = (seconds: number) => new Date(AT.getTime() + seconds * 1000);

const progress = (fields: object, status: OperationStatus = 'running') => ({
  status,
  progress: {
    total: 1000,
    done: 0,
    skipped: 0,
    failed: 0,
    alreadyLicensed: 0,
    at: null,
    runStartedAt: AT,
    runStartedWith: 0,
    ...fields,
  },
});

describe('the pace of an operation', () => {
  it('[MOV-3] is unknown before the first chunk', () => {
    expect(paceOf(progress({}), 1000)).toEqual({ ratePerSecond: null, secondsLeft: null });
    expect(paceOf(progress({ at: AT, runStartedAt: null }), 1000)).toEqual({
      ratePerSecond: null,
      secondsLeft: null,
    });
    expect(paceOf(progress({ at: later(0), done: 10 }), 990)).toEqual({
      ratePerSecond: null,
      secondsLeft: null,
    });
  });

  it('[MOV-3] counts every user dealt with in this run, and no one of a run before', () => {
    const running = progress({ done: 500, skipped: 50, failed: 50, runStartedWith: 200, at: later(4) });
    expect(paceOf(running, 400)).toEqual({ ratePerSecond: 100, secondsLeft: 4 });
  });

  it.each(['accepted', 'paused', 'parked'] as const)(
    '[MOV-3] says neither rate nor time left while it is %s',
    (status) => {
      const waiting = progress({ done: 100, at: later(1) }, status);
      expect(paceOf(waiting, 900)).toEqual({ ratePerSecond: null, secondsLeft: null });
    },
  );

  it.each(['succeeded', 'failed', 'stopped'] as const)('[MOV-3] has no time left once it is %s', (status) => {
    const ended = progress({ done: 100, at: later(1) }, status);
    expect(paceOf(ended, 900)).toEqual({ ratePerSecond: 100, secondsLeft: 0 });
  });
});
