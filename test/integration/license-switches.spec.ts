import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AssignmentOutcomesView } from '@commissary/contracts';
import type { SubscriptionDocument, UserDocument } from '@commissary/store';
import { aSubscriptionOf, openShop, post, type Shop, seatsOf } from '../support/gateway/shop.js';
import { collectionsOf } from '../support/driver.js';

/** Central seats for people who hold the product by a self-service subscription. [ADM-6] */

let shop: Shop;

beforeAll(async () => {
  shop = await openShop();
});

afterAll(() => shop.gateway.close());

const people = (count: number): Promise<UserDocument[]> =>
  Promise.all(Array.from({ length: count }, () => shop.gateway.user(shop.tenant)));

const assign = async (central: SubscriptionDocument, users: UserDocument[]): Promise<string[]> => {
  const path = `/v1/subscriptions/${central._id}/licenses`;
  const body = { users: users.map(({ _id }) => _id) };
  const reply = await post<AssignmentOutcomesView>(shop, shop.admin, path, body);
  expect(reply.status).toBe(200);
  return reply.body.items.map(({ outcome }) => outcome);
};

const holdersOf = async ({ _id }: SubscriptionDocument): Promise<string[]> => {
  const licenses = await collectionsOf(shop.gateway.database)
    .licenses.find({ subscriptionId: _id })
    .toArray();
  return licenses.map(({ userId }) => userId).sort();
};

const idsOf = (users: readonly UserDocument[]): string[] => users.map(({ _id }) => _id).sort();

describe('people who switch from self-service to a central subscription in one batch', () => {
  it('with one free seat for two of them one switches and the other gets no seat [ADM-6, MOV-2]', async () => {
    const [first, second] = (await people(2)) as [UserDocument, UserDocument];
    const selfService = await aSubscriptionOf(shop, 2, { holders: [first, second] });
    const central = await aSubscriptionOf(shop, 1, { origin: 'central' });

    expect(await assign(central, [first, second])).toEqual(['switched', 'noFreeSeat']);
    expect(await holdersOf(central)).toEqual([first._id]);
    expect(await holdersOf(selfService)).toEqual([second._id]);
    expect((await seatsOf(shop, central))?.assigned).toBe(1);
    expect((await seatsOf(shop, selfService))?.assigned).toBe(1);
  });

  it('each switch takes a seat from those who come after, whether they switch or are new [ADM-6, MOV-2]', async () => {
    const switching = await people(3);
    const fresh = await people(2);
    const selfService = await aSubscriptionOf(shop, 3, { holders: switching });
    const central = await aSubscriptionOf(shop, 3, { origin: 'central' });
    const [a, b, c] = switching as [UserDocument, UserDocument, UserDocument];
    const [x, y] = fresh as [UserDocument, UserDocument];

    expect(await assign(central, [a, x, b, y, c])).toEqual([
      ...['switched', 'assigned', 'switched', 'noFreeSeat', 'noFreeSeat'],
    ]);
    expect(await holdersOf(central)).toEqual(idsOf([a, b, x]));
    expect(await holdersOf(selfService)).toEqual([c._id]);
    expect((await seatsOf(shop, central))?.assigned).toBe(3);
    expect((await seatsOf(shop, selfService))?.assigned).toBe(1);
  });
});
