import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { MovePreviewView, OperationView } from '@commissary/contracts';
import { newId } from '@commissary/platform';
import type { MoveResult, SubscriptionDocument } from '@commissary/store';
import { current } from '../support/fixtures/operations.js';
import { aTenancy, members } from '../support/fixtures/people.js';
import { Profile } from '../support/fixtures/profile.js';
import { workerSuite } from '../support/fixtures/suite.js';
import {
  bought,
  central,
  holdersOf,
  license,
  theSubscription,
  VISIO,
} from '../support/fixtures/takeovers.js';
import { POWER_BI_PRO } from '../support/fixtures/purchases.js';
import { runToEnd } from '../support/fixtures/worker.js';
import { gatewayBeside } from '../support/gateway/beside.js';
import type { OrProblem } from '../support/gateway/shop.js';
import type { TestGateway } from '../support/gateway/test-gateway.js';
import { SeededRandom } from '../support/seeded-random.js';
import { collectionsOf } from '../support/driver.js';

const ROUNDS = 12;

const suite = workerSuite();
let gateway: TestGateway;
let { world, worker, tenancy } = suite;

beforeAll(async () => {
  gateway = await gatewayBeside(suite.world);
});

beforeEach(() => {
  ({ world, worker, tenancy } = suite);
});

afterAll(() => gateway.close());

const preview = (from: string, to: string) =>
  gateway.as<OrProblem<MovePreviewView>>(tenancy.admin, 'POST', `/v1/subscriptions/${from}/move-preview`, {
    body: { targetSubscriptionId: to },
  });

const move = (from: string, to: string) =>
  gateway.as<OrProblem<OperationView>>(tenancy.admin, 'POST', `/v1/subscriptions/${from}/move`, {
    body: { targetSubscriptionId: to },
    headers: { 'idempotency-key': newId('req') },
  });

interface Case {
  source: SubscriptionDocument;
  target: SubscriptionDocument;
  holders: string[];
  /** Of them, who holds the target's product by the target itself or another subscription. */
  already: string[];
  /** Of those, who holds it by a subscription that is disabled. */
  unusable: number;
  /** Who else holds the target. */
  strangers: number;
}

/** A source and a target that could be anybody's: guests and disabled accounts, seats enough or not. */
const aCase = async (random: SeededRandom): Promise<Case> => {
  const { tenantId } = tenancy;
  const { subscription, holders } = await bought(world, worker, tenancy, { others: random.int(0, 12) });
  const productId = random.chance(0.6) ? VISIO : POWER_BI_PRO;
  const already = productId === VISIO ? holders.filter(() => random.chance(0.3)) : [];
  const byTarget = already.filter(() => random.chance(0.5));
  const strangers = await members(world, tenantId, random.int(0, 2));
  const taken = byTarget.length + strangers.length;
  const seats = Math.max(1, taken + holders.length - already.length + random.int(-2, 3));
  const target = await central(world, tenancy, {
    seats: Math.max(taken, seats),
    productId,
    holders: [...byTarget, ...strangers],
  });
  const elsewhere = already.filter((user) => !byTarget.includes(user));
  const other = await central(world, tenancy, {
    seats: elsewhere.length + 1,
    productId: VISIO,
    holders: elsewhere,
  });
  const { users, subscriptions } = collectionsOf(world.database);
  const isDisabled = random.chance(0.3);
  if (isDisabled) await subscriptions.updateOne({ _id: other._id }, { $set: { status: 'disabled' } });
  for (const user of holders) {
    if (random.chance(0.2)) await users.updateOne({ _id: user }, { $set: { state: 'disabled' } });
    else if (random.chance(0.2)) await users.updateOne({ _id: user }, { $set: { type: 'guest' } });
  }
  if (random.chance(0.3)) {
    await subscriptions.updateOne(
      { _id: target._id },
      { $set: { unitPrice: { amountMinor: random.int(100, 5_000), currency: 'USD' } } },
    );
  }
  const [source, to] = await Promise.all([
    theSubscription(world, subscription._id),
    theSubscription(world, target._id),
  ]);
  const unusable = isDisabled ? elsewhere.length : 0;
  return { source, target: to, holders, already, unusable, strangers: strangers.length };
};

/** For the audit, which asks how a subscription came to be disabled. */
const enableAll = async (): Promise<void> => {
  const disabled = { tenantId: tenancy.tenantId, status: 'disabled' } as const;
  await collectionsOf(world.database).subscriptions.updateMany(disabled, { $set: { status: 'active' } });
};

const freeOf = ({ seats }: SubscriptionDocument): number => seats.purchased - seats.assigned;

/** What the preview has to say, worked out from who was licensed. */
const expectedOf = ({ source, target, holders, already, unusable }: Case) => {
  const needed = holders.length - already.length;
  const yearly = ({ unitPrice, term }: SubscriptionDocument): number =>
    unitPrice.amountMinor * (term === 'P1Y' ? 1 : 12);
  return {
    total: holders.length,
    toMove: needed,
    alreadyLicensed: already.length - unusable,
    skipped: unusable > 0 ? [{ reason: 'license_not_usable', count: unusable }] : [],
    seatsNeeded: needed,
    seatsFree: freeOf(target),
    shortfall: Math.max(0, needed - freeOf(target)),
    priceDifferencePerMonth: {
      amountMinor: Math.trunc((needed * (yearly(target) - yearly(source))) / 12) + 0,
      currency: 'USD',
    },
  };
};

const expectRefused = async ({ source, target }: Case, said: MovePreviewView): Promise<void> => {
  const { status, body } = await move(source._id, target._id);
  expect([status, body.code]).toEqual([409, 'seats_short']);
  expect(body).toMatchObject({
    needed: said.seatsNeeded,
    free: said.seatsFree,
    shortfall: said.shortfall,
  });
  expect(await theSubscription(world, source._id)).toEqual(source);
  expect(await theSubscription(world, target._id)).toEqual(target);
};

const expectMoved = async (
  { source, target, holders, unusable }: Case,
  said: MovePreviewView,
): Promise<void> => {
  const { status, body } = await move(source._id, target._id);
  expect([status, body.progress]).toMatchObject([202, { total: said.total, pending: said.total }]);
  const reserved = (await theSubscription(world, target._id)).seats.reservations;
  expect(reserved).toEqual([{ operationId: body.id, seats: said.seatsNeeded }]);
  const operation = { _id: body.id, tenantId: tenancy.tenantId, type: 'move' } as const;
  await runToEnd(world, worker, operation);
  const end = await current(world, operation as never);
  const { refunded, ...result } = (end as { result: MoveResult }).result;
  expect(result).toEqual({
    moved: said.toMove,
    alreadyLicensed: said.alreadyLicensed,
    skipped: 0,
    failed: unusable,
    sourceStatus: unusable > 0 ? 'active' : 'deleted',
  });
  if (unusable === 0) {
    // Some of the term has gone since.
    expect(refunded?.amountMinor).toBeLessThanOrEqual(said.refund!.amountMinor);
    expect(refunded?.amountMinor).toBeGreaterThan(said.refund!.amountMinor - 100);
  }
  expect((await theSubscription(world, target._id)).seats).toEqual({
    ...target.seats,
    assigned: target.seats.assigned + said.seatsNeeded,
  });
  const licenses = await collectionsOf(world.database)
    .licenses.find({ tenantId: tenancy.tenantId, userId: { $in: holders } })
    .toArray();
  // Who had to stay holds both.
  expect(licenses).toHaveLength(holders.length + unusable);
  expect([...new Set(licenses.map(({ userId }) => userId))].sort()).toEqual([...holders].sort());
};

describe('a preview and the move that follows it', () => {
  it('[MOV-7] come to the same, whoever is licensed and however many seats there are', async () => {
    const random = new SeededRandom(SeededRandom.anySeed());
    for (let round = 0; round < ROUNDS; round += 1) {
      tenancy = await aTenancy(world);
      const given = await aCase(random.fork(String(round)));
      const where = `seed ${random.seed}, round ${round}`;
      const { status, body } = await preview(given.source._id, given.target._id);
      const { refund: _refund, ...said } = body;
      expect({ where, status, said }).toEqual({ where, status: 200, said: expectedOf(given) });
      // The dry run changed nothing.
      expect(await theSubscription(world, given.source._id)).toEqual(given.source);
      await (body.shortfall > 0 ? expectRefused(given, body) : expectMoved(given, body));
      await enableAll();
    }
  });

  it('[MOV-7] a preview is refused as the move is, but for a shortfall', async () => {
    const { subscription: from } = await bought(world, worker, tenancy, { others: 2 });
    const to = await central(world, tenancy, { seats: 1 });
    const other = await central(world, tenancy, { seats: 5 });
    const { subscriptions } = collectionsOf(world.database);
    const cases: [from: string, to: string][] = [
      [from._id, from._id],
      [to._id, from._id],
      [from._id, 'sub_unknown'],
      ['sub_unknown', to._id],
      [other._id, to._id],
    ];
    const answersOf = async () =>
      Promise.all(
        cases.flatMap(([one, another]) =>
          [preview, move].map(async (ask) => {
            const { status, body } = await ask(one, another);
            const { requestId: _id, ...problem } = body as OrProblem<object>;
            return { status, problem };
          }),
        ),
      );
    for (const state of [
      { status: 'active' },
      { status: 'disabled' },
      { operationId: 'op_running' },
    ] as const) {
      await subscriptions.updateOne({ _id: from._id }, { $set: state });
      const answers = await answersOf();
      for (let pair = 0; pair < answers.length; pair += 2) expect(answers[pair]).toEqual(answers[pair + 1]);
      expect(answers.every(({ status }) => status >= 400)).toBe(true);
    }
    await subscriptions.updateOne({ _id: from._id }, { $set: { status: 'active', operationId: null } });
    expect((await preview(from._id, to._id)).body).toMatchObject({ shortfall: 2 });
    expect((await move(from._id, to._id)).body.code).toBe('seats_short');
    expect(await holdersOf(world, from._id)).toHaveLength(3);
  });

  it('[MOV-7] a preview counts by indexes alone, and reads no license', async () => {
    const { subscription: from } = await bought(world, worker, tenancy, { others: 300 });
    const holders = await holdersOf(world, from._id);
    const to = await central(world, tenancy, {
      seats: 200,
      productId: VISIO,
      holders: holders.slice(0, 120),
    });
    await license(world, to, await members(world, tenancy.tenantId, 20));
    const profile = await Profile.open(world.database);
    const read = await profile.during(async () => {
      const { body } = await preview(from._id, to._id);
      expect(body).toMatchObject({ total: 301, alreadyLicensed: 120, toMove: 181, shortfall: 121 });
    });
    const ofLicenses = read.filter(({ collection }) => collection === 'licenses');
    expect(ofLicenses.length).toBeGreaterThan(0);
    expect(ofLicenses.map(({ docsExamined }) => docsExamined)).toEqual(ofLicenses.map(() => 0));
  });
});
