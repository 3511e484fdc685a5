import { describe, expect, it } from '@jest/globals';
import { leaveBehind, planChunk } from './chunk-plan.js';

const held = (userId: string, deleted = false) => ({
  userId,
  userDeleted: deleted,
});

const users = (licenses: { userId: string }[]): string[] => licenses.map((license) => license.userId);

describe('the plan of a chunk [MOV-2, MOV-4]', () => {
  const chunk = [held('a'), held('b', true), held('c'), held('d'), held('e')];

  it('moves, skips the deleted, and takes no seat for who holds the target already', () => {
    const plan = planChunk(chunk, new Map([['c', { usable: true }]]), 10);
    expect(users(plan.move)).toEqual(['a', 'd', 'e']);
    expect(users(plan.alreadyLicensed)).toEqual(['c']);
    expect(users(plan.deleted)).toEqual(['b']);
    expect(plan.noSeat).toEqual([]);
  });

  it('gives the seats there are to the first, and leaves the others where they are', () => {
    const plan = planChunk(chunk, new Map(), 2);
    expect(users(plan.move)).toEqual(['a', 'c']);
    expect(users(plan.noSeat)).toEqual(['d', 'e']);
  });

  it('leaves who holds the target by what cannot be used with what they work with', () => {
    const plan = planChunk(chunk, new Map([['c', { usable: false }]]), 10);
    expect(users(plan.unusable)).toEqual(['c']);
    expect(users(plan.move)).toEqual(['a', 'd', 'e']);
    expect(plan.alreadyLicensed).toEqual([]);
  });

  it('a deleted user who holds the target is only deleted', () => {
    const plan = planChunk([held('b', true)], new Map([['b', { usable: true }]]), 1);
    expect(users(plan.deleted)).toEqual(['b']);
    expect(plan.alreadyLicensed).toEqual([]);
  });

  it('leaves behind what no transaction could move, and nobody else', () => {
    const plan = leaveBehind([held('a')]);
    expect(users(plan.stuck)).toEqual(['a']);
    expect([...plan.move, ...plan.alreadyLicensed, ...plan.deleted, ...plan.noSeat]).toEqual([]);
  });
});
