import { beforeEach, describe, expect, it } from '@jest/globals';
import type { DelegationScope } from '@commissary/domain';
import { Failpoints, newId } from '@commissary/platform';
import {
  NotificationsRepository,
  type OperationDocument,
  OperationsRepository,
  type SubscriptionDocument,
} from '@commissary/store';
import { aTenant, aUser } from '../../support/documents.js';
import { mailsOf } from '../../support/fixtures/effects.js';
import { Freeze, Meanwhile } from '../../support/fixtures/failures.js';
import { current } from '../../support/fixtures/operations.js';
import { deleteUser } from '../../support/fixtures/people.js';
import { charged } from '../../support/fixtures/provider.js';
import { aSeatChange } from '../../support/fixtures/seat-changes.js';
import {
  aCancellation,
  aMove,
  bought,
  central,
  holdersOf,
  theSubscription,
} from '../../support/fixtures/takeovers.js';
import { workerSuite } from '../../support/fixtures/suite.js';
import { runToEnd } from '../../support/fixtures/worker.js';
import { collectionsOf } from '../../support/driver.js';

/** Others go on while a take-over does: seats, partners and purchasers come and go. */

const suite = workerSuite();
let { world, worker, tenancy } = suite;

beforeEach(() => {
  ({ world, worker, tenancy } = suite);
});

const USERS = 320;

/** A move of all users of a purchase to a contract with `seats`, accepted by the admin. */
const accepted = async (seats = USERS) => {
  const source = await bought(world, worker, tenancy, { others: USERS - 1 });
  const target = await central(world, tenancy, { seats });
  return { source, target, move: await aMove(world, tenancy, source.subscription, target) };
};

const resumed = async (operation: OperationDocument) => {
  const paused = await current(world, operation);
  const { _id: userId, tenantId } = tenancy.admin;
  const operations = new OperationsRepository(world.database);
  await world.database.transaction((session) => operations.resume(session, paused, { userId, tenantId }));
};

const seatsOf = async ({ _id }: SubscriptionDocument) => (await theSubscription(world, _id)).seats;

describe('the seats of a target while users are on their way to it [MOV-2] [ADM-6]', () => {
  const changeTo = async (target: SubscriptionDocument, seats: number) => {
    const asked = { seats, by: tenancy.admin };
    const operation = await aSeatChange(world, await theSubscription(world, target._id), asked);
    await runToEnd(world, worker, operation);
    const { status, error } = await current(world, operation);
    return [status, error?.code];
  };

  it('rise, and fall to what is assigned and promised but no further; all users arrive', async () => {
    const { target, move } = await accepted(USERS + 10);
    const answers: unknown[] = [];
    const failpoints = new Meanwhile('move.chunk', async () => {
      expect((await seatsOf(target)).assigned).toBeGreaterThan(0);
      answers.push(await changeTo(target, USERS + 500));
      answers.push(await changeTo(target, USERS - 1));
      answers.push(await changeTo(target, USERS));
    });
    await runToEnd(world, await suite.another({ failpoints }), move);
    expect(answers).toEqual([
      ['succeeded', undefined],
      ['rejected', 'seats_in_use'],
      ['succeeded', undefined],
    ]);
    expect(await current(world, move)).toMatchObject({ status: 'succeeded', result: { moved: USERS } });
    expect(await seatsOf(target)).toEqual({ purchased: USERS, assigned: USERS, reservations: [] });
  });

  it('change in the middle of a change while the move comes to its end', async () => {
    const { target, move } = await accepted(USERS + 10);
    const failpoints = new Freeze('seatChange.taken');
    const subscription = await theSubscription(world, target._id);
    const fewer = await aSeatChange(world, subscription, { seats: USERS + 2, by: tenancy.admin });
    const changing = (await suite.another({ failpoints })).handle(fewer);
    await failpoints.reached;
    await runToEnd(world, worker, move);
    expect((await current(world, move)).status).toBe('succeeded');
    failpoints.thaw();
    await changing;
    expect((await current(world, fewer)).status).toBe('succeeded');
    expect(await seatsOf(target)).toEqual({ purchased: USERS + 2, assigned: USERS, reservations: [] });
  });
});

/** Once the move goes in two halves the head fails, when the tail has committed a chunk: what that did is yet to be counted. */
class OnlyTail extends Failpoints {
  private isHalved = false;
  private come: () => void = () => undefined;
  private readonly tailCame = new Promise<void>((resolve) => (this.come = resolve));

  constructor() {
    super('');
  }

  override async hit(name: string): Promise<void> {
    if (name === 'move.opened') this.isHalved = true;
    if (name === 'move.tailChunk') this.come();
    if (name !== 'move.moving' || !this.isHalved) return;
    await this.tailCame;
    throw new Error('the head fails');
  }
}

describe('licenses that a move brought and has not counted yet [MOV-2] [MOV-4] [OWN-3]', () => {
  it('are taken away, and their users deleted, without waiting for the move, paused as it is', async () => {
    const users = 2_400;
    const source = await bought(world, worker, tenancy, { others: users - 1 });
    const target = await central(world, tenancy, { seats: users });
    const move = await aMove(world, tenancy, source.subscription, target);
    await (await suite.another({ failpoints: new OnlyTail() })).handle(move);
    const operations = new OperationsRepository(world.database);
    const failed = await current(world, move);
    await world.database.transaction((session) => operations.pause(session, failed));
    expect(await current(world, move)).toMatchObject({ status: 'paused' });
    const { assigned } = await seatsOf(target);
    const there = await holdersOf(world, target._id);
    expect(there.length).toBeGreaterThan(assigned + 2);

    const leaving = there.slice(-1 - assigned);
    for (const user of leaving) await deleteUser(world, tenancy, user);
    expect(await seatsOf(target)).toMatchObject({ assigned: -1 });
    await resumed(move);
    await runToEnd(world, worker, move);
    expect(await current(world, move)).toMatchObject({ status: 'succeeded', result: { moved: users } });
    expect(await seatsOf(target)).toEqual({
      purchased: users,
      assigned: users - leaving.length,
      reservations: [],
    });
  });
});

describe('a partner whose delegation changes during the work [ADM-7]', () => {
  /** The partner's own tenant, one of its people, and what contoso delegated to it. */
  const partnerWith = async (scopes: DelegationScope[]) => {
    const { tenants, users, delegations } = collectionsOf(world.database);
    const home = aTenant();
    const partner = aUser(home._id, { roles: ['partner'], displayName: 'Partner Pat' });
    const endsAt = new Date(Date.now() + 3_600_000);
    const delegation = {
      _id: newId('del'),
      tenantId: tenancy.tenantId,
      partnerTenantId: home._id,
      scopes,
      endsAt,
    };
    await tenants.insertOne(home);
    await users.insertOne(partner);
    await delegations.insertOne(delegation);
    const by = { userId: partner._id, displayName: partner.displayName, tenantId: home._id };
    const change = (fields: { scopes?: DelegationScope[]; endsAt?: Date }) =>
      delegations.updateOne({ _id: delegation._id }, { $set: fields });
    return { by, change };
  };

  /** As the gateway accepts it from somebody who acts in this tenant. */
  const askedBy = async (operation: OperationDocument, by: Awaited<ReturnType<typeof partnerWith>>['by']) => {
    const authorizedBy = { userId: by.userId, tenantId: by.tenantId };
    const { operations, audit } = collectionsOf(world.database);
    await operations.updateOne({ _id: operation._id }, { $set: { requestedBy: by, authorizedBy } });
    await audit.updateOne({ operationId: operation._id }, { $set: { actor: by } });
  };

  it.each<[string, { scopes?: DelegationScope[]; endsAt?: Date }]>([
    ['ends', { endsAt: new Date(0) }],
    ['no longer covers take-overs', { scopes: ['view', 'policy'] }],
  ])(
    'a delegation that %s: the next chunk stops, and the tenant’s own admin lets it go on',
    async (_name, change) => {
      const partner = await partnerWith(['view', 'takeover']);
      const { target, move } = await accepted();
      await askedBy(move, partner.by);
      const failpoints = new Meanwhile('move.chunk', () => partner.change(change));
      await (await suite.another({ failpoints })).handle(move);
      expect(await current(world, move)).toMatchObject({ status: 'paused', error: { code: 'forbidden' } });
      const there = (await holdersOf(world, target._id)).length;
      expect(there).toBeGreaterThan(0);
      expect(there).toBeLessThan(USERS);
      await resumed(move);
      await runToEnd(world, worker, move);
      expect(await current(world, move)).toMatchObject({ status: 'succeeded', result: { moved: USERS } });
      // Who asked is told, where their account is.
      const { notifications } = collectionsOf(world.database);
      const expected = await notifications
        .find({ tenantId: tenancy.tenantId, template: 'moveCompleted' })
        .toArray();
      expect(expected.map(({ recipientUserId }) => recipientUserId)).toEqual([partner.by.userId]);
      expect(await new NotificationsRepository(world.database).recipientOf(expected[0]!)).toMatchObject({
        _id: partner.by.userId,
        tenantId: partner.by.tenantId,
      });
    },
  );

  it('a cancellation is the partner’s to ask for by `takeover` alone', async () => {
    const partner = await partnerWith(['view']);
    const source = await bought(world, worker, tenancy, { others: 5 });
    const cancellation = await aCancellation(world, tenancy, source.subscription);
    await askedBy(cancellation, partner.by);
    await worker.handle(cancellation);
    expect(await current(world, cancellation)).toMatchObject({ status: 'paused', step: null });
    expect((await theSubscription(world, source.subscription._id)).status).toBe('active');
    await partner.change({ scopes: ['takeover'] });
    await resumed(cancellation);
    await runToEnd(world, worker, cancellation);
    expect(await current(world, cancellation)).toMatchObject({
      status: 'succeeded',
      result: { usersCut: 6 },
    });
  });
});

describe('the subscription of a purchaser who has left [SUB-2] [DATA-1]', () => {
  it('is cancelled by an admin with the refund of its first days, and its users are told', async () => {
    const source = await bought(world, worker, tenancy, { others: 3 });
    await deleteUser(world, tenancy, tenancy.buyer._id);
    expect(await theSubscription(world, source.subscription._id)).toMatchObject({
      status: 'active',
      purchaserId: tenancy.buyer._id,
      seats: { assigned: 3 },
    });
    const cancellation = await aCancellation(world, tenancy, source.subscription);
    await runToEnd(world, worker, cancellation);
    expect(await current(world, cancellation)).toMatchObject({
      status: 'succeeded',
      result: { usersCut: 3 },
    });
    const [charge] = await charged(world, source.orderId);
    expect(charge!.refundedMinor).toBeGreaterThan(0);
    const expected = source.holders
      .filter((id) => id !== tenancy.buyer._id)
      .map((id) => `accessRemoved > ${id}`);
    expect((await mailsOf(world, cancellation._id)).filter((mail) => mail.startsWith('access'))).toEqual(
      expected.sort(),
    );
  });

  it('is moved by an admin like any other', async () => {
    const { source, target, move } = await accepted();
    await deleteUser(world, tenancy, tenancy.buyer._id);
    await runToEnd(world, worker, move);
    expect(await current(world, move)).toMatchObject({
      status: 'succeeded',
      result: { moved: USERS - 1, skipped: 1 },
    });
    expect(await holdersOf(world, target._id)).toEqual(
      source.holders.filter((id) => id !== tenancy.buyer._id),
    );
    const [charge] = await charged(world, source.orderId);
    expect(charge!.refundedMinor).toBeGreaterThan(0);
  });
});
