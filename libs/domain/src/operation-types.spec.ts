import { describe, expect, it } from '@jest/globals';
import { type OperationStep, undoOf } from './operation-types.js';
import { OPERATION_TYPES, type OperationType } from './operation.js';

describe('what may still be given up of an operation [OPS-1, MOV-6]', () => {
  it.each(OPERATION_TYPES)('a %s before its first step is released', (type) => {
    expect(undoOf({ type, step: null })).toBe('release');
  });

  it.each<[OperationType, OperationStep, string]>([
    ['purchase', 'charging', 'releaseUnlessCharged'],
    ['seatChange', 'charging', 'releaseUnlessCharged'],
    ['seatChange', 'taken', 'never'],
    ['move', 'met', 'release'],
    ['move', 'closed', 'never'],
    ['cancellation', 'cut', 'never'],
    ['renewal', 'charging', 'releaseUnlessCharged'],
  ])('a %s after %s: %s', (type, step, undo) => {
    expect(undoOf({ type, step })).toBe(undo);
  });

  it('a step that this version does not know is past the point of return', () => {
    expect(undoOf({ type: 'purchase', step: 'shipped' as OperationStep })).toBe('never');
  });
});
