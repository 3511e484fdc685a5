import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { OperationView, QuoteView } from '@commissary/contracts';
import { isEnded } from '@commissary/domain';
import type { OperationDocument } from '@commissary/store';
import { database } from '../e2e/support/database.js';
import { eventually } from '../e2e/support/eventually.js';
import { chargesOf } from '../e2e/support/outside.js';
import { newcomer } from '../e2e/support/people.js';
import { must, type Person } from '../e2e/support/person.js';
import { addCard, askQuote, PRODUCTS } from '../e2e/support/shop.js';
import { stack } from '../e2e/support/stack.js';
import { Caller, type PlainAnswer, plainVerdict } from './support/at-gateway.js';
import { ensureFaultStack } from './support/fault-stack.js';
import { expectNothingWrong } from './support/nothing-wrong.js';
import { type Service, startGateway, startWorker } from './support/service.js';
import { collectionsOf } from '../support/driver.js';

const MANY = 100;

/** Two gateways and two workers. */
let urls: string[];
let workers: Service[];

beforeAll(async () => {
  await ensureFaultStack();
  const [{ url }, ...started] = await Promise.all([
    startGateway(),
    startWorker({ queues: ['purchases'] }),
    startWorker({ queues: ['purchases'] }),
  ]);
  urls = [url, stack().gatewayUrl];
  workers = started;
});
/** As many requests as bodies, all at once, by turns at either gateway. */
const atOnce = async (
  who: Person,
  bodies: readonly unknown[],
  keyOf: () => string,
): Promise<PlainAnswer[]> => {
  const callers = await Promise.all(urls.map((url) => Caller.at(url, who.email)));
  return Promise.all(
    bodies.map((body, i) =>
      callers[i % callers.length]!.post('/v1/purchases', body, { 'idempotency-key': keyOf() }),
    ),
  );
};

const counted = (answers: readonly PlainAnswer[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const verdict of answers.map(plainVerdict)) counts[verdict] = (counts[verdict] ?? 0) + 1;
  return counts;
};

/** All purchases that this person has asked for, once they have ended. */
const operationsOf = (who: Person): Promise<OperationDocument[]> =>
  eventually(`the purchases of ${who.email} have ended`, async () => {
    const collections = collectionsOf(await database());
    const all = await collections.operations.find({ 'requestedBy.userId': who.userId }).toArray();
    return all.every(({ status }) => isEnded(status)) ? all : undefined;
  });

/** What came of it: one order that stands, one subscription, and so many charges. */
const expectOne = async (who: Person, status: 'paid' | 'free'): Promise<void> => {
  const collections = collectionsOf(await database());
  const [orders, subscriptions] = await Promise.all([
    collections.orders.find({ userId: who.userId }).toArray(),
    collections.subscriptions.find({ purchaserId: who.userId }).toArray(),
  ]);
  expect(orders.map((order) => order.status)).toEqual([status]);
  expect(subscriptions.map(({ _id }) => _id)).toEqual([orders[0]?.subscriptionId]);
  const charges = await chargesOf(orders[0]?._id ?? '');
  expect(charges.map((charge) => charge.status)).toEqual(status === 'paid' ? ['succeeded'] : []);
};

const cardAndQuote = async (buyer: Person) => {
  const [card, quote] = await Promise.all([addCard(buyer), must(201, askQuote(buyer))]);
  return { quoteId: quote.id, paymentMethodId: card.id };
};

describe('what is asked for many times, at two gateways at once', () => {
  afterAll(async () => {
    await Promise.all(workers.map((worker) => worker.stop()));
    await expectNothingWrong();
  });

  it(`${MANY} identical purchases are one order, and have ${MANY} equal answers [EXT-1] [BUY-4]`, async () => {
    const buyer = await newcomer();
    const [body, key] = [await cardAndQuote(buyer), randomUUID()];
    const answers = await atOnce(buyer, Array(MANY).fill(body), () => key);
    expect(counted(answers)).toEqual({ '202': MANY });
    expect(new Set(answers.map(({ text, location }) => `${location} ${text}`)).size).toBe(1);
    const operations = await operationsOf(buyer);
    expect(operations.map(({ _id }) => _id)).toEqual([(JSON.parse(answers[0]!.text) as OperationView).id]);
    await expectOne(buyer, 'paid');
  });

  it(`${MANY} purchases on one quote with keys of their own are one order [BUY-2]`, async () => {
    const buyer = await newcomer();
    const body = await cardAndQuote(buyer);
    const answers = await atOnce(buyer, Array(MANY).fill(body), randomUUID);
    expect(counted(answers)).toEqual({ '202': 1, '409 quote_used': MANY - 1 });
    expect(await operationsOf(buyer)).toHaveLength(1);
    await expectOne(buyer, 'paid');
  });

  it.each([
    ['without a card', PRODUCTS.powerApps, false],
    ['with a card', PRODUCTS.visioPlan1, true],
  ])(
    `${MANY} trials %s of one person, each with a quote and a key of its own, are one trial [BUY-8]`,
    async (_what, productId, withCard) => {
      const buyer = await newcomer();
      const card = withCard ? await addCard(buyer) : null;
      const wish = { productId, offer: 'trial', quantity: 5 };
      const quotes = await Promise.all(
        Array.from({ length: MANY }, () => must(201, buyer.post<QuoteView>('/v1/quotes', wish))),
      );
      const bodies = quotes.map(({ id }) => ({ quoteId: id, ...(card && { paymentMethodId: card.id }) }));
      const answers = await atOnce(buyer, bodies, randomUUID);
      const { '202': accepted = 0, '403 not_eligible': refused = 0 } = counted(answers);
      expect([accepted > 0, accepted + refused]).toEqual([true, MANY]);
      const operations = await operationsOf(buyer);
      const had = operations.filter(({ status }) => status === 'succeeded');
      const others = operations.filter(({ status }) => status !== 'succeeded');
      expect([had.length, others.length]).toEqual([1, accepted - 1]);
      for (const { status, error } of others) {
        expect({ status, error }).toMatchObject({
          status: 'rejected',
          error: { code: 'not_eligible', reasons: ['trial_used'] },
        });
      }
      await expectOne(buyer, 'free');
    },
  );
});
