import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fetch } from '@commissary/stack/http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { StripeProvider } from '@commissary/payments';
import { A_CHARGE, A_REFUND, SECRET_KEY } from '../support/stripe/stripe-charge.js';
import { startStripeMock, STRIPE_MOCK_WITHIN_MS, type StripeMock } from '../support/stripe/stripe-mock.js';

type Thing = Record<string, unknown>;

/**
 * Stripe's own mock server refuses every parameter that is not in Stripe's OpenAPI document, and answers with whole objects of it. It
 * remembers nothing, so the objects are given the ids and the metadata that were asked for, as Stripe itself would.
 */
let mock: StripeMock | undefined;
let provider: StripeProvider;
let folder: string;

const get = async (url: string): Promise<Thing> => {
  const response = await fetch(url, { headers: { authorization: `Bearer ${SECRET_KEY}` } });
  expect(response.status).toBe(200);
  return (await response.json()) as Thing;
};

const fixturesOf = async ({ url }: StripeMock): Promise<Record<string, Thing>> => ({
  customer: await get(`${url}/v1/customers/cus_1`),
  payment_method: { ...(await get(`${url}/v1/payment_methods/pm_1`)), customer: 'cus_1' },
  refund: {
    ...(await get(`${url}/v1/refunds/re_1`)),
    status: 'succeeded',
    amount: A_REFUND.amount.amountMinor,
    payment_intent: A_REFUND.chargeId,
  },
  payment_intent: {
    ...(await get(`${url}/v1/payment_intents/pi_1`)),
    status: 'succeeded',
    amount: A_CHARGE.amount.amountMinor,
    last_payment_error: null,
    metadata: { orderId: A_CHARGE.orderId, idempotencyKey: A_CHARGE.idempotencyKey },
  },
});

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'commissary-stripe-'));
  const plain = await startStripeMock();
  try {
    const file = path.join(folder, 'fixtures.json');
    await writeFile(file, JSON.stringify({ resources: await fixturesOf(plain) }));
    mock = await startStripeMock(file);
  } finally {
    await plain.stop();
  }
  provider = new StripeProvider({ secretKey: SECRET_KEY, apiUrl: mock.url });
}, STRIPE_MOCK_WITHIN_MS);

afterAll(async () => {
  await mock?.stop();
  await rm(folder, { recursive: true, force: true });
});

describe("against Stripe's own mock server [EXT-6]", () => {
  it.each(['pm_card_visa', 'tok_visa'])('a card is added by %s', async (token) => {
    expect(await provider.registerMethod(token, 'usr_1')).toMatchObject({
      kind: 'registered',
      providerMethodId: expect.stringMatching(/^cus_\w+:pm_\w+$/) as unknown,
      brand: 'visa',
      last4: '4242',
    });
  });

  it('a charge is made, and found again by its key', async () => {
    const charged = await provider.charge(A_CHARGE);
    expect(charged).toEqual({ kind: 'succeeded', chargeId: expect.stringMatching(/^pi_/) as unknown });
    const place = { providerMethodId: A_CHARGE.providerMethodId, since: new Date() };
    expect((await provider.findByKey(A_CHARGE.idempotencyKey, place)).kind).toBe('succeeded');
    expect(await provider.findByKey('another key', place)).toEqual({ kind: 'none' });
  });

  it('a refund is given', async () => {
    const given = { kind: 'succeeded', refundId: expect.stringMatching(/^re_/) as unknown };
    expect(await provider.refund(A_REFUND)).toEqual(given);
  });

  it('an answer about another order is no answer', async () => {
    const other = await provider.charge({ ...A_CHARGE, orderId: 'ord_2' });
    expect(other).toEqual({ kind: 'unknown', why: 'unreadable' });
  });

  it('a parameter that Stripe does not know is refused, so that the tests above say something', async () => {
    const response = await fetch(`${mock?.url ?? ''}/v1/payment_intents`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${SECRET_KEY}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: 'amount=1&currency=usd&confirm_at_once=true',
    });
    expect(response.status).toBe(400);
  });
});
