import { describe, expect, it } from '@jest/globals';
import { leastIdAt, newId } from './ids.js';

describe('ids in the order of their time', () => {
  it('the least id of a moment stands before what is made from then on, and behind what was made before', () => {
    const before = newId('op');
    const now = new Date(Date.now() + 1);
    while (Date.now() < now.getTime());
    const after = newId('op');
    expect(before < leastIdAt('op', now)).toBe(true);
    expect(leastIdAt('op', now) <= after).toBe(true);
    expect(leastIdAt('op', now)).toMatch(/^op_/);
  });
});
