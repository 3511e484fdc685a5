import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { AssignmentOutcomesView, OperationView, RemovalOutcomesView } from '@commissary/contracts';
import { freeSeats } from '@commissary/domain';
import { newId } from '@commissary/platform';
import type { SubscriptionDocument, UserDocument } from '@commissary/store';
import { members, type Tenancy } from '../support/fixtures/people.js';
import { workerSuite } from '../support/fixtures/suite.js';
import { bought, central, theSubscription } from '../support/fixtures/takeovers.js';
import { runToEnd } from '../support/fixtures/worker.js';
import { gatewayBeside } from '../support/gateway/beside.js';
import type { OrProblem } from '../support/gateway/shop.js';
import type { TestGateway } from '../support/gateway/test-gateway.js';
import { SeededRandom } from '../support/seeded-random.js';
import { collectionsOf } from '../support/driver.js';

/** Whatever is done to seats, several things at a time and in whatever order: every counter tells the truth. */

const suite = workerSuite();
let { world, worker, tenancy } = suite;
let gateway: TestGateway;

beforeAll(async () => {
  gateway = await gatewayBeside(suite.world);
});

beforeEach(() => {
  ({ world, worker, tenancy } = suite);
});

afterAll(() => gateway.close(), 60_000);

const ROUNDS = 12;
/** At a time, each doing one thing after another. */
const ACTORS = 4;
const DEEDS = 2;
const PEOPLE = 14;
const LIVING = 4;

/** What somebody may be told when others are at work on the same seats. */
const REFUSALS = [
  ...['operation_in_progress', 'seats_short', 'seats_in_use', 'illegal_state', 'not_found'],
  // So many seats there are already, or there were others when these were quoted.
  ...['invalid_request', 'quote_expired'],
];

type Deed = 'assign' | 'remove' | 'move' | 'cancel' | 'seats' | 'leave' | 'return';
type Reply = OrProblem<AssignmentOutcomesView & RemovalOutcomesView & OperationView>;

class Office {
  readonly done: string[] = [];
  private subscriptions: SubscriptionDocument[] = [];
  private people: string[] = [];

  constructor(
    private readonly random: SeededRandom,
    private readonly owner: Tenancy,
  ) {}

  /** As many subscriptions and people as there were, whoever and whatever has gone. */
  async refill(): Promise<void> {
    const { subscriptions, users } = collectionsOf(world.database);
    const { tenantId } = this.owner;
    const living = { tenantId, status: { $in: ['active' as const, 'expired' as const] } };
    const missing = LIVING - (await subscriptions.countDocuments(living));
    for (let i = 0; i < missing; i += 1) {
      const seats = this.random.int(3, 9);
      if (this.random.chance(0.5)) await central(world, this.owner, { seats });
      else await bought(world, worker, this.owner, { quantity: seats });
    }
    this.subscriptions = await subscriptions.find(living).sort({ _id: 1 }).toArray();
    const staff = { tenantId, roles: [], state: 'active' as const, _id: { $ne: this.owner.buyer._id } };
    await members(world, tenantId, PEOPLE - (await users.countDocuments(staff)));
    this.people = (await users.find(staff).sort({ _id: 1 }).toArray()).map(({ _id }) => _id);
  }

  /** Each thing is done, or refused for a reason, and what was accepted is brought to its end while others go on. */
  async round(): Promise<void> {
    const plans = Array.from({ length: ACTORS }, () => Array.from({ length: DEEDS }, () => this.deed()));
    const replies = (await Promise.all(plans.map((deeds) => this.act(deeds)))).flat();
    this.done.push(replies.map(({ status, body }) => (status >= 400 ? body.code : status)).join(', '));
    const unexpected = replies.filter(({ status, body }) => status >= 400 && !REFUSALS.includes(body.code));
    expect(unexpected.map(({ body }) => body)).toEqual([]);
  }

  private async act(deeds: readonly (() => Promise<{ status: number; body: Reply }>)[]) {
    const replies: { status: number; body: Reply }[] = [];
    for (const ask of deeds) {
      const reply = await ask();
      replies.push(reply);
      const { id: _id, type } = reply.body;
      if (reply.status === 202) await this.toItsEnd({ _id, tenantId: this.owner.tenantId, type });
    }
    return replies;
  }

  private async toItsEnd(operation: Parameters<typeof runToEnd>[2]): Promise<void> {
    try {
      await runToEnd(world, worker, operation);
    } catch (error) {
      const { operations } = collectionsOf(world.database);
      const now = await operations.findOne({ _id: operation._id });
      throw new Error(`seed ${this.random.seed}: ${JSON.stringify(now)}`, { cause: error });
    }
  }

  private deed(): () => Promise<{ status: number; body: Reply }> {
    const { admin } = this.owner;
    const one = this.random.pick(this.subscriptions);
    const other = this.random.pick(this.subscriptions.filter(({ _id }) => _id !== one._id));
    const by = one.origin === 'central' ? admin : this.owner.buyer;
    const path = `/v1/subscriptions/${one._id}`;
    const users = this.random.shuffled(this.people).slice(0, this.random.int(1, 6));
    const seats = { total: this.random.int(1, 12) };
    const what = this.random.weighted<Deed>({
      ...{ assign: 12, remove: 5, move: 3, cancel: 1 },
      ...{ seats: 4, leave: 3, return: 1 },
    });
    switch (what) {
      case 'assign':
        return () => this.ask(by, 'POST', `${path}/licenses`, { users });
      case 'remove':
        return () => this.ask(by, 'POST', `${path}/licenses/remove`, { users });
      case 'move':
        return () => this.ask(admin, 'POST', `${path}/move`, { targetSubscriptionId: other._id });
      case 'cancel':
        return () => this.ask(admin, 'POST', `${path}/cancel`, { reason: 'unused' });
      case 'seats':
        return () => this.changeSeats(by, one, seats);
      case 'leave':
        return () => this.ask(admin, 'DELETE', `/v1/users/${users[0]}`);
      case 'return':
        return () => this.ask(by, 'DELETE', `${path}/licenses/${users[0]}`);
    }
  }

  /** More seats of a purchaser's are quoted first. */
  private async changeSeats(
    by: UserDocument,
    { _id, origin }: SubscriptionDocument,
    seats: { total: number },
  ) {
    const quote =
      origin === 'central'
        ? null
        : await this.ask(by, 'POST', '/v1/quotes', { subscriptionId: _id, ...seats });
    const body = { ...seats, ...(quote?.status === 201 && { quoteId: quote.body.id }) };
    return this.ask(by, 'PUT', `/v1/subscriptions/${_id}/seats`, body);
  }

  private ask(by: UserDocument, method: string, path: string, body?: unknown) {
    const headers = { 'idempotency-key': newId('req') };
    return gateway.as<Reply>(by, method, path, { headers, ...(body !== undefined && { body }) });
  }

  /** By subscription: what its counter says and what can be counted. */
  async counts() {
    const { subscriptions, licenses } = collectionsOf(world.database);
    const { tenantId } = this.owner;
    const all = await subscriptions.find({ tenantId }).toArray();
    return Promise.all(
      all.map(async ({ _id, seats, operationId }) => ({
        counted: await licenses.countDocuments({ tenantId, subscriptionId: _id }),
        seats,
        free: freeSeats(seats),
        operationId,
      })),
    );
  }
}

describe('the counters of seats', () => {
  it('[OWN-2, OWN-3, ADM-6, MOV-2, MOV-6, DATA-1] say what can be counted, after anything', async () => {
    const random = new SeededRandom(SeededRandom.anySeed());
    const office = new Office(random, tenancy);
    for (let round = 0; round < ROUNDS; round += 1) {
      await office.refill();
      await office.round();
      for (const { counted, seats, free, operationId } of await office.counts()) {
        const where = `seed ${random.seed}, round ${round}: ${office.done.at(-1)}`;
        expect({ where, assigned: seats.assigned, operationId }).toEqual({
          where,
          assigned: counted,
          operationId: null,
        });
        expect([where, free >= 0, seats.reservations]).toEqual([where, true, []]);
      }
    }
    process.stdout.write(`seat counters: seed ${random.seed}, ${tallyOf(office.done)}\n`);
    const held = await collectionsOf(world.database).licenses.find({ tenantId: tenancy.tenantId }).toArray();
    expect(new Set(held.map(({ userId }) => userId)).size).toBe(held.length);
    expect(await theSubscription(world, held[0]?.subscriptionId ?? '')).toMatchObject({ operationId: null });
  });
});

const tallyOf = (rounds: readonly string[]): string => {
  const all = rounds.flatMap((round) => round.split(', '));
  return [...new Set(all)]
    .sort()
    .map((each) => `${all.filter((one) => one === each).length} ${each}`)
    .join(', ');
};
