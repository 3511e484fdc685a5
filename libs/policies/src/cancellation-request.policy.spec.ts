import { describe, expect, it } from '@jest/globals';
import { DomainError } from '@commissary/domain';
import { type CancellationRequestFacts, checkCancellationRequest } from './cancellation-request.policy.js';

const facts: CancellationRequestFacts = {
  origin: 'selfService',
  status: 'active',
  operationId: null,
  seats: { purchased: 10, assigned: 3, reservations: [] },
  purchaser: 'active',
};

const verdict = (changes: Partial<CancellationRequestFacts>): unknown => {
  try {
    checkCancellationRequest({ ...facts, ...changes });
    return 'allowed';
  } catch (error) {
    const { code, extras } = error as DomainError;
    return [code, extras.state ?? extras.operationId];
  }
};

describe('asking the purchaser to cancel', () => {
  it.each<[string, Partial<CancellationRequestFacts>]>([
    ['an active one', {}],
    ['one in grace', { status: 'expired' }],
    ['a disabled one', { status: 'disabled' }],
    ['one of somebody who cannot sign in now', { purchaser: 'disabled' }],
  ])('[ADM-6] is possible of %s', (_name, changes) => {
    expect(verdict(changes)).toBe('allowed');
  });

  it.each<[string, Partial<CancellationRequestFacts>, unknown]>([
    ['a central one', { origin: 'central', purchaser: null }, ['illegal_state', 'central']],
    ['a deleted one', { status: 'deleted' }, ['illegal_state', 'deleted']],
    ['one whose purchaser has left', { purchaser: 'deleted' }, ['illegal_state', 'purchaserLeft']],
    ['one without a purchaser', { purchaser: null }, ['illegal_state', 'purchaserLeft']],
    ['one that is being taken over', { operationId: 'op_1' }, ['operation_in_progress', 'op_1']],
    [
      'one whose seats are promised to a move',
      { seats: { ...facts.seats, reservations: [{ operationId: 'op_2', seats: 1 }] } },
      ['operation_in_progress', 'op_2'],
    ],
  ])('[ADM-6] is refused of %s', (_name, changes, expected) => {
    expect(verdict(changes)).toEqual(expected);
  });
});
