import { QUEUES } from '@commissary/contracts';
import { describe, expect, it } from '@jest/globals';
import { StackError } from '../stack-error.js';
import { chooseParts, PARTS } from './parts.js';

describe('parts of the stack', () => {
  it('RUN-2 has a worker for every queue', () => {
    expect(PARTS.filter((part) => part.startsWith('worker:'))).toEqual(
      QUEUES.map((queue) => `worker:${queue}`),
    );
  });

  it('RUN-2 are all there unless some are chosen', () => {
    expect([...chooseParts(undefined)]).toEqual([...PARTS]);
  });

  it('RUN-2 bring what they need', () => {
    expect([...chooseParts(['issuer'])].sort()).toEqual(['issuer', 'mongod']);
    expect(chooseParts(['workers'])).toContain('worker:license-moves');
    expect(chooseParts(['workers'])).toContain('redis-server');
    expect(chooseParts(['workers'])).not.toContain('gateway');
  });

  it('RUN-2 are refused by name', () => {
    expect(() => chooseParts(['mongo'])).toThrow(StackError);
    expect(() => chooseParts(['mongo'])).toThrow(/"mongo" is no part of the stack: choose from mongod,/);
  });
});
