import { describe, expect, it } from '@jest/globals';
import { newLife } from '@commissary/domain';
import { type Life, lifeFaults } from './life-faults.js';

const START = new Date('2025-01-31T08:00:00Z');
const END = new Date('2025-02-28T08:00:00Z');
const sound: Life = newLife({ isTrial: false, autoRenew: true, expiresAt: END }, START);
const spoiled = (fields: Partial<Life['lifecycle']>): Life => ({
  ...sound,
  lifecycle: { ...sound.lifecycle, ...fields },
});

describe('lifeFaults', () => {
  it('[SUB-3] finds nothing in a life that begins', () => {
    expect(lifeFaults(sound)).toEqual([]);
    expect(lifeFaults(newLife({ isTrial: true, autoRenew: false, expiresAt: END }, START))).toEqual([]);
  });

  it('[BUY-9] names a time that does not follow from the facts', () => {
    expect(lifeFaults(spoiled({ dueAt: END }))).toEqual([
      'is looked at next 2025-02-28T08:00:00.000Z, and due 2025-01-28T08:00:00.000Z',
    ]);
    expect(lifeFaults(spoiled({ remindedOf: END, pricedFor: END, dueAt: END }))).toEqual([]);
  });

  it('[SUB-3] names what is to happen to what is deleted', () => {
    const history = [...sound.history, { status: 'deleted' as const, at: END }];
    const deleted = { ...sound, status: 'deleted' as const, history };
    expect(lifeFaults(deleted)).toEqual([
      'is looked at next 2025-01-28T08:00:00.000Z, and due never',
      'is deleted, and would renew',
    ]);
    const lifecycle = { ...sound.lifecycle, dueAt: null };
    expect(lifeFaults({ ...deleted, autoRenew: false, renewsAt: null, lifecycle })).toEqual([]);
  });

  it('[OWN-2] names seats that are kept for a renewal that will not be', () => {
    const stopped = newLife({ isTrial: false, autoRenew: false, expiresAt: END }, START);
    expect(lifeFaults({ ...stopped, lifecycle: { ...stopped.lifecycle, seatsAtRenewal: 3 } })).toEqual([
      'keeps 3 seats at a renewal that will not be',
    ]);
    expect(lifeFaults({ ...stopped, renewsAt: END })).toEqual([
      'says that it renews 2025-02-28T08:00:00.000Z, and does never',
    ]);
  });
});
