import { randomUUID } from 'node:crypto';
import { fetch } from '@commissary/stack/http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { OperationView, QueueName } from '@commissary/contracts';
import { FAILPOINT_NAMES, type FailpointName } from '@commissary/platform';
import { database } from '../e2e/support/database.js';
import { succeeded } from '../e2e/support/operations.js';
import { chargesOf } from '../e2e/support/outside.js';
import { adminOf, newcomer, newUser, tokenOf } from '../e2e/support/people.js';
import { must, type Person } from '../e2e/support/person.js';
import { addCard, askQuote, assign, buy, central, purchaseOutcome } from '../e2e/support/shop.js';
import { ensureFaultStack, FULL } from './support/fault-stack.js';
import { expectNothingWrong } from './support/nothing-wrong.js';
import { persist } from './support/persistent.js';
import { seededFor } from './support/seed.js';
import { type FailpointSettings, type Service, startGateway, startWorker } from './support/service.js';
import { collectionsOf } from '../support/driver.js';

type Dying = { queue: QueueName; point: FailpointName };

const startingWith = (...starts: string[]): FailpointName[] =>
  FAILPOINT_NAMES.filter((name) => starts.some((start) => name.startsWith(start)));

/** Passed by moves of many alone, which go in two halves; `integration/worker/move-halves` dies at them. */
const OF_TWO_HALVES: readonly FailpointName[] = [
  'move.opened',
  'move.tailMoving',
  'move.tailChunk',
  'move.meeting',
  'move.met',
];

/** Every point of a worker that this story passes, at a queue whose work passes it. */
const POINTS: Record<QueueName, FailpointName[]> = {
  purchases: startingWith('dispatch.', 'purchase.'),
  'license-moves': startingWith('move.', 'run.').filter((point) => !OF_TWO_HALVES.includes(point)),
  cancellations: startingWith('cancellation.', 'refund.'),
  // Nothing of this story falls due.
  renewals: [],
  notifications: startingWith('notification.'),
};
const GATEWAY_POINTS = startingWith('accept.');

/** These are passed when a run is handed back: the worker is told to stop in the middle of one. */
const HANDED_BACK: readonly FailpointName[] = ['run.released', 'run.woken'];

let admin: Person;
let buyer: Person;

beforeAll(async () => {
  await ensureFaultStack();
  [admin, buyer] = await Promise.all([adminOf('contoso.example'), newcomer()]);
});

const purchaseBody = async () => {
  const [card, quote] = await Promise.all([addCard(buyer), must(201, askQuote(buyer))]);
  return { quoteId: quote.id, paymentMethodId: card.id };
};

interface Round {
  operations: { who: Person; operation: OperationView }[];
}

/** A purchase, a move, a cancellation and a mail, asked for while nobody is there to do them. */
const askedFor = async (toMove: string, toCancel: string): Promise<Round> => {
  const { id: targetSubscriptionId } = await central(5);
  await assign(buyer, toMove, [(await newUser()).id]);
  const body = await purchaseBody();
  const [purchase, move, cancellation] = await Promise.all([
    must(202, buyer.post<OperationView>('/v1/purchases', body)),
    must(202, admin.post<OperationView>(`/v1/subscriptions/${toMove}/move`, { targetSubscriptionId })),
    must(202, admin.post<OperationView>(`/v1/subscriptions/${toCancel}/cancel`, { reason: 'unused' })),
  ]);
  return {
    operations: [
      { who: buyer, operation: purchase },
      { who: admin, operation: move },
      { who: admin, operation: cancellation },
    ],
  };
};

/** A worker that dies at its point: what it died of. Stops it and rejects when it never comes there. */
const dieAt = async ({ queue, point }: Dying): Promise<NodeJS.Signals | null> => {
  const failpoints: FailpointSettings = { [point]: 'kill' };
  if (HANDED_BACK.includes(point)) failpoints['move.chunk'] = 'delay:1500';
  const worker: Service = await startWorker({ queues: [queue], failpoints });
  if (HANDED_BACK.includes(point)) {
    await worker.logged(({ msg }) => msg === 'run started');
    worker.signal('SIGTERM');
  }
  return (await worker.ended(`a run on ${queue} came to ${point}`)).signal;
};

const rounds = (): Dying[][] => {
  const random = seededFor('workers die at failpoints');
  const orders = Object.entries(POINTS).map(
    ([queue, points]) => [queue as QueueName, random.shuffled(points)] as const,
  );
  const most = Math.max(...orders.map(([, points]) => points.length));
  return Array.from({ length: FULL ? most : 1 }, (_, i) =>
    orders.flatMap(([queue, points]) => {
      const point = points[i];
      return point === undefined ? [] : [{ queue, point }];
    }),
  );
};

describe('a process that dies between two steps', () => {
  const chosen = rounds();
  const bought: string[] = [];

  beforeAll(async () => {
    const worker = await startWorker({ queues: ['purchases'] });
    for (let i = 0; i < chosen.length * 2; i += 1) {
      const { subscriptionId } = await buy(buyer, { quantity: 4 });
      await assign(buyer, subscriptionId, [(await newUser()).id]);
      bought.push(subscriptionId);
    }
    await worker.stop();
  });
  afterAll(expectNothingWrong);

  it.each(chosen.map((round) => [round.map(({ point }) => point).join(', '), round] as const))(
    'at %s: another one brings it to the same end [OPS-4] [BUY-6] [MOV-3] [CAN-2]',
    async (_title, round) => {
      const { operations } = await askedFor(bought.pop()!, bought.pop()!);
      const deaths = await Promise.all(round.map(dieAt));
      expect(deaths).toEqual(round.map(() => 'SIGKILL'));
      const worker = await startWorker();
      const ends = await Promise.all(operations.map(({ who, operation }) => succeeded(who, operation)));
      await worker.stop();
      expect(await chargesOf(purchaseOutcome(ends[0]!).orderId)).toHaveLength(1);
      await expectNothingWrong();
    },
  );

  const random = seededFor('a gateway dies at a failpoint');
  it.each(FULL ? GATEWAY_POINTS : [random.pick(GATEWAY_POINTS)])(
    'at %s: the request was taken whole or not at all, and its key gives one operation [EXT-1]',
    async (point) => {
      const [body, token] = [await purchaseBody(), await tokenOf(buyer.email)];
      const { service, url } = await startGateway({ [point]: 'kill' });
      const key = randomUUID();
      const headers = {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'idempotency-key': key,
      };
      const sent = fetch(`${url}/v1/purchases`, { method: 'POST', headers, body: JSON.stringify(body) });
      await expect(sent).rejects.toThrow('fetch failed');
      expect((await service.ended(`a request came to ${point}`)).signal).toBe('SIGKILL');
      const collections = collectionsOf(await database());
      const taken = await collections.operations.find({ 'request.quoteId': body.quoteId }).toArray();
      const isCommitted = ['accept.committed', 'accept.enqueued'].includes(point);
      expect(taken).toHaveLength(isCommitted ? 1 : 0);
      // What the dead one had begun holds its documents until MongoDB ends it, longer than a request may wait.
      const operation = await must(202, persist<OperationView>(buyer, '/v1/purchases', body, { key }));
      expect([operation.id, ...taken.map(({ _id }) => _id)]).toEqual(
        Array.from({ length: taken.length + 1 }, () => operation.id),
      );
      const worker = await startWorker({ queues: ['purchases'] });
      const end = await succeeded(buyer, operation);
      await worker.stop();
      expect(await chargesOf(purchaseOutcome(end).orderId)).toHaveLength(1);
    },
  );
});
