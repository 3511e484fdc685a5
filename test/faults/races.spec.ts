import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { LicenseView, OperationView, UserOutcomeView } from '@commissary/contracts';
import { type Seeded, seed } from '../e2e/support/commands.js';
import { database } from '../e2e/support/database.js';
import { ended, succeeded } from '../e2e/support/operations.js';
import { chargesOf } from '../e2e/support/outside.js';
import { adminOf, newcomer } from '../e2e/support/people.js';
import { must, type Person } from '../e2e/support/person.js';
import { allOf, buy, central, order, PRODUCTS, purchaseOutcome, subscription } from '../e2e/support/shop.js';
import { stack } from '../e2e/support/stack.js';
import { Caller, plainVerdict } from './support/at-gateway.js';
import { ensureFaultStack, FULL } from './support/fault-stack.js';
import { beyond, watchMove } from './support/moves.js';
import { expectNothingWrong } from './support/nothing-wrong.js';
import { seededFor } from './support/seed.js';
import { startGateway, startWorker } from './support/service.js';

const USERS = FULL ? 20_000 : 4_000;
const LEAVERS = 6;
const SEATS = 60;
const REQUESTS = 500;
const SLOW_MOVE = { 'move.chunk': 'delay:500' };

let admin: Person;
let seeded: Seeded;
let holders: string[];
/** Two gateways. */
let urls: string[];

beforeAll(async () => {
  await ensureFaultStack();
  const [{ url }, here] = await Promise.all([startGateway(), seed(USERS)]);
  [urls, seeded] = [[url, stack().gatewayUrl], here];
  admin = await adminOf('contoso.example');
  holders = (
    await allOf<LicenseView>(admin, `/v1/subscriptions/${seeded.sourceSubscriptionId}/licenses?limit=200`)
  ).map(({ userId }) => userId);
});
afterEach(expectNothingWrong);

describe('requests that meet', () => {
  it(`of ${REQUESTS} requests at two gateways for ${SEATS} seats, exactly ${SEATS} succeed [OWN-3]`, async () => {
    const worker = await startWorker({ queues: ['purchases'] });
    const owner = await newcomer();
    const what = { productId: PRODUCTS.powerApps, quantity: SEATS + 1 };
    const { subscriptionId, licenseId } = await buy(owner, what);
    await worker.stop();
    expect(licenseId).not.toBeNull();
    const callers = await Promise.all(urls.map((url) => Caller.at(url, owner.email)));
    const path = `/v1/subscriptions/${subscriptionId}/licenses`;
    const statuses = await Promise.all(
      holders
        .slice(0, REQUESTS)
        .map(async (user, i) => (await callers[i % 2]!.post(path, { users: [user] })).status),
    );
    expect(statuses).toHaveLength(REQUESTS);
    expect(statuses.filter((status) => status !== 200)).toEqual([]);
    const { seats } = await subscription(owner, subscriptionId);
    expect(seats).toEqual({ purchased: SEATS + 1, assigned: SEATS + 1, reserved: 0, free: 0 });
    const { collections } = await database();
    expect(await collections.licenses.countDocuments({ subscriptionId })).toBe(SEATS + 1);
  });

  it('four moves of one subscription by two admins: one 202, the others are told of it; then users leave [MOV-6] [MOV-4]', async () => {
    const { sourceSubscriptionId: source, targetSubscriptionId } = seeded;
    const admins = await Promise.all([
      Caller.at(urls[0]!, admin.email),
      Caller.at(urls[1]!, 'billing.admin@contoso.example'),
    ]);
    const answers = await Promise.all(
      admins.flatMap((each) => [
        each.post(`/v1/subscriptions/${source}/move`, { targetSubscriptionId }),
        each.post(`/v1/subscriptions/${source}/move`, { targetSubscriptionId }),
      ]),
    );
    expect(answers.map(plainVerdict).sort()).toEqual([
      '202',
      ...Array.from({ length: 3 }, () => '409 operation_in_progress'),
    ]);
    const url = answers.find(({ status }) => status === 202)?.location ?? '';
    const others = answers.flatMap(({ problem }) => (problem === null ? [] : [problem.operation]));
    expect(others).toEqual([url, url, url]);
    await takenOverWhileUsersLeave(await must(200, admin.get<OperationView>(url)));
  });

  it('a move and a cancellation at once are one after the other, in either order [MOV-6] [CAN-2]', async () => {
    const worker = await startWorker({ queues: ['purchases', 'license-moves', 'cancellations'] });
    const buyer = await newcomer();
    const bought = await Promise.all(Array.from({ length: FULL ? 8 : 2 }, () => buy(buyer)));
    const { id: targetSubscriptionId } = await central(5);
    for (const { subscriptionId } of bought) {
      const [one, other] = await Promise.all(urls.map((url) => Caller.at(url, admin.email)));
      const at = `/v1/subscriptions/${subscriptionId}`;
      const answers = await Promise.all([
        one!.post(`${at}/move`, { targetSubscriptionId }),
        other!.post(`${at}/cancel`, { reason: 'other' }),
      ]);
      expect(answers.map(({ status }) => status).sort()).toEqual([202, 409]);
      const { location } = answers.find(({ status }) => status === 202)!;
      await succeeded(admin, await must(200, admin.get<OperationView>(location ?? '')));
      expect((await subscription(admin, subscriptionId)).status).toBe('deleted');
    }
    await worker.stop();
  });
});

/** Users are deleted, and the source is asked to be cancelled, at every moment of the move. */
const takenOverWhileUsersLeave = async (move: OperationView): Promise<void> => {
  const random = seededFor('users leave during a move');
  const leaving = random.shuffled(holders).slice(0, LEAVERS);
  const watch = watchMove(move, seeded, USERS, leaving);
  const worker = await startWorker({ queues: ['license-moves'], failpoints: SLOW_MOVE });
  await beyond(move.id, 0, 30_000);
  for (const user of leaving) {
    const cancelled = admin.post(`/v1/subscriptions/${seeded.sourceSubscriptionId}/cancel`, {
      reason: 'other',
    });
    await must(204, admin.delete(`/v1/users/${user}`));
    const { status } = await cancelled;
    expect(status).toBe(409);
    await delay(random.int(0, FULL ? 1_000 : 200));
  }
  const end = await succeeded(admin, move);
  const wrong = await watch.end();
  await worker.stop();
  expect(wrong).toEqual([]);
  const results = await allOf<UserOutcomeView>(admin, `/v1/operations/${move.id}/results?limit=200`);
  expect(results.map(({ userId }) => userId).sort()).toEqual([...holders].sort());
  expect(end.progress).toMatchObject({ total: USERS, pending: 0, failed: 0 });
  const { collections } = await database();
  const { tenantId, sourceSubscriptionId, targetSubscriptionId } = seeded;
  const left = await collections.licenses.find({ tenantId, userId: { $in: leaving } }).toArray();
  expect(left).toEqual([]);
  const on = (subscriptionId: string) => collections.licenses.countDocuments({ tenantId, subscriptionId });
  expect([await on(sourceSubscriptionId), await on(targetSubscriptionId)]).toEqual([0, USERS - LEAVERS]);
};

describe('a purchaser who is deleted during the purchase', () => {
  it('before the charge: refused, and not charged [ELG-5] [BUY-6]', async () => {
    const buyer = await newcomer();
    const operation = await order(buyer);
    await must(204, admin.delete(`/v1/users/${buyer.userId}`));
    const worker = await startWorker({ queues: ['purchases'] });
    const end = await ended(admin, operation);
    await worker.stop();
    expect(end).toMatchObject({ status: 'rejected', error: { code: 'not_eligible' } });
    const { collections } = await database();
    const made = await collections.orders.findOne({ operationId: operation.id });
    expect(made === null ? [] : await chargesOf(made._id)).toEqual([]);
  });

  const points = ['purchase.asking', 'purchase.charged', 'purchase.recording'] as const;
  it.each(FULL ? points : [seededFor('a purchaser is deleted').pick(points)])(
    'at %s: paid and owned by the organization, and licenses nobody [DATA-1] [BUY-6]',
    async (point) => {
      const buyer = await newcomer();
      const operation = await order(buyer, { quantity: 3 });
      const worker = await startWorker({ queues: ['purchases'], failpoints: { [point]: 'delay:1000' } });
      await worker.logged(({ msg, operation: id }) => msg === 'run started' && id === operation.id);
      await delay(300);
      await must(204, admin.delete(`/v1/users/${buyer.userId}`));
      const { orderId, subscriptionId } = purchaseOutcome(await ended(admin, operation));
      await worker.stop();
      expect((await chargesOf(orderId)).map(({ status }) => status)).toEqual(['succeeded']);
      const owned = await subscription(admin, subscriptionId);
      expect(owned).toMatchObject({ status: 'active', seats: { purchased: 3, assigned: 0, free: 3 } });
    },
  );
});
