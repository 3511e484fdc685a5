import { afterEach, beforeEach } from '@jest/globals';
import { type ChargeRequest, type RefundRequest, StripeProvider } from '@commissary/payments';
import { FakeStripe } from './fake-stripe.js';

export const SECRET_KEY = 'sk_test_000000000000000000000000';
const TIMEOUT_MS = 300;

/** A fresh Stripe and the provider that speaks to it, for each test. */
export const withFakeStripe = (): { stripe: FakeStripe; provider: StripeProvider } => {
  const both = {} as { stripe: FakeStripe; provider: StripeProvider };
  beforeEach(async () => {
    both.stripe = await FakeStripe.start();
    const options = { secretKey: SECRET_KEY, apiUrl: both.stripe.url, timeoutMs: TIMEOUT_MS };
    both.provider = new StripeProvider(options);
  });
  afterEach(() => both.stripe.stop());
  return both;
};

export const A_CHARGE: ChargeRequest = {
  idempotencyKey: 'op_1-pay_1',
  providerMethodId: 'cus_1:pm_1',
  orderId: 'ord_1',
  amount: { amountMinor: 999, currency: 'USD' },
};

export const A_REFUND: RefundRequest = {
  idempotencyKey: 'op_2-pay_1',
  chargeId: 'pi_1',
  amount: { amountMinor: 400, currency: 'USD' },
};

/** Of `A_CHARGE`, as Stripe answers it. */
export const anIntent = (changes: object = {}) => ({
  id: 'pi_1',
  object: 'payment_intent',
  created: 1,
  amount: 999,
  currency: 'usd',
  customer: 'cus_1',
  metadata: { orderId: 'ord_1', idempotencyKey: 'op_1-pay_1' },
  status: 'succeeded',
  last_payment_error: null,
  ...changes,
});
