import { describe, expect, it } from '@jest/globals';
import { NotFoundException } from '@nestjs/common';
import { DomainError, ERROR_CODES, operationInProgress } from '@commissary/domain';
import { codesByStatus, problemOf, STATUS_OF, toDomainError } from './problems.js';

describe('problems', () => {
  it('[EXT-1] every code has its status as the contract has it', () => {
    const table = Object.fromEntries(
      [400, 401, 403, 404, 409, 412, 413, 415, 422, 429, 503].map((status) => [
        status,
        codesByStatus(status),
      ]),
    );
    expect(table[401]).toEqual(['unauthenticated', 'account_inactive']);
    expect(table[404]).toEqual(['not_found']);
    expect(table[409]).toEqual(
      expect.arrayContaining(['operation_in_progress', 'seats_short', 'card_in_use']),
    );
    expect([412, 413, 415, 422, 429, 503].map((status) => table[status])).toEqual([
      ['stale'],
      ['body_too_large'],
      ['unsupported_media_type'],
      ['idempotency_key_reused'],
      ['rate_limited'],
      ['unavailable'],
    ]);
    expect(Object.keys(STATUS_OF).sort()).toEqual([...ERROR_CODES].sort());
  });

  it('[MOV-6] names the running operation by its URL', () => {
    expect(problemOf(operationInProgress('op_1'), 'req_1')).toMatchObject({
      type: '/problems/operation_in_progress',
      status: 409,
      operation: '/v1/operations/op_1',
      requestId: 'req_1',
    });
  });

  it('[MOV-2] carries the shortfall, and nothing that is a header', () => {
    const extras = { needed: 5, free: 2, shortfall: 3, retryAfterSeconds: 1 };
    const problem = problemOf(new DomainError('seats_short', 'short', extras), 'req_1');
    expect(problem).toMatchObject({ needed: 5, free: 2, shortfall: 3 });
    expect(problem).not.toHaveProperty('retryAfterSeconds');
  });

  it('[BUY-3] repeats no card that was sent along, not even in the name of a field or a path', () => {
    const errors = [{ pointer: '/4242424242424242', rule: 'unknown_field', detail: 'tok_visa' }];
    const refused = problemOf(new DomainError('invalid_request', '4242 4242 4242 4242', { errors }), 'req_1');
    expect(refused).toMatchObject({
      detail: '[card]',
      errors: [{ pointer: '/[card]', rule: 'unknown_field', detail: '[card]' }],
    });
    const badUrl = Object.assign(new Error("'/4242%204242'"), { statusCode: 400, code: 'FST_ERR_BAD_URL' });
    expect(toDomainError(badUrl).message).not.toContain('4242');
  });

  it.each([
    [new NotFoundException(), 'not_found'],
    [Object.assign(new Error('large'), { statusCode: 413 }), 'body_too_large'],
    [Object.assign(new Error('type'), { statusCode: 415 }), 'unsupported_media_type'],
    [Object.assign(new Error('broken'), { statusCode: 400 }), 'invalid_request'],
    [new TypeError('a bug with a secret in it'), 'internal'],
    ['thrown text', 'internal'],
    [null, 'internal'],
  ])('[EXT-1] %s is %s, and a bug tells nothing', (thrown, code) => {
    const error = toDomainError(thrown);
    expect(error.code).toBe(code);
    expect(error.message).not.toContain('secret');
  });
});
