import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type {
  AssignmentOutcomesView,
  LicenseView,
  ListView,
  OwnLicenseView,
  RemovalOutcomesView,
} from '@commissary/contracts';
import type { SubscriptionDocument, UserDocument } from '@commissary/store';
import {
  aSubscriptionOf,
  openShop,
  type OrProblem,
  POWER_BI_PREMIUM,
  type Shop,
  seatsOf,
} from '../support/gateway/shop.js';
import { collectionsOf } from '../support/driver.js';

let shop: Shop;

beforeAll(async () => {
  shop = await openShop();
});

afterAll(() => shop.gateway.close());

const licenses = (subscription: SubscriptionDocument) => `/v1/subscriptions/${subscription._id}/licenses`;

const assign = (
  subscription: SubscriptionDocument,
  users: UserDocument[],
  { by = shop.buyer, key = '' } = {},
) =>
  shop.gateway.as<OrProblem<AssignmentOutcomesView>>(by, 'POST', licenses(subscription), {
    body: { users: users.map((user) => user.email) },
    headers: key === '' ? {} : { 'idempotency-key': key },
  });

const remove = (subscription: SubscriptionDocument, users: string[], by = shop.buyer) =>
  shop.gateway.as<OrProblem<RemovalOutcomesView>>(by, 'POST', `${licenses(subscription)}/remove`, {
    body: { users },
  });

const people = (count: number): Promise<UserDocument[]> =>
  Promise.all(Array.from({ length: count }, () => shop.gateway.user(shop.tenant)));

const own = (seats: number, fields: Partial<SubscriptionDocument> = {}) =>
  aSubscriptionOf(shop, seats, { purchaserId: shop.buyer._id, ...fields });

const outcomes = ({ body }: { body: { items: { outcome: string }[] } }) =>
  body.items.map((item) => item.outcome);

const mailsAbout = (subscription: SubscriptionDocument) =>
  collectionsOf(shop.gateway.database)
    .notifications.find({ template: 'licenseAssigned', 'params.subscriptionId': subscription._id })
    .toArray();

describe('assigning', () => {
  it('[OWN-3, MSG-1, ADM-9] tells each user but oneself, and the trail', async () => {
    const subscription = await own(5);
    const [a, b] = await people(2);
    const reply = await assign(subscription, [a!, shop.buyer, b!]);
    expect(reply.status).toBe(200);
    expect(outcomes(reply)).toEqual(['assigned', 'assigned', 'assigned']);
    const mails = await mailsAbout(subscription);
    expect(mails.map((mail) => mail.recipientUserId).sort()).toEqual([a!._id, b!._id].sort());
    const { audit } = collectionsOf(shop.gateway.database);
    expect(await audit.find({ 'subject.id': subscription._id }).toArray()).toMatchObject([
      { action: 'license.assigned', actor: { userId: shop.buyer._id }, after: { switched: [] } },
    ]);
    expect(await seatsOf(shop, subscription)).toMatchObject({ assigned: 3 });
  });

  it('[EXT-1] answers the same key with the same answer, and tells of it once', async () => {
    const subscription = await own(5);
    const [a] = await people(1);
    const replies = await Promise.all(
      Array.from({ length: 10 }, () => assign(subscription, [a!], { key: 'again' })),
    );
    expect(replies.map((reply) => [reply.status, ...outcomes(reply)])).toEqual(
      Array(10).fill([200, 'assigned']),
    );
    expect(outcomes(await assign(subscription, [a!]))).toEqual(['alreadyLicensed']);
    expect(await mailsAbout(subscription)).toHaveLength(1);
  });

  it('[OWN-1, OWN-3, ADM-5] is for the purchaser; an admin has to take the subscription over first', async () => {
    const subscription = await own(5);
    const [a] = await people(1);
    const codes = async (by: UserDocument) => {
      const { status, body } = await assign(subscription, [a!], { by });
      return [status, body.code];
    };
    expect(await codes(shop.admin)).toEqual([403, 'takeover_required']);
    expect(await codes(shop.reader)).toEqual([403, 'forbidden']);
    expect(await codes(shop.colleague)).toEqual([404, 'not_found']);
    const tenant = await shop.gateway.tenant();
    expect(await codes(await shop.gateway.user(tenant, { roles: ['globalAdmin'] }))).toEqual([
      404,
      'not_found',
    ]);
    expect(await seatsOf(shop, subscription)).toMatchObject({ assigned: 0 });
  });

  it('[ADM-6] a central seat switches the license of a self-service one', async () => {
    const subscription = await own(5);
    const central = await aSubscriptionOf(shop, 5, { origin: 'central' });
    const [a] = await people(1);
    await assign(subscription, [a!]);
    expect(outcomes(await assign(central, [a!], { by: shop.admin }))).toEqual(['switched']);
    expect(await seatsOf(shop, subscription)).toMatchObject({ assigned: 0 });
    expect(await seatsOf(shop, central)).toMatchObject({ assigned: 1 });
    expect((await assign(central, [a!])).status).toBe(404);
  });

  it('[MOV-6, SUB-1] is refused under an operation, and once the subscription gives no access', async () => {
    const held = await own(5, { operationId: 'op_running' });
    const [a] = await people(1);
    const busy = await assign(held, [a!]);
    expect([busy.status, busy.body.code, busy.body.operation]).toEqual([
      409,
      'operation_in_progress',
      '/v1/operations/op_running',
    ]);
    expect((await remove(held, [a!._id])).body.code).toBe('operation_in_progress');
    const disabled = await own(5, { status: 'disabled' });
    expect((await assign(disabled, [a!])).body).toMatchObject({ code: 'illegal_state', state: 'disabled' });
    const expired = await own(5, { status: 'expired' });
    expect(outcomes(await assign(expired, [a!]))).toEqual(['assigned']);
  });

  it('[FAULTS] 100 requests at once for 7 seats: exactly 7 succeed, none fails', async () => {
    const subscription = await own(7);
    const users = await people(100);
    const replies = await Promise.all(users.map((user) => assign(subscription, [user])));
    expect(new Set(replies.map((reply) => reply.status))).toEqual(new Set([200]));
    const all = replies.flatMap(outcomes);
    expect(all.filter((outcome) => outcome === 'assigned')).toHaveLength(7);
    expect(all.filter((outcome) => outcome === 'noFreeSeat')).toHaveLength(93);
    expect(await mailsAbout(subscription)).toHaveLength(7);
  });

  it('[OWN-3] names what is wrong with a batch', async () => {
    const subscription = await own(5);
    const ask = (body: object) => shop.gateway.as(shop.buyer, 'POST', licenses(subscription), { body });
    const pointers = async (body: object) => (await ask(body)).body.errors?.map((error) => error.pointer);
    expect(await pointers({})).toEqual(['/users']);
    expect(await pointers({ users: [] })).toEqual(['/users']);
    expect(await pointers({ users: Array<string>(1_001).fill('a@b.example') })).toEqual(['/users']);
    expect(await pointers({ users: [{ $ne: null }] })).toEqual(['/users/0']);
    expect(await pointers({ users: ['a'], seats: 3 })).toEqual(['/seats']);
  });
});

describe('removing', () => {
  it('[OWN-3, ADM-9] says what became of each user, and gives the seats back', async () => {
    const subscription = await own(5);
    const [a, b, c] = await people(3);
    await assign(subscription, [a!, b!]);
    const reply = await remove(subscription, [a!.email, c!._id, 'nobody@contoso.example']);
    expect([reply.status, ...outcomes(reply)]).toEqual([200, 'removed', 'notLicensed', 'notLicensed']);
    expect(await seatsOf(shop, subscription)).toMatchObject({ assigned: 1 });
    const one = (user: UserDocument) =>
      shop.gateway.as(shop.buyer, 'DELETE', `${licenses(subscription)}/${user._id}`);
    expect((await one(b!)).status).toBe(204);
    expect((await one(b!)).status).toBe(404);
    expect(await seatsOf(shop, subscription)).toMatchObject({ assigned: 0 });
    const { audit } = collectionsOf(shop.gateway.database);
    const removals = await audit
      .find({ 'subject.id': subscription._id, action: 'license.removed' })
      .toArray();
    expect(removals.map((entry) => entry.before)).toEqual([{ licensed: [a!._id] }, { licensed: [b!._id] }]);
  });
});

describe('licenses as they are seen', () => {
  it('[BUY-5] one may use those whose subscription gives access', async () => {
    const [user] = await people(1);
    const usable = await own(5);
    const locked = await own(5, { productId: POWER_BI_PREMIUM });
    await assign(usable, [user!]);
    await assign(locked, [user!]);
    await collectionsOf(shop.gateway.database).subscriptions.updateOne(
      { _id: locked._id },
      { $set: { status: 'disabled' } },
    );
    const { body } = await shop.gateway.as<ListView<OwnLicenseView>>(user!, 'GET', '/v1/me/licenses');
    expect(body.items).toMatchObject([
      {
        userId: user!._id,
        email: user!.email,
        productName: 'Power BI Pro',
        subscriptionId: usable._id,
        purchaserId: shop.buyer._id,
      },
    ]);
    expect(body.items[0]).toHaveProperty('trainingUrl');
  });

  it("[OWN-1, OWN-3] a subscription's are listed page by page, for its purchaser and who sees all", async () => {
    const subscription = await own(20);
    const users = await people(7);
    await assign(subscription, users);
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const path: string = `${licenses(subscription)}?limit=3${cursor && `&cursor=${cursor}`}`;
      const { body } = await shop.gateway.as<ListView<LicenseView>>(shop.buyer, 'GET', path);
      seen.push(...body.items.map((item) => item.email));
      cursor = body.nextCursor;
    }
    const inOrder = [...users].sort((a, b) => (a._id < b._id ? -1 : 1));
    expect(seen).toEqual(inOrder.map((user) => user.email));
    expect((await shop.gateway.as(shop.reader, 'GET', licenses(subscription))).status).toBe(200);
    expect((await shop.gateway.as(shop.colleague, 'GET', licenses(subscription))).status).toBe(404);
  });
});
