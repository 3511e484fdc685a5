import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import type { CancellationRequestedView, LicenseView, OperationView, OrderView } from '@commissary/contracts';
import { audit, NOTHING_WRONG } from './support/commands.js';
import { database, quiet } from './support/database.js';
import { succeeded } from './support/operations.js';
import { chargesOf, mailOf, mailsTo } from './support/outside.js';
import { adminOf, newcomer, newUser, person } from './support/people.js';
import { must, type Person, verdictOf } from './support/person.js';
import { allOf, assign, buy, central, PRODUCTS, subscription } from './support/shop.js';
import { clientOf, collectionsOf } from '../support/driver.js';

/** A product that users bought becomes the organization's own, while they work on. [ADM-6] */

const USERS = 20;

/** E-mails in an export of a subscription's users, as an admin's script reads them. */
const exported = async (admin: Person, subscriptionId: string): Promise<string[]> => {
  const { text } = await admin.get(`/v1/exports/users?subscriptionId=${subscriptionId}`);
  const [head = '', ...lines] = text.replace('\uFEFF', '').trimEnd().split('\r\n');
  const column = head.split(',').findIndex((name) => /e-?mail/i.test(name));
  return lines.map((line) => line.split(',')[column] ?? '');
};

/** Looks again and again, each time at all of them: who does not hold exactly one license of the product is noted. */
const watch = async (userIds: readonly string[], until: Promise<unknown>) => {
  const db = await database();
  const [collections, client] = [collectionsOf(db), clientOf(db)];
  const over = new AbortController();
  void until.finally(() => over.abort()).catch(() => undefined);
  const seen = { looks: 0, faults: [] as string[] };
  const living = { $in: ['active' as const, 'expired' as const] };
  while (!over.signal.aborted) {
    await client.withSession({ snapshot: true }, async (session) => {
      const atOnce = () => ({ session, readConcern: { level: 'snapshot' as const } });
      const product = { productId: PRODUCTS.powerBiPro, userId: { $in: [...userIds] } };
      const held = await collections.licenses.find(product, atOnce()).toArray();
      const usable = await collections.subscriptions
        .find({ _id: { $in: held.map((license) => license.subscriptionId) }, status: living }, atOnce())
        .toArray();
      const ids = new Set(usable.map(({ _id }) => _id));
      const counts = userIds.map(
        (id) => held.filter((license) => license.userId === id && ids.has(license.subscriptionId)).length,
      );
      if (counts.some((count) => count !== 1)) seen.faults.push(counts.join(' '));
    });
    seen.looks += 1;
    await sleep(2);
  }
  return seen;
};

const boughtForMany = async () => {
  const [admin, buyer] = await Promise.all([adminOf('contoso.example'), newcomer()]);
  const users = await Promise.all(Array.from({ length: USERS - 1 }, () => newUser()));
  const { subscriptionId, orderId } = await buy(buyer, { quantity: USERS });
  const ids = users.map(({ id }) => id);
  expect(new Set(await assign(buyer, subscriptionId, ids))).toEqual(new Set(['assigned']));
  return { admin, buyer, subscriptionId, orderId, everyone: [buyer.userId, ...ids] };
};

describe('centralize', () => {
  it.each(['its purchaser', 'an admin'])(
    'contract, exported users, a request; %s cancels, and everybody holds exactly one license throughout [ADM-6] [ADM-3] [OWN-5]',
    async (canceledBy) => {
      const { admin, buyer, subscriptionId, orderId, everyone } = await boughtForMany();
      const ours = await central(USERS + 5);
      expect(ours).toMatchObject({ origin: 'central', purchaser: null, paymentMethodId: null });
      const [order] = await allOf<OrderView>(admin, `/v1/subscriptions/${ours.id}/orders`);
      expect(order).toMatchObject({ channel: 'central', kind: 'purchase', status: 'recorded' });
      expect(await chargesOf(order!.id)).toEqual([]);

      const emails = await exported(admin, subscriptionId);
      expect(emails).toHaveLength(USERS);
      const work = async () => {
        for (let from = 0; from < USERS; from += 7) {
          const batch = emails.slice(from, from + 7);
          expect(await assign(admin, ours.id, batch)).toEqual(batch.map(() => 'switched'));
        }
        const path = `/v1/subscriptions/${subscriptionId}/cancellation-request`;
        const key = { 'idempotency-key': randomUUID() };
        const asking = [path, path].map((url) =>
          must(201, admin.post<CancellationRequestedView>(url, { message: 'Please.' }, key)),
        );
        expect(new Set((await Promise.all(asking)).map((asked) => JSON.stringify(asked))).size).toBe(1);
        const by = canceledBy === 'an admin' ? admin : buyer;
        const body = canceledBy === 'an admin' ? { reason: 'switched_service' } : {};
        const operation = by.post<OperationView>(`/v1/subscriptions/${subscriptionId}/cancel`, body);
        return succeeded(by, await must(202, operation));
      };
      const working = work();
      const seen = await watch(everyone, working);
      expect((await working).result).toMatchObject({ usersCut: 0 });
      expect(seen.faults).toEqual([]);
      expect(seen.looks).toBeGreaterThan(2);

      expect(await subscription(admin, subscriptionId)).toMatchObject({
        status: 'deleted',
        seats: { purchased: USERS, assigned: 0 },
      });
      expect((await subscription(admin, ours.id)).seats).toEqual({
        purchased: USERS + 5,
        assigned: USERS,
        reserved: 0,
        free: 5,
      });
      const listed = await allOf<LicenseView>(admin, `/v1/subscriptions/${ours.id}/licenses?limit=20`);
      expect(listed.map(({ userId }) => userId).sort()).toEqual([...everyone].sort());
      const [mine, ...more] = await allOf<LicenseView>(buyer, '/v1/me/licenses');
      expect([mine?.subscriptionId, more]).toEqual([ours.id, []]);
      expect((await chargesOf(orderId))[0]?.refundedMinor).toBeGreaterThan(0);
      await mailOf(buyer.email, 'pleaseCancel');
      await quiet();
      const templates = (await mailsTo(buyer.email)).map(({ template }) => template);
      // One request, sent twice; nobody lost access.
      expect(templates.sort()).toEqual(['canceled', 'licenseAssigned', 'pleaseCancel', 'receipt']);
    },
  );

  it('is a partner’s with `takeover` too, and nobody else’s [ADM-7]', async () => {
    const { subscriptionId, everyone } = await boughtForMany();
    const partner = (await person('global.admin@adatum.example')).in('contoso.example');
    const reader = await person('reader@contoso.example');
    const ours = await central(USERS);
    const centralize = (by: Person) =>
      by.post(`/v1/subscriptions/${ours.id}/licenses`, { users: everyone.slice(0, 2) });
    const request = (by: Person) => by.post(`/v1/subscriptions/${subscriptionId}/cancellation-request`, {});
    const user = await newcomer();
    expect([verdictOf(await centralize(reader)), verdictOf(await request(reader))]).toEqual([
      '403 forbidden',
      '403 forbidden',
    ]);
    expect([verdictOf(await centralize(user)), verdictOf(await request(user))]).toEqual([
      '404 not_found',
      '403 forbidden',
    ]);
    expect([verdictOf(await centralize(partner)), verdictOf(await request(partner))]).toEqual(['200', '201']);
  });

  it('the books balance after all of it [OPS-5]', async () => {
    await quiet();
    expect(await audit()).toEqual(NOTHING_WRONG);
  });
});
