import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { OperationView } from '@commissary/contracts';
import type { SubscriptionDocument, UserDocument } from '@commissary/store';
import { aSubscriptionOf, openShop, type Shop } from '../support/gateway/shop.js';
import { collectionsOf } from '../support/driver.js';

let shop: Shop;

beforeAll(async () => {
  shop = await openShop();
});

afterAll(() => shop.gateway.close());

const cancel = (by: UserDocument, { _id }: SubscriptionDocument, key: string, query = '') =>
  shop.gateway.as<OperationView>(by, 'POST', `/v1/subscriptions/${_id}/cancel${query}`, {
    body: { reason: 'unused' },
    headers: { 'idempotency-key': key },
  });

const two = async (): Promise<[SubscriptionDocument, SubscriptionDocument]> => [
  await aSubscriptionOf(shop, 5),
  await aSubscriptionOf(shop, 5),
];

describe('an idempotency key', () => {
  it('that is sent with the same body to two paths starts what each of them asks for [EXT-1]', async () => {
    const [one, other] = await two();
    const first = await cancel(shop.admin, one, 'same-key');
    const second = await cancel(shop.admin, other, 'same-key');
    expect([first.status, second.status]).toEqual([202, 202]);
    expect([first.body.subscriptionId, second.body.subscriptionId]).toEqual([one._id, other._id]);
    expect(second.body.id).not.toBe(first.body.id);
  });

  it('gets the same answer again on each path, whichever was asked last [EXT-1]', async () => {
    const [one, other] = await two();
    const [first, second] = [
      await cancel(shop.admin, one, 'again'),
      await cancel(shop.admin, other, 'again'),
    ];
    expect((await cancel(shop.admin, one, 'again')).body.id).toBe(first.body.id);
    expect((await cancel(shop.admin, other, 'again')).body.id).toBe(second.body.id);
    const { operations } = collectionsOf(shop.gateway.database);
    const made = await operations.countDocuments({ subscriptionId: { $in: [one._id, other._id] } });
    expect(made).toBe(2);
  });

  it('that gives a license by one path and takes it back by another is two requests [EXT-1]', async () => {
    const [one] = await two();
    const path = `/v1/subscriptions/${one._id}/licenses`;
    const ask = (suffix: string) =>
      shop.gateway.as(shop.buyer, 'POST', path + suffix, {
        body: { users: [shop.colleague._id] },
        headers: { 'idempotency-key': 'give-and-take' },
      });
    await collectionsOf(shop.gateway.database).subscriptions.updateOne(
      { _id: one._id },
      { $set: { purchaserId: shop.buyer._id } },
    );
    const outcomes = [await ask(''), await ask('/remove'), await ask('')].map(({ body }) => body);
    expect(outcomes).toMatchObject([
      { items: [{ outcome: 'assigned' }] },
      { items: [{ outcome: 'removed' }] },
      { items: [{ outcome: 'assigned' }] },
    ]);
  });
});
