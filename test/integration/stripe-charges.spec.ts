import { describe, expect, it } from '@jest/globals';
import { ProviderRefusedError } from '@commissary/payments';
import { A_CHARGE, anIntent, SECRET_KEY, withFakeStripe } from '../support/stripe/stripe-charge.js';

const at = withFakeStripe();

const POST_INTENT = 'POST /v1/payment_intents';

describe('a charge at Stripe [EXT-6, BUY-6]', () => {
  it('is one PaymentIntent, confirmed at once with nobody there, under our key', async () => {
    const outcome = await at.provider.charge(A_CHARGE);
    expect(outcome).toEqual({ kind: 'succeeded', chargeId: at.stripe.books.intents[0]?.id });
    const [asked] = at.stripe.asked(POST_INTENT);
    expect(Object.fromEntries(asked?.params ?? [])).toEqual({
      amount: '999',
      currency: 'usd',
      customer: 'cus_1',
      payment_method: 'pm_1',
      'allowed_payment_method_types[0]': 'card',
      confirm: 'true',
      off_session: 'true',
      error_on_requires_action: 'true',
      description: 'Order ord_1',
      'metadata[orderId]': 'ord_1',
      'metadata[idempotencyKey]': 'op_1-pay_1',
    });
    expect(asked?.headers).toMatchObject({
      'idempotency-key': 'op_1-pay_1',
      'stripe-version': '2026-10-28.endive',
      authorization: `Bearer ${SECRET_KEY}`,
    });
  });

  it('asked twice under one key is made once', async () => {
    expect(await at.provider.charge(A_CHARGE)).toEqual(await at.provider.charge(A_CHARGE));
    expect(at.stripe.books.intents).toHaveLength(1);
  });

  it('tells Stripe nothing of the machine, nor how long the request before took', async () => {
    await at.provider.charge(A_CHARGE);
    await at.provider.charge(A_CHARGE);
    for (const { headers } of at.stripe.seen) {
      expect(headers).not.toHaveProperty('x-stripe-client-telemetry');
      expect(headers['x-stripe-client-user-agent']).not.toMatch(/"platform"/);
    }
  });

  it.each([
    ['JPY', 1500, '1500'],
    ['KWD', 12_340, '12340'],
    ['ISK', 500, '50000'],
  ])(
    'in %s: %i minor units are %s at Stripe, and its answer is understood',
    async (currency, minor, sent) => {
      const outcome = await at.provider.charge({ ...A_CHARGE, amount: { amountMinor: minor, currency } });
      expect(outcome.kind).toBe('succeeded');
      expect(at.stripe.asked(POST_INTENT)[0]?.params.get('amount')).toBe(sent);
    },
  );

  it('of an amount that Stripe would round is refused unasked', async () => {
    const asked = at.provider.charge({ ...A_CHARGE, amount: { amountMinor: 12_345, currency: 'KWD' } });
    await expect(asked).rejects.toThrow(new ProviderRefusedError(400, 'amount_not_chargeable'));
    expect(at.stripe.seen).toEqual([]);
  });

  it('answered for another order or amount is unknown', async () => {
    at.stripe.mishaps.push({ status: 200, body: anIntent({ metadata: { orderId: 'ord_2' } }) });
    expect(await at.provider.charge(A_CHARGE)).toEqual({ kind: 'unknown', why: 'unreadable' });
    at.stripe.mishaps.push({ status: 200, body: anIntent({ amount: 998 }) });
    expect(await at.provider.charge(A_CHARGE)).toEqual({ kind: 'unknown', why: 'unreadable' });
  });

  it.each([
    ['succeeded', { kind: 'succeeded', chargeId: 'pi_1' }],
    ['processing', { kind: 'unknown', why: 'pending' }],
    ['requires_action', { kind: 'declined', code: 'authentication_required', soft: true }],
    ['canceled', { kind: 'declined', code: 'card_declined', soft: false }],
    ['requires_confirmation', { kind: 'unknown', why: 'unreadable' }],
    ['requires_capture', { kind: 'unknown', why: 'unreadable' }],
    ['a status of tomorrow', { kind: 'unknown', why: 'unreadable' }],
  ])('answered as %s', async (status, outcome) => {
    at.stripe.mishaps.push({ status: 200, body: anIntent({ status }) });
    expect(await at.provider.charge(A_CHARGE)).toEqual(outcome);
  });
});
