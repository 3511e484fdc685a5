import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type OperationView, QUEUES } from '@commissary/contracts';
import { newId } from '@commissary/platform';
import { queuePrefix } from '@commissary/queue';
import { Queue } from 'bullmq';
import { seed } from '../e2e/support/commands.js';
import { database } from '../e2e/support/database.js';
import { ended } from '../e2e/support/operations.js';
import { chargesOf } from '../e2e/support/outside.js';
import { adminOf, person, tokenOf } from '../e2e/support/people.js';
import { must, type Person } from '../e2e/support/person.js';
import { addCard, askQuote, purchaseOutcome } from '../e2e/support/shop.js';
import { stack } from '../e2e/support/stack.js';
import { ensureFaultStack, FULL } from './support/fault-stack.js';
import { figure, spread } from './support/figures.js';
import { expectNothingWrong } from './support/nothing-wrong.js';
import { seededFor } from './support/seed.js';
import { startGateway, startWorker } from './support/service.js';
import { collectionsOf } from '../support/driver.js';

const STOPS = FULL ? 50 : 2;
const STOPS_WITHIN_MS = 30_000;
const PER_STOP = 10;

let buyer: Person;

beforeAll(async () => {
  await ensureFaultStack();
  buyer = await person('casey@contoso.example');
});
afterEach(expectNothingWrong);

const bodies = (count: number) =>
  Promise.all(
    Array.from({ length: count }, async () => {
      const [card, quote] = await Promise.all([addCard(buyer), must(201, askQuote(buyer))]);
      return { quoteId: quote.id, paymentMethodId: card.id };
    }),
  );

/** Jobs that are marked as being at work, by the queue. */
const jobsAtWork = async (): Promise<Record<string, number>> => {
  const { hostname, port } = new URL(stack().redisUrl);
  const counts = await Promise.all(
    QUEUES.map(async (name) => {
      const queue = new Queue(name, {
        connection: { host: hostname, port: Number(port) },
        prefix: queuePrefix('commissary', name),
      });
      try {
        return [name, await queue.getActiveCount()] as const;
      } finally {
        await queue.close();
      }
    }),
  );
  return Object.fromEntries(counts);
};

const NOBODY_AT_WORK = Object.fromEntries(QUEUES.map((name) => [name, 0]));

describe('SIGTERM under load [OPS-3]', () => {
  it(`to a worker, ${STOPS} times: it exits within 30 s, leaves no job behind, and no work is lost`, async () => {
    const random = seededFor('a worker is told to stop');
    const admin = await adminOf('contoso.example');
    const { sourceSubscriptionId, targetSubscriptionId } = await seed(STOPS * 2_000);
    const move = await must(
      202,
      admin.post<OperationView>(`/v1/subscriptions/${sourceSubscriptionId}/move`, { targetSubscriptionId }),
    );
    const accepted: OperationView[] = [];
    const took: number[] = [];
    for (let stop = 0; stop < STOPS; stop += 1) {
      const wanted = await bodies(PER_STOP);
      const worker = await startWorker({ failpoints: { 'move.chunk': 'delay:200' } });
      const posting = wanted.map(async (body) => {
        await delay(random.int(0, 300));
        accepted.push(await must(202, buyer.post<OperationView>('/v1/purchases', body)));
      });
      await delay(random.int(50, 600));
      const { code, tookMs } = await worker.stop();
      await Promise.all(posting);
      expect(code).toBe(0);
      expect(tookMs).toBeLessThan(STOPS_WITHIN_MS);
      took.push(tookMs);
      expect(await jobsAtWork()).toEqual(NOBODY_AT_WORK);
      const collections = collectionsOf(await database());
      expect(await collections.operations.countDocuments({ lease: { $ne: null } })).toBe(0);
    }
    figure(`a worker's stop: ${spread(took)}`);
    const worker = await startWorker();
    const ends = await Promise.all(accepted.map((operation) => ended(buyer, operation)));
    const charges = await Promise.all(ends.map((end) => chargesOf(purchaseOutcome(end).orderId)));
    expect(charges.map((each) => each.length)).toEqual(ends.map(() => 1));
    expect((await ended(admin, move)).status).toBe('succeeded');
    await worker.stop();
  });

  it(`to a gateway, ${STOPS} times: what it took is answered, and every 2xx is there`, async () => {
    const random = seededFor('a gateway is told to stop');
    const authorization = `Bearer ${await tokenOf(buyer.email)}`;
    const collections = collectionsOf(await database());
    const took: number[] = [];
    for (let stop = 0; stop < STOPS; stop += 1) {
      const wanted = await bodies(PER_STOP);
      const { service, url } = await startGateway();
      const answers = wanted.map(async (body) => {
        await delay(random.int(0, 200));
        const headers = {
          authorization,
          'content-type': 'application/json',
          'idempotency-key': newId('req'),
        };
        const sent = { method: 'POST', headers, body: JSON.stringify(body) };
        // Refused, or cut off before it was read: such a request must not have been taken. The connections are pooled, as a real client's are.
        const response = await globalThis.fetch(`${url}/v1/purchases`, sent).catch(() => null);
        return response === null
          ? null
          : { status: response.status, body: (await response.json()) as OperationView };
      });
      await delay(random.int(0, 200));
      const { code, tookMs } = await service.stop();
      expect(code).toBe(0);
      expect(tookMs).toBeLessThan(STOPS_WITHIN_MS);
      took.push(tookMs);
      const given = (await Promise.all(answers)).filter((answer) => answer !== null);
      expect(given.filter(({ status }) => status !== 202 && status !== 503)).toEqual([]);
      const ids = given.filter(({ status }) => status === 202).map(({ body }) => body.id);
      expect(await collections.operations.countDocuments({ _id: { $in: ids } })).toBe(ids.length);
      // What was not answered 202 was not taken either.
      const quotes = wanted.map(({ quoteId }) => quoteId);
      const taken = await collections.operations.countDocuments({ 'request.quoteId': { $in: quotes } });
      expect(taken).toBe(ids.length);
    }
    figure(`a gateway's stop: ${spread(took)}`);
    const worker = await startWorker();
    const { items } = await must(
      200,
      buyer.get<{ items: OperationView[] }>('/v1/operations?status=accepted'),
    );
    await Promise.all(items.map((operation) => ended(buyer, operation)));
    await worker.stop();
  });
});
