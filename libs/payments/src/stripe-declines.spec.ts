import { describe, expect, it } from '@jest/globals';
import { declineOf } from './stripe-declines.js';

const declined = (decline_code: string, advice_code?: string) =>
  declineOf({ code: 'card_declined', decline_code, advice_code });

describe("declines in Commissary's words [BUY-6, BUY-9]", () => {
  it.each([
    'insufficient_funds',
    'do_not_honor',
    'generic_decline',
    'try_again_later',
    'issuer_not_available',
  ])('%s may pass another day', (code) => expect(declined(code).soft).toBe(true));

  it.each(['stolen_card', 'lost_card', 'pickup_card', 'fraudulent', 'invalid_account', 'card_not_supported'])(
    '%s will not',
    (code) => expect(declined(code)).toEqual({ kind: 'declined', code: 'card_declined', soft: false }),
  );

  it("the issuer's advice goes before the code", () => {
    expect(declined('insufficient_funds', 'do_not_try_again').soft).toBe(false);
    expect(declined('do_not_honor', 'confirm_card_data').soft).toBe(false);
    expect(declined('fraudulent', 'try_again_later').soft).toBe(true);
    expect(declined('lost_card', 'advice of tomorrow').soft).toBe(false);
  });

  it.each([
    ['expired_card', 'card_expired', false],
    ['insufficient_funds', 'insufficient_funds', true],
    ['authentication_required', 'authentication_required', true],
    ['authentication_not_handled', 'authentication_required', true],
    ['a code of tomorrow', 'card_declined', true],
  ])('%s is %s', (given, code, soft) => {
    expect(declined(given)).toEqual({ kind: 'declined', code, soft });
    expect(declineOf({ code: given, decline_code: '' })).toEqual({ kind: 'declined', code, soft });
  });

  it('without any word is soft', () => {
    expect(declineOf({ code: null, decline_code: null })).toEqual({
      kind: 'declined',
      code: 'card_declined',
      soft: true,
    });
  });
});
