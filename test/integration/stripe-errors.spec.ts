import { describe, expect, it } from '@jest/globals';
import { ProviderRefusedError, StripeProvider } from '@commissary/payments';
import errors from '../support/stripe/documented-errors.json' with { type: 'json' };
import { FakeStripe, type Mishap } from '../support/stripe/fake-stripe.js';
import { A_CHARGE, A_REFUND, SECRET_KEY, withFakeStripe } from '../support/stripe/stripe-charge.js';

const at = withFakeStripe();

describe('errors of Stripe, in the shapes it documents [EXT-6, BUY-6]', () => {
  const soft = (code: string) => ({ kind: 'declined', code, soft: true });
  const hard = (code: string) => ({ kind: 'declined', code, soft: false });
  const unknown = (why: string) => ({ kind: 'unknown', why });

  it.each<[string, Mishap, object]>([
    ['card_declined insufficient_funds', errors.insufficientFunds, soft('insufficient_funds')],
    ['card_declined generic_decline', errors.genericDecline, soft('card_declined')],
    ['the same, with advice not to try again', errors.genericDeclineForGood, hard('card_declined')],
    ['card_declined lost_card', errors.lostCard, hard('card_declined')],
    ['expired_card', errors.expiredCard, hard('card_expired')],
    ['authentication_required', errors.authenticationRequired, soft('authentication_required')],
    ['processing_error', errors.processingError, soft('card_declined')],
    ['rate_limit 429', errors.rateLimit, unknown('server_error')],
    ['lock_timeout 429', errors.lockTimeout, unknown('server_error')],
    ['api_error 500', errors.apiError, unknown('server_error')],
    ['idempotency_key_in_use 409', errors.keyInUse, unknown('server_error')],
    ['502 of something before Stripe', 'html502', unknown('unreadable')],
    ['no answer in time', 'silenceBefore', unknown('timeout')],
    ['half an answer in time', 'stalledBody', unknown('timeout')],
    ['a connection that breaks', 'dropBefore', unknown('connection')],
  ])('a charge: %s, asked once', async (_name, mishap, outcome) => {
    at.stripe.mishaps.push(mishap);
    expect(await at.provider.charge(A_CHARGE)).toEqual(outcome);
    expect(at.stripe.seen).toHaveLength(1);
  });

  it.each<[string, Mishap, number, string]>([
    ['invalid_request_error', errors.amountTooSmall, 400, 'amount_too_small'],
    ['idempotency_error', errors.keyReused, 400, 'idempotency_error'],
    ['a key of Stripe that is not good', errors.invalidKey, 401, 'invalid_request_error'],
    ['a restricted key', errors.notPermitted, 403, 'more_permissions_required'],
  ])('a charge, a look-up and a refund: %s is thrown', async (_name, mishap, status, code) => {
    const refusal = new ProviderRefusedError(status, code);
    at.stripe.mishaps.push(mishap, mishap, mishap);
    await expect(at.provider.charge(A_CHARGE)).rejects.toThrow(refusal);
    await expect(at.provider.findByKey(A_CHARGE.idempotencyKey, A_CHARGE)).rejects.toThrow(refusal);
    await expect(at.provider.refund(A_REFUND)).rejects.toThrow(refusal);
  });

  it('nobody listens: unknown', async () => {
    const { url } = at.stripe;
    await at.stripe.stop();
    const lost = new StripeProvider({ secretKey: SECRET_KEY, apiUrl: url });
    expect(await lost.charge(A_CHARGE)).toEqual(unknown('connection'));
    expect(await lost.findByKey('op_1-pay_1', A_CHARGE)).toEqual(unknown('connection'));
    at.stripe = await FakeStripe.start();
  });
});
