import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { OperationView } from '@commissary/contracts';
import { FAILPOINT_NAMES } from '@commissary/platform';
import type { Database } from '@commissary/store';
import { audit, NOTHING_WRONG } from '../e2e/support/commands.js';
import { database, quiet } from '../e2e/support/database.js';
import { eventually } from '../e2e/support/eventually.js';
import { mailsTo } from '../e2e/support/outside.js';
import { person } from '../e2e/support/people.js';
import { must } from '../e2e/support/person.js';
import { DueRenewals } from './support/due-renewals.js';
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
import { collectionsOf } from '../support/driver.js';

const PURCHASES = FULL ? 1_000 : 80;
const PER_POINT = FULL ? 4 : 1;
const PER_POINT_OF_RENEWALS = FULL ? 2 : 1;
const ANYWHERE = FULL ? 20 : 3;
/** So many fall due for each worker that serves them; some are kept back for those that miss their point. */
const RENEWALS_PER_LIFE = 2;
const RENEWALS_KEPT_BACK = 0.5;
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
const RENEWAL_POINTS = FAILPOINT_NAMES.filter(
  (name) => name.startsWith('lifecycle.') || name.startsWith('renewal.'),
);
const REFUND_POINTS = FAILPOINT_NAMES.filter((name) => name.startsWith('refund.'));

/** An operator looks after those whose starts were used up by dying workers; how many there were. */
const allEnded = async (
  database: Database,
  ids: readonly string[],
  renewals: DueRenewals,
): Promise<number> => {
  const operator = await person('operator@commissary.example');
  const resumed = new Set<string>();
  const ours = [{ _id: { $in: [...ids] } }, { subscriptionId: { $in: [...renewals.ids] } }];
  const open = { $or: ours, status: { $in: ['accepted', 'running', 'parked'] as const } };
  const until = performance.now() + ENDS_WITHIN_MS;
  for (;;) {
    const parked = await collectionsOf(database)
      .operations.find({ ...open, status: 'parked' })
      .toArray();
    for (const { _id } of parked) {
      await must(200, operator.post(`/v1/operations/${_id}/resume`));
      resumed.add(_id);
    }
    const due = await renewals.left();
    if (due > 0) await renewals.sweep();
    const left = (await collectionsOf(database).operations.countDocuments(open)) + due;
    if (left === 0) return resumed.size;
    if (performance.now() > until) {
      const [first] = await collectionsOf(database).operations.find(open).toArray();
      throw new Error(`${left} have not ended within ${ENDS_WITHIN_MS / 1000} s: ${JSON.stringify(first)}`);
    }
    await delay(LOOKED_AT_EVERY_MS);
  }
};

/** As soon as so many are paid they are cancelled by who bought them, and refunded by a worker that dies of it. */
const cancelSome = async (base: Database, bought: readonly AcceptedPurchase[]): Promise<string[]> => {
  const paid = await eventually(`${CANCELLED} are paid`, async () => {
    const ended = (await operationsOf(base, bought)).filter(({ status }) => status === 'succeeded');
    const charged = ended.filter(({ result }) => result?.charged.amountMinor !== 0);
    return charged.length < CANCELLED ? undefined : charged.slice(0, CANCELLED);
  });
  return Promise.all(
    paid.map(async ({ _id, result }) => {
      const { buyer } = bought.find(({ operationId }) => operationId === _id)!;
      const path = `/v1/subscriptions/${result?.subscriptionId ?? ''}/cancel`;
      return (await must(202, persist<OperationView>(buyer, path, {}))).id;
    }),
  );
};

describe(`${PURCHASES} purchases and the renewals beside them, whose workers die between every two steps, of a provider that fails in every way`, () => {
  const random = seededFor('the great purchase test');
  const chargedBefore = new Set<string>();
  let base: Database;
  const purchases: AcceptedPurchase[] = [];
  let deaths: Deaths;
  let met: Record<string, number>;
  let deathsOfProvider: number;

  let renewals: DueRenewals;

  const pointsOfRenewals = FULL ? RENEWAL_POINTS : random.shuffled(RENEWAL_POINTS).slice(0, 2);
  const ofPurchases: DyingWorkers = {
    queues: ['purchases'],
    points: POINTS,
    perPoint: PER_POINT,
    anywhere: ANYWHERE,
    atOnce: AT_ONCE,
    random: random.fork('workers of purchases'),
    beforeEach: async () => undefined,
  };
  const ofRenewals: DyingWorkers = {
    ...ofPurchases,
    queues: ['renewals'],
    points: pointsOfRenewals,
    perPoint: PER_POINT_OF_RENEWALS,
    anywhere: PER_POINT_OF_RENEWALS,
    atOnce: 1,
    random: random.fork('workers of renewals'),
  };

  /** Purchases go on being made, and terms go on ending, while the workers die: some for each. */
  const buyAndDie = async (wishes: MixedPurchase[]): Promise<void> => {
    const share = Math.ceil((wishes.length * (1 - KEPT_BACK)) / plannedLives(ofPurchases));
    const take = async (count: number): Promise<void> => {
      purchases.push(...(await Promise.all(wishes.splice(0, count).map(accept))));
    };
    const died = await Promise.all([
      workersDie({ ...ofPurchases, beforeEach: () => take(share) }),
      workersDie({ ...ofRenewals, beforeEach: () => renewals.letFallDue(RENEWALS_PER_LIFE) }),
    ]);
    deaths = { ...died[0], ...died[1], anywhere: (died[0].anywhere ?? 0) + (died[1].anywhere ?? 0) };
    await Promise.all([take(wishes.length), renewals.letFallDue(renewals.ids.length)]);
  };

  beforeAll(async () => {
    await ensureFaultStack();
    base = await database();
    const terms = RENEWALS_PER_LIFE * plannedLives(ofRenewals) * (1 + RENEWALS_KEPT_BACK);
    renewals = await DueRenewals.prepare(base, terms);
    for (const { orderId } of await journal()) chargedBefore.add(orderId);
    const wishes = await mixedPurchases(PURCHASES, random.fork('purchases'));
    const began = performance.now();
    const provider = new RestlessProvider(random.fork('provider'));
    await buyAndDie(wishes);
    met = await provider.heal();
    deathsOfProvider = provider.deaths;
    const healed = performance.now();
    const steady = await Promise.all(
      Array.from({ length: STEADY_WORKERS }, () =>
        startWorker({ queues: ['purchases', 'renewals', 'notifications'] }),
      ),
    );
    const cancelled = await cancelSome(base, purchases);
    const failpoints = { [random.pick(REFUND_POINTS)]: 'kill@2' };
    const dying = launchWorker({ queues: ['cancellations'], failpoints });
    deaths['refund.asking'] = (await dying.ended('a refund was asked for')).signal === 'SIGKILL' ? 1 : 0;
    const canceller = await startWorker({ queues: ['cancellations'] });
    const ids = [...purchases.map(({ operationId }) => operationId), ...cancelled];
    const resumed = await allEnded(base, ids, renewals);
    const over = performance.now();
    await quiet();
    await Promise.all([...steady, canceller].map((worker) => worker.stop()));
    figure(
      `${PURCHASES} purchases and ${renewals.ids.length} renewals: workers killed ${JSON.stringify(deaths)}, provider ${deathsOfProvider} times and met ` +
        `${JSON.stringify(met)}; ${cancelled.length} refunded, ${resumed} parked and resumed; ` +
        `${((healed - began) / 1000).toFixed(1)} s of it, all ended ${((over - healed) / 1000).toFixed(1)} s later`,
    );
  });
  afterAll(async () => {
    await renewals.close();
    expect(await audit()).toEqual(NOTHING_WRONG);
  });

  it('was all that: workers died at each point and at any moment, and each fault was met', () => {
    for (const { points, perPoint } of [ofPurchases, ofRenewals])
      for (const point of points) expect([point, deaths[point]]).toEqual([point, perPoint]);
    expect(deaths.anywhere).toBeGreaterThanOrEqual(ANYWHERE + PER_POINT_OF_RENEWALS);
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

  it('each term that ended was renewed once, and paid once [BUY-9] [SUB-1]', async () => {
    const charged = (await journal()).filter(({ status }) => status === 'succeeded');
    const outcomes = await renewals.outcomes(charged.map(({ orderId }) => orderId));
    expect(outcomes).toEqual(
      outcomes.map(({ id }) => ({ id, orders: ['paid'], charges: 1, isFree: true, isAhead: true })),
    );
    expect(outcomes).toHaveLength(renewals.ids.length);
  });

  it('the provider charged nothing that is not an order, and the ledger is what it charged and gave back [BUY-6] [OWN-5]', async () => {
    const charges = (await journal()).filter(({ orderId }) => !chargedBefore.has(orderId));
    const bought = (await operationsOf(base, purchases)).map(({ request }) => request.orderId);
    const orderIds = [...bought, ...(await renewals.orders()).map(({ _id }) => _id)];
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
