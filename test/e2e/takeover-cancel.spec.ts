import { describe, expect, it } from '@jest/globals';
import { CANCEL_REASONS } from '@commissary/domain';
import type { AuditEntryView, ListView, OperationView, UserOutcomeView } from '@commissary/contracts';
import { audit, NOTHING_WRONG, seed } from './support/commands.js';
import { changedBy, database, quiet } from './support/database.js';
import { eventually } from './support/eventually.js';
import { succeeded } from './support/operations.js';
import { chargesOf, mailOf, mailsOf, mailsTo } from './support/outside.js';
import { adminOf, newcomer, newUser, person } from './support/people.js';
import { must, type Person, verdictOf } from './support/person.js';
import { startedEarlier } from './support/lifetimes.js';
import { refundBounds } from './support/refunds.js';
import { allOf, assign, buy, subscription } from './support/shop.js';
import { signal } from './support/stack.js';
import { collectionsOf } from '../support/driver.js';

const SWEEPER = 'worker:cancellations';
const DAY_MS = 86_400_000;

const cancel = (who: Person, id: string, body: unknown = { reason: 'unused' }) =>
  who.post<OperationView>(`/v1/subscriptions/${id}/cancel`, body);

interface Cancellation {
  usersCut: number;
  refunded: { amountMinor: number; currency: string } | null;
}

const resultOf = ({ result }: OperationView): Cancellation => result as unknown as Cancellation;

describe('an admin cancels', () => {
  it.each([
    ['none', {}, 'required'],
    ['null', { reason: null }, 'required'],
    ['one that is not in the list', { reason: 'boredom' }, 'invalid_value'],
    ['another type', { reason: 7 }, 'invalid_value'],
    ['several', { reason: ['unused', 'other'] }, 'invalid_value'],
    ['an operator', { reason: { $ne: '' } }, 'invalid_value'],
  ])('not with a bad reason: %s [CAN-1]', async (_what, body, rule) => {
    const [admin, buyer] = await Promise.all([adminOf('contoso.example'), newcomer()]);
    const { subscriptionId } = await buy(buyer);
    await quiet();
    const changed = await changedBy(async () => {
      const refused = await cancel(admin, subscriptionId, body);
      expect(verdictOf(refused)).toBe('400 invalid_request');
      expect(refused.problem?.errors).toEqual([expect.objectContaining({ pointer: '/reason', rule })]);
    });
    expect(changed).toEqual([]);
  });

  it('with each reason of the list, and a comment; both are on record [CAN-1] [ADM-9]', async () => {
    const [admin, buyer] = await Promise.all([adminOf('contoso.example'), newcomer()]);
    await Promise.all(
      CANCEL_REASONS.map(async (reason) => {
        const { subscriptionId } = await buy(buyer);
        const comment = `Because of ${reason}\nand more.`;
        const operation = await must(202, cancel(admin, subscriptionId, { reason, comment }));
        expect(operation).toMatchObject({ type: 'cancellation', subscriptionId });
        await succeeded(admin, operation);
        const found = await must(200, admin.get<ListView<AuditEntryView>>('/v1/audit?limit=200'));
        const entry = found.items.find(({ subject }) => subject.id === operation.id);
        expect(entry?.after).toMatchObject({ request: { by: 'admin', reason, comment } });
      }),
    );
  });

  it('and all users lose access, are told, and stay listed [CAN-2] [MSG-1]', async () => {
    const [admin, buyer] = await Promise.all([adminOf('contoso.example'), newcomer()]);
    const users = await Promise.all(Array.from({ length: 5 }, () => newcomer()));
    const { subscriptionId, orderId } = await buy(buyer, { quantity: 6 });
    await assign(
      buyer,
      subscriptionId,
      users.map(({ userId }) => userId),
    );
    const before = await subscription(admin, subscriptionId);

    const operation = await must(202, cancel(admin, subscriptionId, { reason: 'too_expensive' }));
    const end = await succeeded(admin, operation);
    const { usersCut, refunded } = resultOf(end);
    expect(usersCut).toBe(6);
    expect(await subscription(admin, subscriptionId)).toMatchObject({
      status: 'deleted',
      autoRenew: false,
      renewsAt: null,
      operation: null,
      seats: { assigned: 0 },
    });
    const held = await Promise.all([buyer, ...users].map((user) => allOf(user, '/v1/me/licenses')));
    expect(held.flat()).toEqual([]);

    const bounds = refundBounds(before, end);
    expect(refunded?.amountMinor).toBeGreaterThanOrEqual(bounds.least);
    expect(refunded?.amountMinor).toBeLessThanOrEqual(bounds.most);
    expect((await chargesOf(orderId)).map(({ refundedMinor }) => refundedMinor)).toEqual([
      refunded?.amountMinor,
    ]);

    const canceled = await mailOf(buyer.email, 'canceled');
    expect(canceled.text).toContain('An admin of your organization canceled your subscription');
    await Promise.all(users.map(({ email }) => mailOf(email, 'accessRemoved')));
    await quiet();
    expect(await mailsOf(buyer.email, 'canceled')).toHaveLength(1);
    for (const { email } of users) {
      const templates = (await mailsTo(email)).map(({ template }) => template);
      expect(templates.sort()).toEqual(['accessRemoved', 'licenseAssigned']);
    }

    const last = await allOf<UserOutcomeView>(admin, `/v1/operations/${operation.id}/results?limit=4`);
    const everyone = [buyer, ...users].map(({ userId }) => userId);
    expect(last.map(({ userId }) => userId).sort()).toEqual(everyone.sort());
    expect(new Set(last.map(({ outcome }) => outcome))).toEqual(new Set(['accessRemoved']));
    expect(verdictOf(await cancel(admin, subscriptionId))).toBe('409 illegal_state');
  });

  it('and access ends at once for all, before their licenses are swept [CAN-2]', async () => {
    const admin = await adminOf('contoso.example');
    const { sourceSubscriptionId: id, users } = await seed(300);
    const collections = collectionsOf(await database());
    const license = await collections.licenses.findOne({ subscriptionId: id }, { sort: { userId: -1 } });
    const lastUser = await collections.users.findOne({ _id: license?.userId ?? '' });
    const last = await person(lastUser?.email ?? '');
    expect(await allOf(last, '/v1/me/licenses')).toHaveLength(1);

    const operation = await must(202, cancel(admin, id));
    await eventually('the status has changed', async () =>
      (await subscription(admin, id)).status === 'deleted' ? true : undefined,
    );
    // Held here the sweep has hardly begun.
    signal(SWEEPER, 'SIGSTOP');
    try {
      expect(await allOf(last, '/v1/me/licenses')).toEqual([]);
    } finally {
      signal(SWEEPER, 'SIGCONT');
    }
    const end = await succeeded(admin, operation);
    expect(resultOf(end).usersCut).toBeGreaterThanOrEqual(users);
    expect(await collections.licenses.countDocuments({ subscriptionId: id })).toBe(0);
  });

  it('and gives nothing back after 7 days [CAN-2]', async () => {
    const [admin, buyer] = await Promise.all([adminOf('contoso.example'), newcomer()]);
    const { subscriptionId, orderId } = await buy(buyer);
    await startedEarlier(subscriptionId, 8 * DAY_MS);
    const end = await succeeded(admin, await must(202, cancel(admin, subscriptionId)));
    expect(resultOf(end).refunded?.amountMinor ?? 0).toBe(0);
    expect((await chargesOf(orderId)).map(({ refundedMinor }) => refundedMinor)).toEqual([0]);
    expect((await mailOf(buyer.email, 'canceled')).text).toContain('There is no refund');
  });

  it('two at once: one operation, and its URL for the other [MOV-6]', async () => {
    const [one, other, buyer] = await Promise.all([
      adminOf('contoso.example'),
      person('billing.admin@contoso.example'),
      newcomer(),
    ]);
    const { subscriptionId } = await buy(buyer);
    signal(SWEEPER, 'SIGSTOP');
    try {
      const answers = await Promise.all([one, other].map((admin) => cancel(admin, subscriptionId)));
      expect(answers.map(verdictOf).sort()).toEqual(['202', '409 operation_in_progress']);
      const accepted = answers.find(({ status }) => status === 202);
      const refused = answers.find(({ status }) => status === 409);
      expect(refused?.problem?.operation).toBe(accepted?.headers.get('location'));
      const assigned = await buyer.post(`/v1/subscriptions/${subscriptionId}/licenses`, {
        users: [one.userId],
      });
      expect(verdictOf(assigned)).toBe('409 operation_in_progress');
      signal(SWEEPER, 'SIGCONT');
      await succeeded(one, accepted!.body);
    } finally {
      signal(SWEEPER, 'SIGCONT');
    }
  });
});

describe('others cancel', () => {
  it('the purchaser within 7 days at once, with a refund and without a reason [OWN-5]', async () => {
    const buyer = await newcomer();
    const { subscriptionId, orderId } = await buy(buyer);
    const end = await succeeded(buyer, await must(202, cancel(buyer, subscriptionId, {})));
    const refunded = resultOf(end).refunded?.amountMinor ?? 0;
    expect(refunded).toBeGreaterThan(0);
    expect((await chargesOf(orderId)).map(({ refundedMinor }) => refundedMinor)).toEqual([refunded]);
    expect((await mailOf(buyer.email, 'canceled')).text).toContain('You canceled your subscription');
  });

  it('the purchaser later: recurring billing is turned off, and it runs to its end [OWN-5]', async () => {
    const [buyer, user] = await Promise.all([newcomer(), newUser()]);
    const { subscriptionId } = await buy(buyer, { quantity: 2 });
    await startedEarlier(subscriptionId, 8 * DAY_MS);
    const before = await subscription(buyer, subscriptionId);
    await succeeded(buyer, await must(202, cancel(buyer, subscriptionId, {})));
    expect(await subscription(buyer, subscriptionId)).toMatchObject({
      status: 'active',
      autoRenew: false,
      renewsAt: null,
      expiresAt: before.expiresAt,
    });
    expect(await allOf(buyer, '/v1/me/licenses')).toHaveLength(1);
    expect(await assign(buyer, subscriptionId, [user.id])).toEqual(['assigned']);
  });

  it('support for an admin of the tenant, who is on record; for nobody else [CAN-3]', async () => {
    const [buyer, admin, home] = await Promise.all([
      newcomer(),
      adminOf('contoso.example'),
      person('support@commissary.example'),
    ]);
    const support = home.in('contoso.example');
    const { subscriptionId } = await buy(buyer);
    for (const requestedBy of [
      undefined,
      buyer.email,
      'nobody@contoso.example',
      'global.admin@litware.example',
    ]) {
      const refused = await cancel(support, subscriptionId, { reason: 'other', requestedBy });
      expect(refused.problem?.errors?.[0]).toMatchObject({ pointer: '/requestedBy' });
    }
    const operation = await must(
      202,
      cancel(support, subscriptionId, { reason: 'other', requestedBy: admin.email }),
    );
    await succeeded(support, operation);
    const { items } = await must(200, admin.get<ListView<AuditEntryView>>(`/v1/audit?actor=${home.userId}`));
    expect(items.find(({ subject }) => subject.id === operation.id)).toMatchObject({
      actor: { userId: home.userId },
      after: { request: { by: 'support', onBehalfOf: admin.userId } },
    });
    expect((await mailOf(buyer.email, 'canceled')).text).toContain('as an admin of your organization asked');
  });

  it('the partner, where the tenant has delegated it [ADM-7]', async () => {
    const [buyer, partner] = await Promise.all([newcomer(), person('global.admin@adatum.example')]);
    const { subscriptionId } = await buy(buyer);
    const inContoso = partner.in('contoso.example');
    const end = await succeeded(inContoso, await must(202, cancel(inContoso, subscriptionId)));
    expect(end.requestedBy.userId).toBe(partner.userId);
  });

  it('the books balance after all of it [OPS-5]', async () => {
    await quiet();
    expect(await audit()).toEqual(NOTHING_WRONG);
  });
});
