import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AssignmentOutcomesView, RemovalOutcomesView } from '@commissary/contracts';
import type { SubscriptionDocument, UserDocument } from '@commissary/store';
import { aLicense, aSubscription, aUser } from '../support/documents.js';
import { Profile } from '../support/fixtures/profile.js';
import { aSubscriptionOf, openShop, type OrProblem, type Shop, seatsOf } from '../support/gateway/shop.js';
import { TestGateway } from '../support/gateway/test-gateway.js';
import { collectionsOf } from '../support/driver.js';

/** Batches of the largest size, over HTTP, on two nodes of the gateway. */

let shop: Shop;
let second: TestGateway | undefined;
let profile: Profile;

beforeAll(async () => {
  shop = await openShop();
  second = await TestGateway.start({
    MONGODB_URI: shop.gateway.services.mongodbUri,
    OIDC_ISSUER: shop.gateway.issuer.url,
  });
  profile = await Profile.open(shop.gateway.database);
});

afterAll(async () => {
  await second?.close();
  await shop.gateway.close();
});

const collections = () => collectionsOf(shop.gateway.database);

const people = async (count: number, fields: Partial<UserDocument> = {}): Promise<UserDocument[]> => {
  const users = Array.from({ length: count }, () => aUser(shop.tenant._id, fields));
  await collections().users.insertMany(users);
  return users;
};

const own = (seats: number, fields: Partial<SubscriptionDocument> & { holders?: UserDocument[] } = {}) =>
  aSubscriptionOf(shop, seats, { purchaserId: shop.buyer._id, ...fields });

type Outcomes = OrProblem<AssignmentOutcomesView | RemovalOutcomesView>;

interface Asked {
  by?: UserDocument;
  key?: string;
  /** Which of the two nodes is asked. */
  node?: number;
}

const change = async (
  what: 'assign' | 'remove',
  { _id }: SubscriptionDocument,
  users: readonly string[],
  { by = shop.buyer, key, node = 0 }: Asked = {},
) => {
  const path = `/v1/subscriptions/${_id}/licenses${what === 'remove' ? '/remove' : ''}`;
  const authorization = `Bearer ${await shop.gateway.issuer.token(by)}`;
  const headers = { authorization, ...(key !== undefined && { 'idempotency-key': key }) };
  return (node === 0 ? shop.gateway : second!).ask<Outcomes>('POST', path, { body: { users }, headers });
};

const outcomesOf = ({ body }: { body: Outcomes }): string[] => body.items.map((item) => item.outcome);

const tally = (outcomes: readonly string[]): Record<string, number> =>
  Object.fromEntries(
    [...new Set(outcomes)].sort().map((each) => [each, outcomes.filter((one) => one === each).length]),
  );

const idsOf = (users: readonly UserDocument[]): string[] => users.map((user) => user._id);

/** The counter, the licenses that can be counted, and what is expected are one number. */
const expectAssigned = async (subscription: SubscriptionDocument, assigned: number): Promise<void> => {
  const { _id: subscriptionId } = subscription;
  expect(await collections().licenses.countDocuments({ subscriptionId })).toBe(assigned);
  expect(await seatsOf(shop, subscription)).toMatchObject({ assigned });
};

const mailsAbout = ({ _id }: SubscriptionDocument) =>
  collections().notifications.find({ template: 'licenseAssigned', 'params.subscriptionId': _id }).toArray();

describe('a batch of a thousand', () => {
  /** Every kind of user, named in every way, shuffled by their ids. */
  const mixed = async () => {
    const [assigned, byMail, here, elsewhere, guests, disabled, deleted] = await Promise.all([
      people(300),
      people(200),
      people(100),
      people(100),
      people(50, { type: 'guest' }),
      people(50, { state: 'disabled' }),
      people(50, { state: 'deleted' }),
    ]);
    const foreign = aUser('ten_foreign');
    await collections().users.insertOne(foreign);
    await own(100, { holders: elsewhere });
    const subscription = await own(550, { holders: here });
    const unknown = Array.from({ length: 98 }, (_, i) =>
      i % 2 ? `usr_nobody${i}` : `n${i}@contoso.example`,
    );
    const expected = new Map<string, string>([
      ...idsOf(assigned).map((id) => [id, 'assigned'] as const),
      ...byMail.map((user, i) => [i % 2 ? user.email.toUpperCase() : user.email, 'assigned'] as const),
      ...idsOf([...here, ...elsewhere]).map((id) => [id, 'alreadyLicensed'] as const),
      ...idsOf(guests).map((id) => [id, 'guestNotAllowed'] as const),
      ...disabled.map((user) => [user.email, 'userInactive'] as const),
      ...deleted.map((user, i) => [i % 2 ? user._id : user.email, 'noSuchUser'] as const),
      ...[...unknown, foreign._id, foreign.email].map((name) => [name, 'noSuchUser'] as const),
    ]);
    const names = [...expected.keys()].sort((a, b) => (a.slice(-5) < b.slice(-5) ? -1 : 1));
    // Who is named again, in another way, is not answered again.
    const repeated = [...idsOf(byMail.slice(0, 30)), ...assigned.slice(0, 20).map(({ email }) => email)];
    return { subscription, expected, names, repeated };
  };

  it('[OWN-3, MSG-1] answers each in the order of the request, however named, and once; the last go without a seat', async () => {
    const { subscription, expected, names, repeated } = await mixed();
    expect(names.length + repeated.length).toBe(1_000);
    const reply = await change('assign', subscription, [...names, ...repeated]);
    expect(reply.status).toBe(200);
    const wanted = names.filter((name) => expected.get(name) === 'assigned');
    const served = new Set(wanted.slice(0, 450));
    const answers = names.map((name) =>
      expected.get(name) === 'assigned' && !served.has(name) ? 'noFreeSeat' : expected.get(name),
    );
    expect(reply.body.items.map(({ user }) => user)).toEqual(names);
    expect(outcomesOf(reply)).toEqual(answers);
    expect(tally(outcomesOf(reply))).toMatchObject({ assigned: 450, noFreeSeat: 50, noSuchUser: 150 });
    await expectAssigned(subscription, 550);
    const mailed = (await mailsAbout(subscription)).map(({ recipientUserId }) => recipientUserId);
    expect([mailed.length, new Set(mailed).size]).toEqual([450, 450]);
  });

  const READ_AT_ANY_TIME = ['operations', 'products', 'markets', 'eligibilityRules'];

  it('[OWN-3, ADM-6] asks MongoDB no more often than a batch of ten', async () => {
    /** Half of them hold a license, each by another purchaser's subscription. */
    const centralized = async (count: number) => {
      const users = await people(count);
      const sources = users.slice(count / 2).map((user) => ({
        user,
        source: aSubscription(shop.tenant._id, { seats: { purchased: 1, assigned: 1, reservations: [] } }),
      }));
      await collections().subscriptions.insertMany(sources.map(({ source }) => source));
      await collections().licenses.insertMany(sources.map(({ source, user }) => aLicense(source, user._id)));
      const central = await aSubscriptionOf(shop, count, { origin: 'central' });
      const asked = async (what: 'assign' | 'remove') => {
        let outcomes: string[] = [];
        const seen = await profile.during(async () => {
          outcomes = outcomesOf(await change(what, central, idsOf(users), { by: shop.admin }));
        });
        // Who asks and for which tenant is read at the same time, in any order; the gateway watches the operations all along, and
        // reads the catalog again whenever what it knows of it has become too old.
        const asking = seen.filter(({ collection }) => !READ_AT_ANY_TIME.includes(collection));
        return { outcomes, commands: asking.map(({ op, collection }) => `${op} ${collection}`).sort() };
      };
      return [await asked('assign'), await asked('remove')] as const;
    };
    await change('remove', await own(1), ['warm@contoso.example']);
    const [small, large] = [await centralized(10), await centralized(1_000)];
    expect(large.map(({ outcomes }) => tally(outcomes))).toEqual([
      { assigned: 500, switched: 500 },
      { removed: 1_000 },
    ]);
    expect(large.map(({ commands }) => commands)).toEqual(small.map(({ commands }) => commands));
    expect(large[0].commands.length).toBeLessThan(25);
  });

  it('[OWN-3] is given and taken in a moment', async () => {
    const users = idsOf(await people(1_000));
    const subscription = await own(1_000);
    const began = performance.now();
    expect(tally(outcomesOf(await change('assign', subscription, users)))).toEqual({ assigned: 1_000 });
    const assigned = performance.now();
    expect(tally(outcomesOf(await change('remove', subscription, users)))).toEqual({ removed: 1_000 });
    const removed = performance.now();
    process.stdout.write(
      `1,000 users: assigned in ${Math.round(assigned - began)} ms, removed in ${Math.round(removed - assigned)} ms\n`,
    );
    expect(removed - began).toBeLessThan(20_000);
  });

  it.each<[string, unknown, number, string, string | undefined]>([
    ['1,001 users', { users: Array<string>(1_001).fill('a@b.example') }, 400, 'invalid_request', '/users'],
    ['nobody', { users: [] }, 400, 'invalid_request', '/users'],
    ['no list', { users: 'a@b.example' }, 400, 'invalid_request', '/users'],
    ['no names', { users: ['a', 7] }, 400, 'invalid_request', '/users/1'],
    ['an empty name', { users: [''] }, 400, 'invalid_request', '/users/0'],
    ['a name of 321 characters', { users: ['a'.repeat(321)] }, 400, 'invalid_request', '/users/0'],
    ['a NUL', { users: ['a\u0000'] }, 400, 'invalid_request', '/users/0'],
    [
      'more than 1 MB',
      { users: Array<string>(4_000).fill('a'.repeat(300)) },
      413,
      'body_too_large',
      undefined,
    ],
  ])('[OWN-3, EXT-1] refuses %s, giving or taking', async (_name, body, status, code, pointer) => {
    const subscription = await own(5);
    for (const path of ['licenses', 'licenses/remove']) {
      const url = `/v1/subscriptions/${subscription._id}/${path}`;
      const reply = await shop.gateway.as(shop.buyer, 'POST', url, { body });
      expect([reply.status, reply.body.code, reply.body.errors?.[0]?.pointer]).toEqual([
        status,
        code,
        pointer,
      ]);
    }
    await expectAssigned(subscription, 0);
  });

  it('[OWN-3] of the longest names fits in a request', async () => {
    const users = Array.from({ length: 1_000 }, (_, i) => `${i}@${'x'.repeat(300)}.example`);
    expect(tally(outcomesOf(await change('assign', await own(5), users)))).toEqual({ noSuchUser: 1_000 });
  });
});

describe('batches at once', () => {
  it('[FAULTS] 500 assignments and 20 batches on two nodes for 150 seats: exactly 150 succeed, none fails', async () => {
    const [singles, many] = await Promise.all([people(500), people(200)]);
    const subscription = await own(150);
    const asked = [
      ...idsOf(singles).map((id) => [id]),
      // Each of 200 is named by two batches, which therefore want the same user and the same seats.
      ...Array.from({ length: 20 }, (_, i) => idsOf([...many, ...many].slice(i * 20, i * 20 + 20))),
    ];
    const replies = await Promise.all(
      asked.map((users) => change('assign', subscription, users, { node: users.length === 1 ? 0 : 1 })),
    );
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
    const served = replies.flatMap(({ body }) => body.items.filter(({ outcome }) => outcome === 'assigned'));
    expect(served).toHaveLength(150);
    expect(new Set(served.map(({ userId }) => userId)).size).toBe(150);
    await expectAssigned(subscription, 150);
    expect(await mailsAbout(subscription)).toHaveLength(150);
  });

  it('[OWN-3] one user’s license given and taken a hundred times at once: all answered, and counted right', async () => {
    const [user, ...others] = await people(4);
    const [mine, too] = [await own(3), await own(3)];
    await change('assign', mine, idsOf(others.slice(0, 2)));
    const replies = await Promise.all(
      Array.from({ length: 100 }, (_, i) =>
        change(i % 2 ? 'remove' : 'assign', i % 3 ? mine : too, [user!._id], { node: i % 2 }),
      ),
    );
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
    const all = tally(replies.flatMap(outcomesOf));
    const left = (all['assigned'] ?? 0) - (all['removed'] ?? 0);
    expect([0, 1]).toContain(left);
    const held = await collections().licenses.find({ userId: user!._id }).toArray();
    expect(held).toHaveLength(left);
    await expectAssigned(mine, 2 + held.filter(({ subscriptionId }) => subscriptionId === mine._id).length);
    await expectAssigned(too, held.filter(({ subscriptionId }) => subscriptionId === too._id).length);
  });
});

describe('who leaves while licenses are given', () => {
  it('[OWN-3, SUB-2] holds none afterwards, whichever came first, and leaves no seat behind', async () => {
    const users = await people(60);
    const [leaving, staying] = [users.slice(0, 20), users.slice(20)];
    const subscription = await own(60);
    const batches = [0, 1, 2, 3].map((i) => idsOf(users.filter((_user, at) => at % 4 === i)));
    const [given, left] = await Promise.all([
      Promise.all(batches.map((batch, i) => change('assign', subscription, batch, { node: i % 2 }))),
      Promise.all(leaving.map(({ _id }) => shop.gateway.as(shop.admin, 'DELETE', `/v1/users/${_id}`))),
    ]);
    expect(new Set(left.map(({ status }) => status))).toEqual(new Set([204]));
    const { assigned = 0, noSuchUser = 0 } = tally(given.flatMap(outcomesOf));
    expect(assigned + noSuchUser).toBe(60);
    expect(assigned).toBeGreaterThanOrEqual(40);
    await expectAssigned(subscription, 40);
    const holders = await collections().licenses.find({ subscriptionId: subscription._id }).toArray();
    expect(holders.map(({ userId }) => userId).sort()).toEqual(idsOf(staying).sort());
    const again = await change('assign', subscription, idsOf(users));
    expect(tally(outcomesOf(again))).toEqual({ alreadyLicensed: 40, noSuchUser: 20 });
  });
});

describe('the key of a batch', () => {
  /** One more node, which fails at a point of accepting. */
  const failingAt = (point: string) =>
    TestGateway.start({
      MONGODB_URI: shop.gateway.services.mongodbUri,
      OIDC_ISSUER: shop.gateway.issuer.url,
      FAILPOINTS: `${point}=throw@1`,
      NODE_ENV: 'test',
    });

  it.each([
    ['accept.checked', 0],
    ['accept.committing', 0],
    ['accept.committed', 20],
  ])(
    '[EXT-1, FAULTS] sent again after a failure at %s, the batch was done whole or not at all',
    async (point, done) => {
      const users = idsOf(await people(25));
      const subscription = await own(20);
      const key = `after ${point}`.replaceAll(' ', '-');
      const failing = await failingAt(point);
      try {
        const authorization = `Bearer ${await shop.gateway.issuer.token(shop.buyer)}`;
        const failed = await failing.ask('POST', `/v1/subscriptions/${subscription._id}/licenses`, {
          body: { users },
          headers: { authorization, 'idempotency-key': key },
        });
        expect(failed.status).toBe(500);
      } finally {
        await failing.close();
      }
      await expectAssigned(subscription, done);
      const again = await change('assign', subscription, users, { key, node: 1 });
      expect(tally(outcomesOf(again))).toEqual({ assigned: 20, noFreeSeat: 5 });
      expect(await change('assign', subscription, users, { key })).toMatchObject({ body: again.body });
      await expectAssigned(subscription, 20);
      expect(await mailsAbout(subscription)).toHaveLength(20);
      const other = await change('assign', subscription, users.slice(1), { key });
      expect([other.status, other.body.code]).toEqual([422, 'idempotency_key_reused']);
    },
  );

  it('[EXT-1] is not used up by a refusal, nor by another subscription or the way back', async () => {
    const users = idsOf(await people(3));
    const [mine, too] = [await own(3, { operationId: 'op_busy' }), await own(3)];
    const key = 'one-for-all';
    expect((await change('assign', mine, users, { key })).status).toBe(409);
    await collections().subscriptions.updateOne({ _id: mine._id }, { $set: { operationId: null } });
    expect(tally(outcomesOf(await change('assign', mine, users, { key })))).toEqual({ assigned: 3 });
    expect(tally(outcomesOf(await change('assign', too, users, { key })))).toEqual({ alreadyLicensed: 3 });
    expect(tally(outcomesOf(await change('remove', mine, users, { key })))).toEqual({ removed: 3 });
    // Of what was given once it is told once, whatever has become of it since.
    expect(tally(outcomesOf(await change('assign', mine, users, { key })))).toEqual({ assigned: 3 });
    await expectAssigned(mine, 0);
  });
});

describe('a batch and what becomes of its subscription', () => {
  it.each<[string, Partial<SubscriptionDocument>, unknown, unknown]>([
    ['in grace', { status: 'expired' }, [200], [200]],
    ['disabled', { status: 'disabled' }, [409, 'illegal_state', 'disabled'], [200]],
    ['deleted', { status: 'deleted' }, [409, 'illegal_state', 'deleted'], [409, 'illegal_state', 'deleted']],
    [
      'moved or cancelled',
      { operationId: 'op_running' },
      [409, 'operation_in_progress', '/v1/operations/op_running'],
      [409, 'operation_in_progress', '/v1/operations/op_running'],
    ],
    [
      'swept after its cancellation',
      { status: 'deleted', operationId: 'op_sweep' },
      [409, 'operation_in_progress', '/v1/operations/op_sweep'],
      [409, 'operation_in_progress', '/v1/operations/op_sweep'],
    ],
  ])('[SUB-1, MOV-6] of one that is %s', async (_name, fields, assigned, removed) => {
    const [holder, user] = await people(2);
    const subscription = await own(5, { ...fields, holders: [holder!] });
    const ask = async (what: 'assign' | 'remove', users: string[]) => {
      const { status, body } = await change(what, subscription, users);
      return status === 200 ? [status] : [status, body.code, body.state ?? body.operation];
    };
    expect(await ask('assign', [user!._id])).toEqual(assigned);
    expect(await ask('remove', [holder!._id])).toEqual(removed);
  });

  it('[CAN-2] whoever’s license is being swept away gets none and is not called licensed; afterwards they are assigned', async () => {
    const users = await people(3);
    const swept = await own(3, { status: 'deleted', operationId: 'op_sweep', holders: users.slice(0, 1) });
    const [mine, central] = [await own(3), await aSubscriptionOf(shop, 3, { origin: 'central' })];
    for (const [to, by] of [[mine, shop.buyer] as const, [central, shop.admin] as const]) {
      const { status, body } = await change('assign', to, idsOf(users), { by });
      expect([status, body.code, body.operation]).toEqual([
        409,
        'operation_in_progress',
        '/v1/operations/op_sweep',
      ]);
      await expectAssigned(to, 0);
    }
    await collections().licenses.deleteMany({ subscriptionId: swept._id });
    const after = await change('assign', central, idsOf(users), { by: shop.admin });
    expect(tally(outcomesOf(after))).toEqual({ assigned: 3 });
  });

  it('[ADM-6, MOV-6] centrally, whoever is being moved stays with the move: licensed already', async () => {
    const [moving, free] = await people(2);
    await own(1, { operationId: 'op_move', holders: [moving!] });
    const source = await own(1, { holders: [free!] });
    const central = await aSubscriptionOf(shop, 2, { origin: 'central' });
    const reply = await change('assign', central, idsOf([moving!, free!]), { by: shop.admin });
    expect(outcomesOf(reply)).toEqual(['alreadyLicensed', 'switched']);
    await expectAssigned(central, 1);
    await expectAssigned(source, 0);
  });

  it('[OWN-3] a purchaser takes their own license like anybody’s, and is mailed about none', async () => {
    const subscription = await own(2);
    const both = [shop.buyer._id, shop.colleague._id];
    expect(outcomesOf(await change('assign', subscription, both))).toEqual(['assigned', 'assigned']);
    const path = `/v1/subscriptions/${subscription._id}/licenses/${shop.buyer._id}`;
    expect((await shop.gateway.as(shop.buyer, 'DELETE', path)).status).toBe(204);
    expect(outcomesOf(await change('remove', subscription, both))).toEqual(['notLicensed', 'removed']);
    const mailed = (await mailsAbout(subscription)).map(({ recipientUserId }) => recipientUserId);
    expect(mailed).toEqual([shop.colleague._id]);
    await expectAssigned(subscription, 0);
  });
});
