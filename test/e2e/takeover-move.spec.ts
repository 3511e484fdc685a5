import { afterEach, describe, expect, it } from '@jest/globals';
import type {
  LicenseView,
  ListView,
  MovePreviewView,
  OperationView,
  OwnLicenseView,
  SubscriptionView,
  UserOutcomeView,
  UserView,
} from '@commissary/contracts';
import { audit, NOTHING_WRONG, seed } from './support/commands.js';
import { changedBy, quiet } from './support/database.js';
import { eventsOf, type ServerEvent, succeeded } from './support/operations.js';
import { chargesOf, mailOf, mailsOf, mailsTo } from './support/outside.js';
import { adminOf, newcomer, newUser, person } from './support/people.js';
import { must, type Person, verdictOf } from './support/person.js';
import { allOf, assign, buy, central, PRODUCTS, subscription } from './support/shop.js';
import { signal } from './support/stack.js';
import { startedEarlier } from './support/lifetimes.js';
import { refundBounds } from './support/refunds.js';

const MOVER = 'worker:license-moves';
const DAY_MS = 86_400_000;

interface Source {
  buyer: Person;
  id: string;
  orderId: string;
  users: UserView[];
}

/** Bought by a newcomer, given to `others`. */
const bought = async (
  others: number,
  { quantity = others + 1, productId = PRODUCTS.powerBiPro } = {},
): Promise<Source> => {
  const buyer = await newcomer();
  const users = await Promise.all(Array.from({ length: others }, () => newUser()));
  const { subscriptionId, orderId } = await buy(buyer, { quantity, productId });
  if (others > 0)
    await assign(
      buyer,
      subscriptionId,
      users.map(({ id }) => id),
    );
  return { buyer, id: subscriptionId, orderId, users };
};

const move = (who: Person, sourceId: string, targetId: string) =>
  who.post<OperationView>(`/v1/subscriptions/${sourceId}/move`, { targetSubscriptionId: targetId });

const preview = (who: Person, sourceId: string, targetId: string) =>
  who.post<MovePreviewView>(`/v1/subscriptions/${sourceId}/move-preview`, { targetSubscriptionId: targetId });

const holdersOf = async (who: Person, id: string): Promise<string[]> =>
  (await allOf<LicenseView>(who, `/v1/subscriptions/${id}/licenses?limit=200`))
    .map(({ userId }) => userId)
    .sort();

const seatsOf = ({ seats }: SubscriptionView): number[] => [
  seats.purchased,
  seats.assigned,
  seats.reserved,
  seats.free,
];

/** Moves stay where they are while `work` looks at them. */
const withMoverHeld = async <T>(work: () => Promise<T>): Promise<T> => {
  signal(MOVER, 'SIGSTOP');
  try {
    return await work();
  } finally {
    signal(MOVER, 'SIGCONT');
  }
};

describe('a move of all users of a self-service subscription', () => {
  it('to the same product does what its preview said [MOV-1] [MOV-5] [MOV-7] [ADM-1]', async () => {
    const admin = await adminOf('contoso.example');
    const source = await bought(12);
    const target = await central(20);
    const said = await must(200, preview(admin, source.id, target.id));
    expect(said).toMatchObject({
      total: 13,
      toMove: 13,
      alreadyLicensed: 0,
      skipped: [],
      seatsNeeded: 13,
      seatsFree: 20,
      shortfall: 0,
      // 13 users at 110.29 a year rather than 9.99 a month, by the month.
      priceDifferencePerMonth: { amountMinor: Math.trunc((13 * (11_029 - 12 * 999)) / 12), currency: 'USD' },
    });
    const holders = await holdersOf(admin, source.id);
    const before = await subscription(admin, source.id);

    const accepted = await move(admin, source.id, target.id);
    expect([accepted.status, accepted.headers.get('location')]).toEqual([
      202,
      `/v1/operations/${accepted.body.id}`,
    ]);
    expect(accepted.body).toMatchObject({
      type: 'move',
      subscriptionId: source.id,
      progress: { total: said.total },
    });
    const end = await succeeded(admin, accepted.body);
    expect(end.progress).toMatchObject({ total: 13, done: 13, skipped: 0, failed: 0, pending: 0 });
    expect(end.result).toMatchObject({
      moved: 13,
      alreadyLicensed: 0,
      skipped: 0,
      failed: 0,
      sourceStatus: 'deleted',
    });

    expect(await holdersOf(admin, target.id)).toEqual(holders);
    expect(await holdersOf(admin, source.id)).toEqual([]);
    expect(seatsOf(await subscription(admin, target.id))).toEqual([20, 13, 0, 7]);
    const after = await subscription(admin, source.id);
    expect(after).toMatchObject({ status: 'deleted', autoRenew: false, renewsAt: null, operation: null });
    expect(after.seats.assigned).toBe(0);
    const mine = await must(200, source.buyer.get<ListView<OwnLicenseView>>('/v1/me/licenses'));
    expect(mine.items.map(({ subscriptionId }) => subscriptionId)).toEqual([target.id]);

    const refunded = (end.result as { refunded: { amountMinor: number } }).refunded.amountMinor;
    const bounds = refundBounds(before, end);
    expect(refunded).toBeGreaterThanOrEqual(bounds.least);
    expect(refunded).toBeLessThanOrEqual(bounds.most);
    expect((await chargesOf(source.orderId)).map(({ refundedMinor }) => refundedMinor)).toEqual([refunded]);
  });

  it('is told once: canceled to the purchaser, completed to the admin, nothing to the users [MOV-5] [MSG-1]', async () => {
    const admin = await newcomer({ roles: ['billingAdmin'] });
    const source = await bought(3);
    const { id: target } = await central(4);
    await succeeded(admin, await must(202, move(admin, source.id, target)));
    const [canceled, completed] = await Promise.all([
      mailOf(source.buyer.email, 'canceled'),
      mailOf(admin.email, 'moveCompleted'),
    ]);
    expect(canceled.text).toContain('moved its users to another subscription');
    expect(completed.subject).toBe('Move completed: Power BI Pro');
    expect(completed.text).toContain('Its status is Deleted');
    await quiet();
    expect(await mailsOf(source.buyer.email, 'canceled')).toHaveLength(1);
    expect(await mailsOf(admin.email, 'moveCompleted')).toHaveLength(1);
    const users = await Promise.all(source.users.map(({ email }) => mailsTo(email)));
    expect(new Set(users.flat().map(({ template }) => template))).toEqual(new Set(['licenseAssigned']));
  });

  it('to another product spares the seats of those who hold it already [MOV-2] [MOV-4] [MOV-7]', async () => {
    const admin = await adminOf('contoso.example');
    const source = await bought(5);
    const target = await central(4, { productId: PRODUCTS.powerBiPremium });
    const [one, two, three] = source.users;
    // One holds it by the target itself, two by another subscription.
    const elsewhere = await central(2, { productId: PRODUCTS.powerBiPremium });
    await assign(admin, target.id, [one!.id]);
    await assign(admin, elsewhere.id, [two!.id, three!.id]);
    const said = await must(200, preview(admin, source.id, target.id));
    expect(said).toMatchObject({
      total: 6,
      toMove: 3,
      alreadyLicensed: 3,
      seatsNeeded: 3,
      seatsFree: 3,
      shortfall: 0,
    });

    const operation = await must(202, move(admin, source.id, target.id));
    const end = await succeeded(admin, operation);
    expect(end.result).toMatchObject({ moved: 3, alreadyLicensed: 3, skipped: 0, failed: 0 });
    expect(seatsOf(await subscription(admin, target.id))).toEqual([4, 4, 0, 0]);
    expect((await holdersOf(admin, elsewhere.id)).sort()).toEqual([two!.id, three!.id].sort());
    const results = await allOf<UserOutcomeView>(
      admin,
      `/v1/operations/${operation.id}/results?outcome=alreadyLicensed`,
    );
    expect(results.map(({ userId }) => userId).sort()).toEqual([one!.id, two!.id, three!.id].sort());
  });

  it('without seats enough is refused with the shortfall, and nothing changes [MOV-2]', async () => {
    const admin = await adminOf('contoso.example');
    const source = await bought(4);
    const target = await central(3);
    expect(await must(200, preview(admin, source.id, target.id))).toMatchObject({
      seatsNeeded: 5,
      seatsFree: 3,
      shortfall: 2,
    });
    await quiet();
    const changed = await changedBy(async () => {
      const refused = await move(admin, source.id, target.id);
      expect(verdictOf(refused)).toBe('409 seats_short');
      expect(refused.problem).toMatchObject({ needed: 5, free: 3, shortfall: 2 });
    });
    expect(changed).toEqual([]);
  });

  it('is not for central ones, not to itself, not to what is deleted, not to a foreign one [MOV-1]', async () => {
    const admin = await adminOf('contoso.example');
    const [source, gone] = await Promise.all([bought(0), bought(0)]);
    const [one, other] = await Promise.all([central(2), central(2)]);
    const foreign = await central(2, { domain: 'litware.example' });
    await succeeded(admin, await must(202, move(admin, gone.id, one.id)));
    await quiet();
    const changed = await changedBy(async () => {
      for (const ask of [move, preview]) {
        expect(verdictOf(await ask(admin, one.id, other.id))).toBe('409 illegal_state');
        expect(verdictOf(await ask(admin, source.id, gone.id))).toBe('409 illegal_state');
        expect(verdictOf(await ask(admin, gone.id, one.id))).toBe('409 illegal_state');
        expect(verdictOf(await ask(admin, source.id, foreign.id))).toBe('404 not_found');
        const self = await ask(admin, source.id, source.id);
        expect(self.problem?.errors?.[0]).toMatchObject({ pointer: '/targetSubscriptionId' });
      }
    });
    expect(changed).toEqual([]);
  });
});

describe('while a move is at work', () => {
  afterEach(() => {
    signal(MOVER, 'SIGCONT');
  });

  it('a second admin gets the running operation, and nobody changes source or target [MOV-2] [MOV-6]', async () => {
    const [one, other] = await Promise.all([
      adminOf('contoso.example'),
      person('billing.admin@contoso.example'),
    ]);
    const [source, target] = await Promise.all([bought(2), bought(0, { quantity: 10 })]);
    const { id: third } = await central(10);
    const user = await newUser();

    const operation = await withMoverHeld(async () => {
      const answers = await Promise.all([move(one, source.id, target.id), move(other, source.id, target.id)]);
      expect(answers.map(verdictOf).sort()).toEqual(['202', '409 operation_in_progress']);
      const accepted = answers.find(({ status }) => status === 202)!;
      const url = accepted.headers.get('location');
      expect(answers.find(({ status }) => status === 409)?.problem?.operation).toBe(url);

      const licenses = `/v1/subscriptions/${source.id}/licenses`;
      const refused = await Promise.all([
        source.buyer.post(licenses, { users: [user.id] }),
        source.buyer.post(`${licenses}/remove`, { users: [source.users[0]!.id] }),
        source.buyer.delete(`${licenses}/${source.users[0]!.id}`),
        source.buyer.post(`/v1/subscriptions/${source.id}/cancel`, {}),
        one.post(`/v1/subscriptions/${source.id}/cancel`, { reason: 'other' }),
        preview(one, source.id, third),
        // The target holds the reservation: neither cancelled nor taken over.
        one.post(`/v1/subscriptions/${target.id}/cancel`, { reason: 'other' }),
        target.buyer.post(`/v1/subscriptions/${target.id}/cancel`, {}),
        move(one, target.id, third),
      ]);
      for (const answer of refused) {
        expect([verdictOf(answer), answer.problem?.operation]).toEqual(['409 operation_in_progress', url]);
      }
      expect(await subscription(one, source.id)).toMatchObject({
        status: 'active',
        operation: accepted.body.id,
      });
      expect(seatsOf(await subscription(one, target.id))).toEqual([10, 1, 3, 6]);
      return accepted.body;
    });

    await succeeded(one, operation);
    expect(seatsOf(await subscription(one, target.id))).toEqual([10, 4, 0, 6]);
    expect(await assign(target.buyer, target.id, [user.id])).toEqual(['assigned']);
  });

  it('a user who is deleted is skipped and reported, and keeps no license [MOV-4]', async () => {
    const admin = await adminOf('contoso.example');
    const source = await bought(4);
    const target = await central(5);
    const [leaver] = source.users;
    const operation = await withMoverHeld(async () => {
      const accepted = await must(202, move(admin, source.id, target.id));
      await must(204, admin.delete(`/v1/users/${leaver!.id}`));
      return accepted;
    });
    const end = await succeeded(admin, operation);
    expect(end.result).toMatchObject({ moved: 4, skipped: 1, failed: 0, sourceStatus: 'deleted' });
    const results = await allOf<UserOutcomeView>(
      admin,
      `/v1/operations/${operation.id}/results?outcome=skipped`,
    );
    expect(results).toMatchObject([{ userId: leaver!.id, outcome: 'skipped', reason: 'user_deleted' }]);
    expect(await holdersOf(admin, target.id)).not.toContain(leaver!.id);
    expect(seatsOf(await subscription(admin, target.id))).toEqual([5, 4, 0, 1]);
  });

  it('progress comes from another process by events; who reconnects loses nothing, and `ended` comes once [MOV-3]', async () => {
    const admin = await adminOf('contoso.example');
    const { sourceSubscriptionId: source, targetSubscriptionId: target, users } = await seed(2_000);
    const seen: ServerEvent[] = [];
    const { id } = await withMoverHeld(async () => {
      const accepted = await must(202, move(admin, source, target));
      for await (const event of eventsOf(admin, accepted.id)) {
        seen.push(event);
        break;
      }
      return accepted;
    });
    expect(seen).toMatchObject([
      { event: 'progress', operation: { status: 'accepted', progress: { done: 0 } } },
    ]);
    // Leaves after each event and comes again where it was, until the end.
    while (seen.at(-1)?.event !== 'ended') {
      for await (const event of eventsOf(admin, id, seen.at(-1)?.id)) {
        seen.push(event);
        break;
      }
    }
    const total = seen[0]!.operation.progress.total;
    expect(total).toBeGreaterThanOrEqual(users);
    expect(seen.filter(({ event }) => event === 'ended')).toHaveLength(1);
    expect(seen.at(-1)?.operation).toMatchObject({
      status: 'succeeded',
      progress: { done: total, pending: 0 },
    });
    const ids = seen.slice(0, -1).map((event) => Number(event.id));
    expect(ids.every((each, n) => n === 0 || each > ids[n - 1]!)).toBe(true);
    const between = seen.filter(({ operation: { progress } }) => progress.done > 0 && progress.pending > 0);
    expect(between.length).toBeGreaterThan(0);
    const dealtWith = seen.map(({ operation }) => operation.progress.done);
    expect(dealtWith).toEqual([...dealtWith].sort((a, b) => a - b));
  });

  it('has a result for every user, as pages and as a file [MOV-5]', async () => {
    const admin = await adminOf('contoso.example');
    const source = await bought(7);
    const { id: target } = await central(8);
    const { id } = await succeeded(admin, await must(202, move(admin, source.id, target)));
    const rows = await allOf<UserOutcomeView>(admin, `/v1/operations/${id}/results?limit=3`);
    const expected = [source.buyer.userId, ...source.users.map((user) => user.id)].sort();
    expect(rows.map(({ userId }) => userId).sort()).toEqual(expected);
    for (const row of rows) expect(row).toMatchObject({ outcome: 'moved', reason: null });
    expect(await allOf(admin, `/v1/operations/${id}/results?outcome=failed`)).toEqual([]);

    const answer = await admin.fetch(`/v1/operations/${id}/results`, { headers: { accept: 'text/csv' } });
    expect(answer.headers.get('content-type')).toMatch(/^text\/csv/);
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    const [head, ...lines] = bytes.subarray(3).toString().trimEnd().split('\r\n');
    expect(head).toBe('userId,email,outcome,reason');
    expect(lines.sort()).toEqual(rows.map(({ userId, email }) => `${userId},${email ?? ''},moved,`).sort());
  });
});

describe('the term and the money', () => {
  it('after 7 days a move gives nothing back [CAN-2]', async () => {
    const admin = await adminOf('contoso.example');
    const source = await bought(0);
    const { id: target } = await central(1);
    await startedEarlier(source.id, 8 * DAY_MS);
    expect((await must(200, preview(admin, source.id, target))).refund).toMatchObject({ amountMinor: 0 });
    await succeeded(admin, await must(202, move(admin, source.id, target)));
    expect((await chargesOf(source.orderId)).map(({ refundedMinor }) => refundedMinor)).toEqual([0]);
  });

  it('the books balance after all of it [OPS-5]', async () => {
    await quiet();
    expect(await audit()).toEqual(NOTHING_WRONG);
  });
});
