import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { OperationView } from '@commissary/contracts';
import { isEnded } from '@commissary/domain';
import { database, quiet } from '../e2e/support/database.js';
import { eventually } from '../e2e/support/eventually.js';
import { paymentFaults } from '../e2e/support/outside.js';
import { adminOf, newcomer } from '../e2e/support/people.js';
import { type Person } from '../e2e/support/person.js';
import { askQuote, order, PRODUCTS } from '../e2e/support/shop.js';
import { Caller, type PlainAnswer } from './support/at-gateway.js';
import { CARD_NUMBERS, CVV, inGroups, secretsIn } from './support/card-data.js';
import { ensureFaultStack } from './support/fault-stack.js';
import { expectNothingWrong } from './support/nothing-wrong.js';
import { type Service, startGateway, startWorker } from './support/service.js';
import { collections, logs, mails, redisNow, type Sink } from './support/sinks.js';
import { collectionsOf } from '../support/driver.js';

const CARDS = [
  'tok_visa',
  'tok_mastercard',
  'tok_chargeDeclined',
  'tok_insufficientFunds',
  'tok_sca',
  'tok_timeoutThenOk',
  'tok_unavailableThenOk',
] as const;

/** What people write where it does not belong. */
const SECRETS = [
  ...CARD_NUMBERS,
  inGroups(CARD_NUMBERS[0], ' '),
  inGroups(CARD_NUMBERS[1], '-'),
  'tok_visa',
  'tok_5tRayed',
  `CVV ${CVV}`,
] as const;

type Request = [method: string, path: string, body?: unknown, headers?: Record<string, string>];

/** One of them at each place of each request that a buyer makes. */
const byBuyer = (secret: string, mine: string): Request[] => {
  const coded = encodeURIComponent(secret);
  const card = { number: secret, cvv: CVV, cvc: CVV, securityCode: CVV, expiry: '12/30' };
  const wish = { productId: PRODUCTS.powerBiPro, offer: 'purchase', quantity: 1, term: 'P1M' };
  return [
    ['POST', '/v1/payment-methods', { token: `${secret}x` }],
    ['POST', '/v1/payment-methods', { token: 'tok_visa', ...card }],
    ['POST', '/v1/payment-methods', { type: 'card', card }],
    ['POST', '/v1/payment-methods', { type: secret, ...card }],
    ['POST', '/v1/payment-methods', { token: 'tok_visa', [secret]: CVV }],
    ['POST', '/v1/payment-methods', `{"token": "${secret}", "cvv": ${CVV}, ${secret}`],
    ['POST', '/v1/payment-methods', `number=${coded}&cvv=${CVV}`, { 'content-type': 'text/plain' }],
    ['POST', `/v1/payment-methods?number=${coded}&cvv=${CVV}`, { token: 'tok_expired' }],
    ['DELETE', `/v1/payment-methods/${coded}`],
    ['POST', '/v1/quotes', { ...wish, productId: secret }],
    ['POST', '/v1/quotes', { ...wish, offer: secret, quantity: secret, term: secret }],
    ['POST', '/v1/quotes', { ...wish, [secret]: secret }],
    ['POST', '/v1/quotes', wish, { 'idempotency-key': secret.replaceAll(' ', '') }],
    ['POST', '/v1/quotes', wish, { 'request-id': secret.replaceAll(' ', '') }],
    ['POST', '/v1/quotes', wish, { 'user-agent': secret, 'x-forwarded-for': secret, referer: `/?${coded}` }],
    ['POST', '/v1/purchases', { quoteId: secret, paymentMethodId: secret }],
    ['POST', '/v1/purchases', { quoteId: secret, card }],
    ['GET', `/v1/users?q=${coded}`],
    ['GET', `/v1/users?${coded}=${coded}`],
    ['GET', `/v1/users/${coded}`],
    ['GET', `/v1/subscriptions?q=${coded}&purchaser=${coded}&productId=${coded}`],
    ['GET', `/v1/subscriptions?status=${coded}&limit=${coded}&cursor=${coded}`],
    ['GET', `/v1/operations/${coded}?wait=${coded}`],
    ['GET', `/v1/${coded}/${coded}`],
    ['GET', `/v1/%zz${coded}`],
    ['GET', '/v1/me', undefined, { 'commissary-tenant': secret, 'if-none-match': secret }],
    ['GET', '/v1/me', undefined, { authorization: `Bearer ${secret}` }],
    ['GET', `/v1/discovery?email=${coded}`],
    ['GET', `/auth/callback?code=${coded}&state=${coded}`],
    ['POST', `/v1/subscriptions/${mine}/cancel`, { comment: `My card is ${secret}, CVV ${CVV}. Thank you!` }],
    ['POST', `/v1/subscriptions/${mine}/cancel`, { reason: secret, [secret]: secret }],
    ['POST', `/v1/subscriptions/${mine}/licenses`, { users: [secret, `${coded}@contoso.example`] }],
    ['POST', `/v1/subscriptions/${mine}/move`, { targetSubscriptionId: secret }],
  ];
};

const byAdmin = (secret: string): Request[] => {
  const email = `${randomUUID()}@contoso.example`;
  const policies = '/v1/policies/AllowSelfServicePurchase/products';
  return [
    ['POST', '/v1/users', { email, displayName: `Visa ${secret}` }],
    ['POST', '/v1/users', { email, displayName: 'Visa', department: secret }],
    [
      'POST',
      '/v1/users',
      { email, displayName: 'Visa', locale: secret, usageLocation: secret, roles: [secret] },
    ],
    ['PUT', `${policies}/${encodeURIComponent(secret)}`, { policyValue: secret }],
    [
      'PUT',
      `${policies}/${PRODUCTS.powerBiPro}`,
      { policyValue: secret, [secret]: secret },
      { 'if-match': secret },
    ],
    ['POST', '/v1/subscriptions', { productId: secret, quantity: 1, term: 'P1Y' }],
    ['GET', `/v1/audit?actor=${encodeURIComponent(secret)}&action=${encodeURIComponent(secret)}`],
  ];
};

/** Each purchase in its own way: paid, declined, unknown at first. */
const buyWithEach = async (buyer: Person): Promise<OperationView[]> => {
  const operations: OperationView[] = [];
  for (const card of CARDS) operations.push(await order(buyer, { card }));
  return operations;
};

const said = ({ status, problem, text }: PlainAnswer, [method, path]: Request): Sink => ({
  where: `the answer to ${method} ${path.replace(/\?.*/, '?...')}, ${status}`,
  text: problem === null ? '' : text,
});

describe('a card number, CVV or token', () => {
  let sinks: Sink[];
  let problems: Sink[];
  let refused: string[];
  let buyer: Person;
  let operations: OperationView[];
  const services: Service[] = [];

  const sendAll = async (url: string, who: Person, requests: Request[]): Promise<void> => {
    const caller = await Caller.at(url, who.email);
    for (const request of requests) {
      const answer = await caller.send(...request);
      problems.push(said(answer, request));
      refused.push(`${answer.status} ${answer.problem?.code ?? ''}`.trim());
    }
  };

  beforeAll(async () => {
    await ensureFaultStack();
    [problems, refused] = [[], []];
    const { service, url } = await startGateway({}, 'trace');
    services.push(service);
    buyer = await newcomer();
    // Nobody works yet: its jobs are in Redis.
    operations = await buyWithEach(buyer);
    const waiting = await redisNow();
    await paymentFaults({ mode: 'http500', count: 1 });
    services.push(await startWorker({ logLevel: 'trace' }));
    const found = collectionsOf(await database());
    const ids = operations.map(({ id }) => id);
    const ends = await eventually('all has ended', async () => {
      const all = await found.operations.find({ _id: { $in: ids } }).toArray();
      return all.every(({ status }) => isEnded(status)) ? all : undefined;
    });
    const mine = ends.find(({ status }) => status === 'succeeded')?.subscriptionId ?? '';
    const admin = await adminOf('contoso.example');
    for (const secret of SECRETS) {
      await sendAll(url, buyer, byBuyer(secret, mine));
      await sendAll(url, admin, byAdmin(secret));
    }
    await quiet();
    sinks = [...logs(services), ...(await collections()), waiting, await redisNow(), await mails()];
  });
  afterAll(async () => {
    await Promise.all(services.map((service) => service.stop()));
    await expectNothingWrong();
  });

  it('was sent: with each card, and wherever it does not belong', async () => {
    expect(problems.length).toBeGreaterThan(SECRETS.length * 35);
    expect(refused.filter((verdict) => verdict.startsWith('5'))).toEqual([]);
    const found = collectionsOf(await database());
    const ends = await found.operations.find({ _id: { $in: operations.map(({ id }) => id) } }).toArray();
    expect(ends.map(({ error }) => error?.code ?? null).sort()).toEqual(
      [null, null, null, null, 'authentication_required', 'card_declined', 'insufficient_funds'].sort(),
    );
    // The nets are cast where the words go.
    const [id] = operations.map((operation) => operation.id);
    for (const where of [/^the log of process/, /\.operations$/, /^Redis$/]) {
      const net = sinks.filter((sink) => where.test(sink.where));
      expect([where, net.some(({ text }) => text.includes(id!))]).toEqual([where, true]);
    }
    expect(sinks.find(({ where }) => where === 'a mail')?.text).toContain(buyer.email);
    expect(await askQuote(buyer)).toMatchObject({ status: 201 });
  });

  it('is in no log, at the level of trace either [OPS-2] [BUY-3]', () => {
    const found = sinks.filter(({ where }) => where.includes('log ')).flatMap(leaked);
    expect(found).toEqual([]);
  });

  it('is in no job and no key of Redis [BUY-3]', () => {
    expect(sinks.filter(({ where }) => where === 'Redis').flatMap(leaked)).toEqual([]);
  });

  it('is in no document of MongoDB [BUY-3]', () => {
    expect(sinks.filter(({ where }) => where.includes('collection')).flatMap(leaked)).toEqual([]);
  });

  it('is in no mail [MSG-3] [BUY-3]', () => {
    expect(sinks.filter(({ where }) => where === 'a mail').flatMap(leaked)).toEqual([]);
  });

  it('is in no error [EXT-1] [BUY-3]', () => {
    expect(problems.flatMap(leaked)).toEqual([]);
  });
});

const leaked = ({ where, text }: Sink): string[] => secretsIn(where, text);
