import { describe, expect, it } from '@jest/globals';
import { type ChargeRequest, ProviderRefusedError } from '@commissary/payments';
import errors from '../support/stripe/documented-errors.json' with { type: 'json' };
import { A_CHARGE, anIntent, withFakeStripe } from '../support/stripe/stripe-charge.js';

const at = withFakeStripe();

const find = (request: ChargeRequest = A_CHARGE) => at.provider.findByKey(request.idempotencyKey, request);

const withCard = (paymentMethod: string): ChargeRequest => ({
  ...A_CHARGE,
  providerMethodId: `cus_1:${paymentMethod}`,
});

describe('findByKey [BUY-6]', () => {
  it('finds none before, and the charge after', async () => {
    expect(await find()).toEqual({ kind: 'none' });
    const charged = await at.provider.charge(A_CHARGE);
    expect(await find()).toEqual(charged);
  });

  it.each(['silenceAfter', 'dropAfter', 'html502'] as const)(
    '%s: charged once, whatever is asked',
    async (lost) => {
      at.stripe.mishaps.push(lost);
      expect((await at.provider.charge(A_CHARGE)).kind).toBe('unknown');
      const found = await find();
      const charged = found.kind === 'none' ? await at.provider.charge(A_CHARGE) : found;
      expect(charged.kind).toBe('succeeded');
      expect(at.stripe.books.intents).toHaveLength(1);
    },
  );

  it('finds the charge when Stripe has forgotten the key', async () => {
    at.stripe.mishaps.push('dropAfter');
    await at.provider.charge(A_CHARGE);
    at.stripe.books.forgetKeys();
    expect(await find()).toEqual({ kind: 'succeeded', chargeId: at.stripe.books.intents[0]?.id });
  });

  it('finds a charge that Stripe itself answers 500 for', async () => {
    await at.provider.charge(A_CHARGE);
    at.stripe.mishaps.push(errors.apiError);
    expect((await at.provider.charge(A_CHARGE)).kind).toBe('unknown');
    expect((await find()).kind).toBe('succeeded');
  });

  it.each([
    ['pm_insufficient', { kind: 'declined', code: 'insufficient_funds', soft: true }],
    ['pm_lost', { kind: 'declined', code: 'card_declined', soft: false }],
    ['pm_sca', { kind: 'declined', code: 'authentication_required', soft: true }],
  ])('finds the decline of %s as that decline', async (card, decline) => {
    at.stripe.mishaps.push('dropAfter');
    await at.provider.charge(withCard(card));
    expect(await find(withCard(card))).toEqual(decline);
    expect(await at.provider.charge(withCard(card))).toEqual(decline);
  });

  it('looks through every page of the card, and at nothing before the payment', async () => {
    const charged = await at.provider.charge(A_CHARGE);
    for (let n = 0; n < 120; n += 1) {
      at.stripe.books.intents.unshift(
        anIntent({ id: `pi_later${n}`, created: Math.floor(Date.now() / 1000), metadata: {} }),
      );
    }
    expect(await find()).toEqual(charged);
    expect(at.stripe.asked('GET /v1/payment_intents')).toHaveLength(2);
    const since = (ms: number) => ({
      providerMethodId: A_CHARGE.providerMethodId,
      since: new Date(Date.now() + ms),
    });
    expect(await at.provider.findByKey(A_CHARGE.idempotencyKey, since(0))).toEqual(charged);
    expect(await at.provider.findByKey(A_CHARGE.idempotencyKey, since(24 * 3_600_000))).toEqual({
      kind: 'none',
    });
  });

  it.each<[string, object[], object]>([
    ['never confirmed', [anIntent({ status: 'requires_confirmation' })], { kind: 'none' }],
    ['never tried', [anIntent({ status: 'requires_payment_method' })], { kind: 'none' }],
    ['under way', [anIntent({ status: 'processing' })], { kind: 'unknown', why: 'pending' }],
    [
      'declined, then charged, under one key',
      [anIntent({ status: 'canceled' }), anIntent({ id: 'pi_2' }), anIntent({ status: 'processing' })],
      { kind: 'succeeded', chargeId: 'pi_2' },
    ],
    [
      'of a shape that is not known',
      [{ ...anIntent(), amount: 'much' }],
      { kind: 'unknown', why: 'unreadable' },
    ],
  ])('an intent %s', async (_name, data, found) => {
    at.stripe.mishaps.push({ status: 200, body: { object: 'list', data, has_more: false, url: '/' } });
    expect(await find()).toEqual(found);
  });

  it('a list that breaks off proves nothing', async () => {
    at.stripe.mishaps.push({
      status: 200,
      body: {
        object: 'list',
        data: [anIntent({ metadata: {} })],
        has_more: true,
        url: '/v1/payment_intents',
      },
    });
    at.stripe.mishaps.push(errors.apiError);
    expect(await find()).toEqual({ kind: 'unknown', why: 'server_error' });
  });

  it('of a card that another provider keeps is refused', async () => {
    const place = { providerMethodId: 'pm_of_the_simulator' };
    await expect(at.provider.findByKey('op_1-pay_1', place)).rejects.toThrow(ProviderRefusedError);
  });
});
