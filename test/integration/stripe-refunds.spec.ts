import { describe, expect, it } from '@jest/globals';
import { ProviderRefusedError } from '@commissary/payments';
import errors from '../support/stripe/documented-errors.json' with { type: 'json' };
import type { Mishap } from '../support/stripe/fake-stripe.js';
import { A_CHARGE, A_REFUND, withFakeStripe } from '../support/stripe/stripe-charge.js';

const at = withFakeStripe();

describe('a refund [OWN-5, EXT-6]', () => {
  const refunded = async (amountMinor = 400) => {
    const charged = await at.provider.charge(A_CHARGE);
    if (charged.kind !== 'succeeded') throw new Error(charged.kind);
    return { ...A_REFUND, chargeId: charged.chargeId, amount: { amountMinor, currency: 'USD' } };
  };

  it('is given in part, under our key; pending is as good as given', async () => {
    const refund = await refunded();
    expect(await at.provider.refund(refund)).toEqual({
      kind: 'succeeded',
      refundId: at.stripe.books.refunds[0]?.id,
    });
    const [asked] = at.stripe.asked('POST /v1/refunds');
    expect(asked?.headers['idempotency-key']).toBe('op_2-pay_1');
    expect(at.stripe.books.refunds[0]).toMatchObject({ amount: 400, status: 'pending' });
  });

  it('is given once, though its answer was lost and Stripe has forgotten the key', async () => {
    const refund = await refunded();
    at.stripe.mishaps.push(null, 'dropAfter');
    expect(await at.provider.refund(refund)).toEqual({ kind: 'unknown', why: 'connection' });
    at.stripe.books.forgetKeys();
    expect((await at.provider.refund(refund)).kind).toBe('succeeded');
    expect(at.stripe.books.refunds).toHaveLength(1);
  });

  it('of a charge that was given back by this key is given; by another it is refused', async () => {
    const refund = await refunded(999);
    await at.provider.refund(refund);
    // The look-up came too early to see it; the request did not.
    at.stripe.mishaps.push({ status: 200, body: { object: 'list', data: [], has_more: false, url: '/' } });
    at.stripe.books.forgetKeys();
    expect((await at.provider.refund(refund)).kind).toBe('succeeded');
    const other = at.provider.refund({ ...refund, idempotencyKey: 'op_3-pay_1' });
    await expect(other).rejects.toThrow(new ProviderRefusedError(400, 'charge_already_refunded'));
  });

  it.each<[string, Mishap, string]>([
    ['api_error 500', errors.apiError, 'server_error'],
    ['rate_limit 429', errors.rateLimit, 'server_error'],
    ['a broken connection', 'dropBefore', 'connection'],
  ])('is unknown after %s of the look-up or the request', async (_name, mishap, why) => {
    const refund = await refunded();
    at.stripe.mishaps.push(mishap);
    expect(await at.provider.refund(refund)).toEqual({ kind: 'unknown', why });
    at.stripe.mishaps.push(null, mishap);
    expect(await at.provider.refund(refund)).toEqual({ kind: 'unknown', why });
  });

  it('that the bank sent back is refused, for a person to see to', async () => {
    const refund = await refunded();
    await at.provider.refund(refund);
    Object.assign(at.stripe.books.refunds[0] ?? {}, { status: 'failed' });
    await expect(at.provider.refund(refund)).rejects.toThrow(new ProviderRefusedError(402, 'refund_failed'));
  });
});
