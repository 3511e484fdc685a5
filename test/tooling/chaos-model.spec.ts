import { beforeEach, describe, expect, it } from '@jest/globals';
import { type AcceptedOperation, Model } from '../chaos/lib/model.js';
import { placeOf, type Takeover } from '../chaos/lib/seats-verdict.js';

const moveOf = (source: string, target: string): AcceptedOperation => ({
  id: `op of ${source}`,
  tenant: 'contoso.example',
  what: 'move',
  mayEnd: ['succeeded'],
  mayBeRejectedWith: [],
  move: { source, target },
});

const taken = (target: string | null, outcomes: Record<string, string> = {}): Takeover => ({
  status: 'succeeded',
  target,
  outcomes: new Map(Object.entries(outcomes)),
});

describe('what a chaos run expects of seats', () => {
  let model: Model;

  beforeEach(() => {
    model = new Model();
  });

  it('[OWN-3] a seat is there until it is taken back', () => {
    model.seatGiven({ userId: 'u', subscriptionId: 's' });
    model.seatGiven({ userId: 'v', subscriptionId: 's' });
    model.seatTaken({ userId: 'u', subscriptionId: 's' });
    expect(model.seatsGiven()).toEqual([{ userId: 'v', subscriptionId: 's' }]);
  });

  it('[MOV-4] one that may have come by a move and is taken back there is expected nowhere, and in doubt where it was', () => {
    model.seatGiven({ userId: 'u', subscriptionId: 's' });
    model.accepted(moveOf('s', 't'));
    model.accepted(moveOf('t', 'w'));
    model.seatTaken({ userId: 'u', subscriptionId: 'w' });
    expect(model.seatsGiven()).toEqual([]);
    expect([...model.doubtfulSeats]).toEqual(['u s']);
  });

  it('[ADM-6] a central seat takes the place of a self-service one of its product alone', () => {
    model.seatGiven({ userId: 'u', subscriptionId: 'same' });
    model.seatGiven({ userId: 'u', subscriptionId: 'other' });
    model.seatSwitched({ userId: 'u', subscriptionId: 'central' }, new Set(['same']));
    expect(model.seatsGiven().map(({ subscriptionId }) => subscriptionId)).toEqual(['other', 'central']);
  });

  it('[MOV-4, CAN-2] follows a seat from move to move, and no further than its holder kept it', () => {
    const takeovers = new Map([
      ['s', [taken('t', { moved: 'moved', held: 'alreadyLicensed', stayed: 'failed' })]],
      ['t', [taken('w', { moved: 'moved' })]],
      ['c', [taken(null)]],
      // Stopped on its way, and canceled then.
      ['again', [taken('x', { moved: 'moved' }), taken(null, { left: 'accessRemoved' })]],
    ]);
    const from = (userId: string, subscriptionId: string) => placeOf({ userId, subscriptionId }, takeovers);
    expect(from('moved', 's')).toBe('w');
    expect(from('held', 's')).toBeNull();
    expect(from('stayed', 's')).toBe('s');
    expect(from('unmentioned', 's')).toBe('s');
    expect(from('anyone', 'c')).toBeNull();
    expect(from('moved', 'again')).toBe('x');
    expect(from('left', 'again')).toBeNull();
    expect(from('anyone', 'x')).toBe('x');
  });
});
