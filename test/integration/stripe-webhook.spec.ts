import { createHmac, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { OperationView, PaymentMethodView, QuoteView } from '@commissary/contracts';
import { StripeProvider } from '@commissary/payments';
import { createLogger } from '@commissary/platform';
import type { OperationDocument } from '@commissary/store';
import { Redis } from 'ioredis';
import type { Collection } from 'mongodb';
import { aWorker, type TestWorker } from '../support/fixtures/worker.js';
import { openShop, POWER_BI_PRO, post, type Shop } from '../support/gateway/shop.js';
import { FakeStripe } from '../support/stripe/fake-stripe.js';
import { collectionsOf } from '../support/driver.js';

const SECRET_KEY = 'sk_test_secretOfThisTest';
const WEBHOOK_SECRET = 'whsec_secretOfThisTest';
const TOKEN = 'tok_secretOfThisTest';
const PATH = '/v1/provider-webhooks/stripe';
const HOUR_MS = 3_600_000;

let stripe: FakeStripe;
let shop: Shop;
let worker: TestWorker;
const logLines: string[] = [];

beforeAll(async () => {
  stripe = await FakeStripe.start();
  const settings = { PAYMENTS: 'stripe', STRIPE_SECRET_KEY: SECRET_KEY, STRIPE_API_URL: stripe.url };
  const logger = createLogger('gateway', 'trace', { write: (line: string) => void logLines.push(line) });
  shop = await openShop({ ...settings, STRIPE_WEBHOOK_SECRET: WEBHOOK_SECRET }, {}, logger);
  const provider = new StripeProvider({ secretKey: SECRET_KEY, apiUrl: stripe.url });
  worker = await aWorker(shop.gateway, { provider });
});

afterAll(async () => {
  await worker.close();
  await shop.gateway.close();
  await stripe.stop();
});

const operations = () => collectionsOf(shop.gateway.database).operations;

/** A purchase as its buyer makes one, not yet looked at by a worker. */
const buy = async (): Promise<OperationDocument> => {
  const { buyer } = shop;
  const token = `${TOKEN}${randomUUID().replaceAll('-', '')}`;
  const card = await post<PaymentMethodView>(shop, buyer, '/v1/payment-methods', { token });
  const asked = { productId: POWER_BI_PRO, offer: 'purchase', quantity: 2, term: 'P1M' };
  const quote = await post<QuoteView>(shop, buyer, '/v1/quotes', asked);
  const order = { quoteId: quote.body.id, paymentMethodId: card.body.id };
  const { body, status } = await post<OperationView>(shop, buyer, '/v1/purchases', order);
  expect(status).toBe(202);
  return current(body.id);
};

const current = async (id: string): Promise<OperationDocument> => {
  const operation = await operations().findOne({ _id: id });
  if (!operation) throw new Error(`no ${id}`);
  return operation;
};

/** Charged, but the answer was lost: it backs off, for an hour, so that only a webhook can be what wakes it. */
const buyAndLoseTheAnswer = async (): Promise<OperationDocument> => {
  const operation = await buy();
  stripe.mishaps.push('dropAfter');
  await worker.handle(operation);
  const later = new Date(Date.now() + HOUR_MS);
  await operations().updateOne({ _id: operation._id }, { $set: { nextRunAt: later } });
  return current(operation._id);
};

const newsOf = (type: string, object: unknown) =>
  JSON.stringify({ id: `evt_${type}`, object: 'event', type, data: { object } });

/** By Stripe's documentation of its signatures, not by its package. */
const signatureOf = (payload: string, secret: string): string => {
  const at = Math.floor(Date.now() / 1000);
  return `t=${at},v1=${createHmac('sha256', secret).update(`${at}.${payload}`).digest('hex')}`;
};

const deliver = (payload: string, headers: Record<string, string> = {}, secret = WEBHOOK_SECRET) =>
  shop.gateway.ask('POST', PATH, {
    body: payload,
    headers: {
      'stripe-signature': signatureOf(payload, secret),
      ...headers,
    },
  });

describe('a webhook of Stripe [EXT-6, BUY-6]', () => {
  it('wakes the purchase that waits for the outcome, which asks Stripe itself and is charged once', async () => {
    const waiting = await buyAndLoseTheAnswer();
    expect(waiting).toMatchObject({ status: 'running', lease: null, providerFailures: 1 });
    const before = stripe.books.intents.length;
    expect((await deliver(newsOf('payment_intent.succeeded', stripe.books.intents[0]))).status).toBe(200);
    expect((await current(waiting._id)).nextRunAt.getTime()).toBeLessThan(Date.now() + HOUR_MS / 2);

    // No dispatcher runs here: the job is the webhook's own.
    const processor = worker.processor('purchases');
    processor.start();
    const { body } = await shop.gateway.as<OperationView>(
      shop.buyer,
      'GET',
      `/v1/operations/${waiting._id}?wait=20`,
    );
    expect(body).toMatchObject({ status: 'succeeded' });
    expect(stripe.books.intents).toHaveLength(before);
    await processor.stop();
  });

  it('that comes again, or too late, changes nothing', async () => {
    const waiting = await buyAndLoseTheAnswer();
    const news = newsOf('payment_intent.succeeded', stripe.books.intents[0]);
    await deliver(news);
    await worker.handle(waiting);
    const ended = await current(waiting._id);
    expect(ended.status).toBe('succeeded');
    for (let times = 0; times < 3; times += 1) expect((await deliver(news)).status).toBe(200);
    expect(await current(waiting._id)).toEqual(ended);
  });

  it('wakes nothing that waits for something else, or is at work', async () => {
    const waiting = await buyAndLoseTheAnswer();
    const news = newsOf('payment_intent.succeeded', stripe.books.intents[0]);
    const lease = { until: new Date(Date.now() + HOUR_MS), worker: 'another' };
    for (const state of [
      { lease },
      { lease: null, status: 'parked' as const },
      { status: 'running' as const, providerFailingSince: null },
    ]) {
      await operations().updateOne({ _id: waiting._id }, { $set: state });
      expect((await deliver(news)).status).toBe(200);
      expect((await current(waiting._id)).nextRunAt).toEqual(waiting.nextRunAt);
    }
  });

  it('says of a declined card what Stripe says, not what the webhook says', async () => {
    const waiting = await buyAndLoseTheAnswer();
    const [intent] = stripe.books.intents;
    await deliver(newsOf('payment_intent.payment_failed', { ...intent, status: 'requires_payment_method' }));
    await worker.handle(waiting);
    expect((await current(waiting._id)).status).toBe('succeeded');
  });

  it.each([
    ['an event nobody waits for', newsOf('customer.created', { id: 'cus_1' })],
    [
      'a payment that is not ours',
      newsOf('payment_intent.succeeded', { metadata: { idempotencyKey: 'unknown' } }),
    ],
    ['a payment without metadata', newsOf('payment_intent.succeeded', { metadata: {} })],
  ])('%s is taken and ignored', async (_name, news) => {
    expect((await deliver(news)).status).toBe(200);
  });

  it.each<[string, Record<string, string>, string]>([
    ['by another secret', {}, 'whsec_another'],
    ['that is none', { 'stripe-signature': 'none' }, WEBHOOK_SECRET],
    ['of long ago', { 'stripe-signature': 't=1600000000,v1=0' }, WEBHOOK_SECRET],
  ])('a signature %s is refused', async (_name, headers, secret) => {
    const waiting = await buyAndLoseTheAnswer();
    const news = newsOf('payment_intent.succeeded', stripe.books.intents[0]);
    const refused = await deliver(news, headers, secret);
    expect(refused).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    expect(refused.headers.get('content-type')).toMatch('application/problem+json');
    expect((await current(waiting._id)).nextRunAt).toEqual(waiting.nextRunAt);
  });

  it('without a body, of another type or too large is refused', async () => {
    expect((await shop.gateway.ask('POST', PATH)).status).toBe(400);
    expect((await deliver('')).status).toBe(400);
    expect((await deliver('{"id"')).status).toBe(400);
    expect((await deliver('a=b', { 'content-type': 'application/x-www-form-urlencoded' })).status).toBe(415);
    expect((await deliver(newsOf('customer.created', 'x'.repeat(1_100_000)))).status).toBe(413);
  });
});

describe('a card that Stripe refuses [BUY-3]', () => {
  it('is refused by name, and nothing is kept', async () => {
    const add = (token: string) => post(shop, shop.buyer, '/v1/payment-methods', { token });
    const before = await collectionsOf(shop.gateway.database).paymentMethods.countDocuments();
    expect(await add('no_token')).toMatchObject({
      status: 400,
      body: { errors: [{ rule: 'token_unknown' }] },
    });
    stripe.mishaps.push('dropBefore');
    expect(await add(TOKEN)).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    expect(await collectionsOf(shop.gateway.database).paymentMethods.countDocuments()).toBe(before);
  });
});

describe("Stripe's secrets [OPS-2, FAULTS 14]", () => {
  it('are in no log, document or job, and neither is a token', async () => {
    const { database, services } = shop.gateway;
    const collections = Object.values<unknown>({ ...collectionsOf(database) }) as Collection[];
    const documents = await Promise.all(collections.map((collection) => collection.find().toArray()));
    const redis = new Redis(services.redisUrl);
    const keys = await redis.keys(`{${services.queuePrefix}:*`);
    const hashes = await Promise.all(
      keys.map(async (key) => ((await redis.type(key)) === 'hash' ? redis.hgetall(key) : key)),
    );
    redis.disconnect();
    expect(logLines.length).toBeGreaterThan(20);
    expect(hashes.length).toBeGreaterThan(3);
    const everything = JSON.stringify([logLines, documents, hashes]);
    expect(everything).toContain('cus_fake');
    expect(everything).not.toContain('secretOfThisTest');
    expect(everything).not.toMatch(/client_secret|v1=[0-9a-f]{8}/);
  });
});

describe('while the simulator is used', () => {
  it('there is no such route', async () => {
    const other = await openShop();
    const { status, body } = await other.gateway.ask('POST', PATH, { body: newsOf('customer.created', {}) });
    expect({ status, code: body.code }).toEqual({ status: 404, code: 'not_found' });
    await other.gateway.close();
  });
});
