import { describe, expect, it } from '@jest/globals';
import { DomainError } from '@commissary/domain';
import { ProviderRefusedError } from '@commissary/payments';
import errors from '../support/stripe/documented-errors.json' with { type: 'json' };
import type { Mishap } from '../support/stripe/fake-stripe.js';
import { withFakeStripe } from '../support/stripe/stripe-charge.js';

const at = withFakeStripe();

describe('a card is added [BUY-3, EXT-6]', () => {
  it.each(['pm_fromStripeJs', 'tok_visa'])('%s: becomes the card of a customer of its own', async (token) => {
    const method = await at.provider.registerMethod(token, 'usr_1');
    expect(method).toMatchObject({
      kind: 'registered',
      brand: 'visa',
      last4: '4242',
      expiresAt: new Date('2032-02-29T23:59:59.000Z'),
      providerMethodId: expect.stringMatching(/^cus_fake\d+:pm_\w+$/) as unknown,
    });
    expect(at.stripe.asked('POST /v1/customers')[0]?.params.get('metadata[userId]')).toBe('usr_1');
  });

  it('twice by its owner is one customer; by somebody else it is refused', async () => {
    at.stripe.mishaps.push('dropAfter');
    await expect(at.provider.registerMethod('pm_mine', 'usr_1')).rejects.toThrow(DomainError);
    const method = await at.provider.registerMethod('pm_mine', 'usr_1');
    expect(method).toEqual(await at.provider.registerMethod('pm_mine', 'usr_1'));
    expect(await at.provider.registerMethod('pm_mine', 'usr_2')).toEqual({
      kind: 'refused',
      reason: 'token_unknown',
    });
  });

  it.each<[string, Mishap, string]>([
    ['expired', errors.expiredCard, 'card_expired'],
    ['declined by its issuer', errors.lostCard, 'card_declined'],
    ['not there', errors.noSuchPaymentMethod, 'token_unknown'],
    ['used before', errors.tokenUsed, 'token_unknown'],
    ["another's", errors.alreadyAttached, 'token_unknown'],
  ])('that is %s is refused', async (_name, mishap, reason) => {
    at.stripe.mishaps.push(mishap);
    expect(await at.provider.registerMethod('pm_any')).toEqual({ kind: 'refused', reason });
  });

  it.each(['4242424242424242', 'pm_', 'tok_ 1', 'cus_1', '../charges', ''])(
    '%j is not asked about',
    async (token) => {
      expect(await at.provider.registerMethod(token)).toEqual({ kind: 'refused', reason: 'token_unknown' });
      expect(at.stripe.seen).toEqual([]);
    },
  );

  it('that is no card is refused', async () => {
    at.stripe.mishaps.push(null, {
      status: 200,
      body: { object: 'list', data: [], has_more: false, url: '/' },
    });
    expect(await at.provider.registerMethod('pm_sepa')).toEqual({ kind: 'refused', reason: 'token_unknown' });
  });

  it.each<[string, Mishap]>([
    ['Stripe is away', 'dropBefore'],
    ['Stripe has too much to do', errors.rateLimit],
    ['Stripe fails', errors.apiError],
  ])('while %s: unavailable', async (_name, mishap) => {
    at.stripe.mishaps.push(mishap);
    await expect(at.provider.registerMethod('pm_any')).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('with a bad key of Stripe: thrown, without the key or the token', async () => {
    at.stripe.mishaps.push(errors.invalidKey);
    const error: unknown = await at.provider.registerMethod('pm_secret').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ProviderRefusedError);
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toMatch(/sk_test|pm_secret/);
  });
});
