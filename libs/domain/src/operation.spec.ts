import { describe, expect, it } from '@jest/globals';
import {
  CLAIMABLE_STATUSES,
  ENDED_STATUSES,
  isEnded,
  NO_PROGRESS,
  OPERATION_PATHS,
  OPERATION_STATUSES,
  pendingOf,
  type OperationStatus,
} from './operation.js';

const reachableFrom = (start: OperationStatus): Set<OperationStatus> => {
  const seen = new Set<OperationStatus>([start]);
  for (const status of seen) OPERATION_PATHS[status].forEach((next) => seen.add(next));
  return seen;
};

describe('operation paths', () => {
  it('MOV-3 what has ended never changes, and only what has ended stays', () => {
    for (const status of OPERATION_STATUSES)
      expect(OPERATION_PATHS[status].length === 0).toBe(isEnded(status));
    expect(OPERATION_STATUSES.filter(isEnded)).toEqual([...ENDED_STATUSES]);
  });

  it('MOV-3 every open operation can still run and can still end', () => {
    for (const status of OPERATION_STATUSES.filter((s) => !isEnded(s))) {
      const reachable = reachableFrom(status);
      expect(reachable).toContain('running');
      for (const end of ENDED_STATUSES) expect(reachable).toContain(end);
    }
  });

  it('MOV-3 only what has been accepted or runs may be claimed', () => {
    expect(CLAIMABLE_STATUSES).toEqual(['accepted', 'running']);
  });

  it('OPS-1 a parked operation goes on or is given up, and cannot succeed without running', () => {
    expect(OPERATION_PATHS.parked).toContain('running');
    expect(OPERATION_PATHS.parked).toContain('failed');
    expect(OPERATION_PATHS.parked).not.toContain('succeeded');
  });

  it('MOV-3 done + skipped + failed + pending = total', () => {
    expect(pendingOf(NO_PROGRESS)).toBe(0);
    expect(pendingOf({ total: 1000, done: 400, skipped: 2, failed: 1 })).toBe(597);
  });
});
