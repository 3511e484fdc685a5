import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { OperationView } from '@commissary/contracts';
import { FAILPOINT_NAMES } from '@commissary/platform';
import type { Database } from '@commissary/store';
import { audit, NOTHING_WRONG } from '../e2e/support/commands.js';
import { database, quiet } from '../e2e/support/database.js';
import { mailsTo } from '../e2e/support/outside.js';
import { person } from '../e2e/support/people.js';
import { must } from '../e2e/support/person.js';
import { type Deaths, type DyingWorkers, plannedLives, workersDie } from './support/dying-workers.js';
import { ensureFaultStack, FULL } from './support/fault-stack.js';
import { figure } from './support/figures.js';
import {
  accept,
  type AcceptedPurchase,
  type MixedPurchase,
  mixedPurchases,
} from './support/mixed-purchases.js';
import { persist } from './support/persistent.js';
import {
  journal,
  journalSums,
  leftAsDue,
  leftBy,
  ledgerSums,
  operationsOf,
} from './support/purchase-books.js';
import { PROVIDER_FAULTS, RestlessProvider } from './support/restless-provider.js';
import { seededFor } from './support/seed.js';
import { launchWorker, startWorker } from './support/service.js';

const PURCHASES = FULL ? 1_000 : 80;
const PER_POINT = FULL ? 6 : 1;
const ANYWHERE = FULL ? 30 : 5;
const AT_ONCE = 3;
/** Beyond the minute a full run may need a card whose first answer is lost only now, after the longest wait. */
const ENDS_WITHIN_MS = FULL ? 90_000 : 60_000;
const LOOKED_AT_EVERY_MS = 250;
/** Enough for all that waits: a card that loses its first answer takes 5 s of one of 16 places. */
const STEADY_WORKERS = FULL ? 4 : 1;
/** Purchases that are refunded, for the ledger to balance. */
const CANCELLED = FULL ? 40 : 5;
/** What still waits for its turn when the provider is healed. */
const KEPT_BACK = 0.15;

/** Every step of a purchase; `run.released` and `run.woken` are of work that goes in slices. */
const POINTS = FAILPOINT_NAMES.filter(
  (name) => name === 'run.claimed' || name.startsWith('purchase.') || name.startsWith('dispatch.'),
);
const REFUND_POINTS = FAILPOINT_NAMES.filter((name) => name.startsWith('refund.'));

/** An operator looks after those whose starts were used up by dying workers; how many there were. */
const allEnded = async ({ collections }: Database, ids: readonly string[]): Promise<number> => {
  const operator = await person('operator@commissary.example');
  const resumed = new Set<string>();
  const open = { _id: { $in: [...ids] }, status: { $in: ['accepted', 'running', 'parked'] as const } };
  const until = performance.now() + ENDS_WITHIN_MS;
  for (;;) {
    const parked = await collections.operations.find({ ...open, status: 'parked' }).toArray();
    for (const { _id } of parked) {
      await must(200, operator.post(`/v1/operations/${_id}/resume`));
      resumed.add(_id);
    }
    const left = await collections.operations.countDocuments(open);
    if (left === 0) return resumed.size;
    if (performance.now() > until) {
      const [first] = await collections.operations.find(open).toArray();
      throw new Error(`${left} have not ended within ${ENDS_WITHIN_MS / 1000} s: ${JSON.stringify(first)}`);
    }
    await delay(LOOKED_AT_EVERY_MS);
  }
};

/** Some of those that are paid already are cancelled by who bought them, and refunded by a worker that dies of it. */
const cancelSome = async (base: Database, bought: readonly AcceptedPurchase[]): Promise<string[]> => {
  const ended = await operationsOf(base, bought);
  const paid = ended.filter(
    ({ status, result }) => status === 'succeeded' && result?.charged.amountMinor !== 0,
  );
  return Promise.all(
    paid.slice(0, CANCELLED).map(async ({ _id, result }) => {
      const { buyer } = bought.find(({ operationId }) => operationId === _id)!;
      const path = `/v1/subscriptions/${result?.subscriptionId ?? ''}/cancel`;
      return (await must(202, persist<OperationView>(buyer, path, {}))).id;
    }),
  );
};

describe(`${PURCHASES} purchases whose workers die between every two steps, of a provider that fails in every way`, () => {
  const random = seededFor('the great purchase test');
  const chargedBefore = new Set<string>();
  let base: Database;
  const purchases: AcceptedPurchase[] = [];
  let deaths: Deaths;
  let met: Record<string, number>;
  let deathsOfProvider: number;

  const settings: DyingWorkers = {
    queues: ['purchases'],
    points: POINTS,
    perPoint: PER_POINT,
    anywhere: ANYWHERE,
    atOnce: AT_ONCE,
    random: random.fork('workers'),
    beforeEach: async () => undefined,
  };

  /** Purchases go on being made while the workers die, some for each. */
  const buyAndDie = async (wishes: MixedPurchase[]): Promise<void> => {
    const share = Math.ceil((wishes.length * (1 - KEPT_BACK)) / plannedLives(settings));
    const take = async (count: number): Promise<void> => {
      purchases.push(...(await Promise.all(wishes.splice(0, count).map(accept))));
    };
    deaths = await workersDie({ ...settings, beforeEach: () => take(share) });
    await take(wishes.length);
  };

  beforeAll(async () => {
    await ensureFaultStack();
    base = await database();
    for (const { orderId } of await journal()) chargedBefore.add(orderId);
    const wishes = await mixedPurchases(PURCHASES, random.fork('purchases'));
    const began = performance.now();
    const provider = new RestlessProvider(random.fork('provider'));
    await buyAndDie(wishes);
    met = await provider.heal();
    deathsOfProvider = provider.deaths;
    const healed = performance.now();
    const cancelled = await cancelSome(base, purchases);
    const dying = launchWorker({
      queues: ['cancellations'],
      failpoints: { [random.pick(REFUND_POINTS)]: 'kill@2' },
    });
    const steady = await Promise.all(
      Array.from({ length: STEADY_WORKERS }, () => startWorker({ queues: ['purchases', 'notifications'] })),
    );
    deaths['refund.asking'] = (await dying.exited).signal === 'SIGKILL' ? 1 : 0;
    const canceller = await startWorker({ queues: ['cancellations'] });
    const resumed = await allEnded(base, [...purchases.map(({ operationId }) => operationId), ...cancelled]);
    const over = performance.now();
    await quiet();
    await Promise.all([...steady, canceller].map((worker) => worker.stop()));
    figure(
      `${PURCHASES} purchases: workers killed ${JSON.stringify(deaths)}, provider ${deathsOfProvider} times and met ` +
        `${JSON.stringify(met)}; ${cancelled.length} refunded, ${resumed} parked and resumed; ` +
        `${((healed - began) / 1000).toFixed(1)} s of it, all ended ${((over - healed) / 1000).toFixed(1)} s later`,
    );
  });
  afterAll(async () => expect(await audit()).toEqual(NOTHING_WRONG));

  it('was all that: workers died at each point and at any moment, and each fault was met', () => {
    for (const point of POINTS) expect([point, deaths[point]]).toEqual([point, PER_POINT]);
    expect(deaths.anywhere).toBeGreaterThanOrEqual(ANYWHERE);
    expect(deaths['refund.asking']).toBe(1);
    for (const fault of PROVIDER_FAULTS) expect([fault, met[fault]]).not.toEqual([fault, 0]);
    expect(deathsOfProvider).toBeGreaterThan(0);
    expect(purchases).toHaveLength(PURCHASES);
  });

  it('each paid order has one charge, each other one none; none is unknown, and the quotes of the declined are free [BUY-2] [BUY-4] [BUY-6] [BUY-8]', async () => {
    const byId = (a: { operation: string }, b: { operation: string }) => (a.operation < b.operation ? -1 : 1);
    const left = await leftBy(base, purchases);
    expect(left.sort(byId)).toEqual(leftAsDue(purchases).sort(byId));
  });

  it('the provider charged nothing that is not an order, and the ledger is what it charged and gave back [BUY-6] [OWN-5]', async () => {
    const charges = (await journal()).filter(({ orderId }) => !chargedBefore.has(orderId));
    const orderIds = (await operationsOf(base, purchases)).map(({ request }) => request.orderId);
    expect(
      [...new Set(charges.map(({ orderId }) => orderId))].filter((id) => !orderIds.includes(id)),
    ).toEqual([]);
    const refunded = charges.filter(({ refundedMinor }) => refundedMinor > 0);
    expect(refunded).toHaveLength(CANCELLED);
    const sums = await ledgerSums(base, orderIds);
    expect(sums).toEqual(journalSums(charges));
    expect(Object.keys(sums).length).toBeGreaterThan(3);
  });

  it('one receipt has arrived for each order, and none for those declined [MSG-3]', async () => {
    const buyers = [...new Set(purchases.map(({ buyer }) => buyer.email))];
    const arrived = await Promise.all(
      buyers.map(async (email) => {
        const receipts = (await mailsTo(email)).filter(({ template }) => template === 'receipt');
        return [email, new Set(receipts.map(({ messageId }) => messageId)).size];
      }),
    );
    const due = buyers.map((email) => {
      const own = purchases.filter(({ buyer }) => buyer.email === email);
      return [email, own.filter(({ end }) => end === 'paid' || end === 'free').length];
    });
    expect(arrived).toEqual(due);
  });
});
