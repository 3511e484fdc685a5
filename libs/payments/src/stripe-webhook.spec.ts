import { describe, expect, it } from '@jest/globals';
import Stripe from 'stripe';
import { readStripeNotice } from './stripe-webhook.js';

const SECRET = 'whsec_of_a_test';
const NOW = new Date('2026-03-01T12:00:00.000Z');

const event = (type: string, metadata: unknown = { idempotencyKey: 'op_1-pay_1', orderId: 'ord_1' }) =>
  JSON.stringify({
    id: 'evt_1',
    object: 'event',
    api_version: '2026-10-28.endive',
    type,
    data: { object: { id: 'pi_1', object: 'payment_intent', metadata } },
  });

const signed = (payload: string, secret = SECRET, at = NOW): string =>
  Stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp: at.getTime() / 1000 });

const later = (seconds: number): Date => new Date(NOW.getTime() + seconds * 1000);

describe("Stripe's webhook [EXT-6]", () => {
  it.each(['payment_intent.succeeded', 'payment_intent.payment_failed', 'charge.refunded'])(
    '%s names the charge by our key',
    (type) => {
      const body = event(type);
      const notice = { eventId: 'evt_1', type, idempotencyKey: 'op_1-pay_1' };
      expect(readStripeNotice(body, signed(body), SECRET, NOW)).toEqual(notice);
    },
  );

  it.each([
    ['another event', event('customer.created')],
    ['a payment of somebody else', event('payment_intent.succeeded', {})],
    ['a charge without metadata', event('charge.succeeded', null)],
    ['an object as a key', event('payment_intent.succeeded', { idempotencyKey: { $ne: null } })],
  ])('%s concerns nobody', (_name, body) => {
    expect(readStripeNotice(body, signed(body), SECRET, NOW)).toMatchObject({ idempotencyKey: null });
  });

  it('a signature holds for 300 seconds', () => {
    const body = event('payment_intent.succeeded');
    expect(readStripeNotice(body, signed(body), SECRET, later(300))).not.toBeNull();
    expect(readStripeNotice(body, signed(body), SECRET, later(301))).toBeNull();
  });

  const body = event('payment_intent.succeeded');
  it.each<[string, string, string | undefined]>([
    ['by another secret', body, signed(body, 'whsec_of_another')],
    ['of another body', event('payment_intent.canceled'), signed(body)],
    ['of the body but for a space', `${body} `, signed(body)],
    ['of another scheme', body, signed(body).replace('v1=', 'v0=')],
    ['of another time', body, signed(body).replace(/t=\d+/, `t=${String(later(60).getTime() / 1000)}`)],
    ['that is none', body, 'nonsense'],
    ['that is empty', body, ''],
    ['that is missing', body, undefined],
    ['of no JSON', 'no json', signed('no json')],
    ['of no event', '[]', signed('[]')],
    ['of nothing', '', signed('')],
  ])('a signature %s is refused', (_name, given, signature) => {
    expect(readStripeNotice(given, signature, SECRET, NOW)).toBeNull();
  });
});
