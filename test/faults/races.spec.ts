import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { AssignmentOutcomesView } from '@commissary/contracts';
import { seed } from '../e2e/support/commands.js';
import { database } from '../e2e/support/database.js';
import { ended } from '../e2e/support/operations.js';
import { chargesOf } from '../e2e/support/outside.js';
import { adminOf, newcomer } from '../e2e/support/people.js';
import { must, type Person } from '../e2e/support/person.js';
import { central, order, PRODUCTS, purchaseOutcome, subscription } from '../e2e/support/shop.js';
import { stack } from '../e2e/support/stack.js';
import { Caller, plainVerdict } from './support/at-gateway.js';
import { ensureFaultStack, FULL } from './support/fault-stack.js';
import { holdersOf } from './support/large-move.js';
import { expectNothingWrong } from './support/nothing-wrong.js';
import { seededFor } from './support/seed.js';
import { startGateway, startWorker } from './support/service.js';
import { collectionsOf } from '../support/driver.js';

const SEATS = 60;
const REQUESTS = 500;

let admin: Person;
let admins: Person[];
/** As many as there are requests. */
let users: readonly string[];
/** Two gateways. */
let urls: string[];

beforeAll(async () => {
  await ensureFaultStack();
  admin = await adminOf('contoso.example');
  const another = newcomer({ roles: ['billingAdmin'] });
  const [{ url }, seeded, ...more] = await Promise.all([startGateway(), seed(REQUESTS), another]);
  urls = [url, stack().gatewayUrl];
  users = await holdersOf(seeded.sourceSubscriptionId);
  admins = [admin, ...more];
});
afterEach(expectNothingWrong);

describe('requests that meet', () => {
  it.each([
    ['one by one', 1],
    ['in batches', 20],
  ])(
    `of ${REQUESTS} assignments %s by several admins at two gateways, for ${SEATS} free seats, exactly ${SEATS} succeed [OWN-3]`,
    async (_how, perRequest) => {
      const { id } = await central(SEATS, { productId: PRODUCTS.powerApps });
      const callers = await Promise.all(
        admins.flatMap(({ email }) => urls.map((url) => Caller.at(url, email))),
      );
      const answers = await Promise.all(
        Array.from({ length: REQUESTS / perRequest }, (_, i) => {
          const batch = users.slice(i * perRequest, (i + 1) * perRequest);
          return callers[i % callers.length]!.post(`/v1/subscriptions/${id}/licenses`, { users: batch });
        }),
      );
      expect(answers.map(plainVerdict)).toEqual(answers.map(() => '200'));
      const rows = answers.flatMap(({ text }) => (JSON.parse(text) as AssignmentOutcomesView).items);
      const given = rows.filter(({ outcome }) => outcome === 'assigned').map(({ userId }) => userId);
      expect(rows.map(({ userId }) => userId).sort()).toEqual([...users].sort());
      expect(given).toHaveLength(SEATS);
      expect(rows.filter(({ outcome }) => outcome === 'noFreeSeat')).toHaveLength(REQUESTS - SEATS);
      expect(await holdersOf(id)).toEqual(given.sort());
      const { seats } = await subscription(admin, id);
      expect(seats).toEqual({ purchased: SEATS, assigned: SEATS, reserved: 0, free: 0 });
      // The next ones hold no license of the product.
      await must(200, admin.post(`/v1/subscriptions/${id}/licenses/remove`, { users: given }));
    },
  );
});

describe('a purchaser who is deleted during the purchase', () => {
  it('before the charge: refused, and not charged [ELG-5] [BUY-6]', async () => {
    const buyer = await newcomer();
    const operation = await order(buyer);
    await must(204, admin.delete(`/v1/users/${buyer.userId}`));
    const worker = await startWorker({ queues: ['purchases'] });
    const end = await ended(admin, operation);
    await worker.stop();
    expect(end).toMatchObject({ status: 'rejected', error: { code: 'not_eligible' } });
    const collections = collectionsOf(await database());
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
