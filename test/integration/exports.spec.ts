import { get, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { fetch } from '@commissary/stack/http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AuditEntryView, LicenseView, ListView } from '@commissary/contracts';
import { newId } from '@commissary/platform';
import type { SubscriptionDocument, UserDocument } from '@commissary/store';
import { aLicense, aUser } from '../support/documents.js';
import { Profile, type Profiled } from '../support/fixtures/profile.js';
import { aSubscriptionOf, openShop, type Shop } from '../support/gateway/shop.js';
import { TestGateway } from '../support/gateway/test-gateway.js';
import { eventually } from '../e2e/support/eventually.js';
import { clientOf, collectionsOf, dbOf, UNCHECKED } from '../support/driver.js';

let shop: Shop;
let profile: Profile;

beforeAll(async () => {
  shop = await openShop();
  profile = await Profile.open(shop.gateway.database);
});

afterAll(() => shop.gateway.close());

const COLUMNS =
  '\ufeffdisplayName,email,product,subscription,purchaser,assignedAt,department,usageLocation\r\n';
const ASSIGNED = '2030-01-15T08:00:00.000Z';

const pathOf = (...ids: string[]): string =>
  `/v1/exports/users?${ids.map((id) => `subscriptionId=${id}`).join('&')}`;

/** Its very bytes: to read them as text would swallow the byte order mark. */
const exported = async (...ids: string[]): Promise<{ response: Response; text: string }> => {
  const response = await fetch(shop.gateway.url + pathOf(...ids), {
    headers: { authorization: `Bearer ${await shop.gateway.issuer.token(shop.admin)}` },
  });
  return { response, text: Buffer.from(await response.arrayBuffer()).toString('utf8') };
};

const people = (...fields: Partial<UserDocument>[]): Promise<UserDocument[]> =>
  Promise.all(fields.map((each) => shop.gateway.user(shop.tenant, { _id: newId('usr'), ...each })));

const rowOf = ({ _id, productName }: SubscriptionDocument, user: UserDocument, assignedAt = ASSIGNED) =>
  `${user.displayName},${user.email},${productName},${_id},,${assignedAt},${user.department ?? ''},US\r\n`;

const byId = <T extends { _id: string }>(rows: readonly T[]): T[] =>
  rows.toSorted((a, b) => (a._id < b._id ? -1 : 1));

describe('the export of users', () => {
  it('[ADM-3] is CSV with a byte order mark: a row per user, subscription after subscription', async () => {
    const buyer = await shop.gateway.user(shop.tenant, { displayName: 'Casey Jensen' });
    const holders = await people({ displayName: 'Alex', department: 'Sales' }, { displayName: 'Blake' });
    const [both] = holders;
    const first = await aSubscriptionOf(shop, 5, { holders, purchaserId: buyer._id });
    const second = await aSubscriptionOf(shop, 5, {
      holders: [both!],
      origin: 'central',
      productId: 'CFQ7TTC0HD33',
      productName: 'Visio Plan 2',
    });
    const { response, text } = await exported(second._id, first._id);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="users.csv"');
    const ofFirst = byId(holders).map((user) => rowOf(first, user).replace(',,', ',Casey Jensen,'));
    expect(text).toBe(COLUMNS + rowOf(second, both!) + ofFirst.join(''));
  });

  it('[ADM-3] keeps to RFC 4180, and formulas are text in it', async () => {
    const odd = [
      '=1+1',
      '+1',
      '-1',
      '@SUM(A1)',
      '\t=1',
      'Reyes, Morgan',
      'the "boss"',
      'two\nlines',
      'Åsa 陳',
      '  =1+1',
      '"=1+1',
      ' \u00a0-1',
      "'@SUM(A1)",
      '\r\n=1',
      '\uff1d1',
      'one\rtwo',
      'a = b',
    ];
    const cells = [
      "'=1+1",
      "'+1",
      "'-1",
      "'@SUM(A1)",
      "'\t=1",
      '"Reyes, Morgan"',
      '"the ""boss"""',
      '"two\nlines"',
      'Åsa 陳',
      "'  =1+1",
      '"\'""=1+1"',
      "' \u00a0-1",
      "''@SUM(A1)",
      '"\'\r\n=1"',
      "'\uff1d1",
      '"one\rtwo"',
      'a = b',
    ];
    const holders = await people(...odd.map((name) => ({ displayName: name, department: name })));
    const subscription = await aSubscriptionOf(shop, 20, { holders });
    const { text } = await exported(subscription._id);
    for (const [place, cell] of cells.entries()) {
      const { email } = holders[place]!;
      const { _id } = subscription;
      expect(text).toContain(`\r\n${cell},${email},Power BI Pro,${_id},,${ASSIGNED},${cell},US\r\n`);
    }
  });

  it('[ADM-3] of many is whole, of none but its head, and what is named twice is in it once', async () => {
    const holders = Array.from({ length: 2_345 }, (_, n) =>
      aUser(shop.tenant._id, { _id: newId('usr'), displayName: `User ${n}` }),
    );
    await collectionsOf(shop.gateway.database).users.insertMany(holders);
    const many = await aSubscriptionOf(shop, 3_000, { holders });
    const empty = await aSubscriptionOf(shop, 5);
    const all =
      COLUMNS +
      byId(holders)
        .map((user) => rowOf(many, user))
        .join('');
    expect((await exported(many._id, many._id, empty._id, many._id)).text).toBe(all);
    expect((await exported(empty._id)).text).toBe(COLUMNS);
  });

  it('[ADM-3] names no user who was deleted', async () => {
    const holders = await people({ displayName: 'Here' }, { displayName: 'Gone', state: 'deleted' });
    const subscription = await aSubscriptionOf(shop, 5, { holders });
    expect((await exported(subscription._id)).text).toBe(COLUMNS + rowOf(subscription, holders[0]!));
  });

  it('[ADM-7, OWN-1] is for who sees every subscription; [API] one that is unknown or foreign is not found', async () => {
    const own = await aSubscriptionOf(shop, 5, { purchaserId: shop.buyer._id });
    const stranger = await shop.gateway.user(await shop.gateway.tenant(), { roles: ['globalAdmin'] });
    const ask = (user: UserDocument, path: string) => shop.gateway.as(user, 'GET', path);
    expect((await ask(shop.reader, pathOf(own._id))).status).toBe(200);
    expect(await ask(shop.buyer, pathOf(own._id))).toMatchObject({
      status: 403,
      body: { code: 'forbidden' },
    });
    const unknown = await ask(shop.admin, pathOf(own._id, newId('sub')));
    const foreign = await ask(stranger, pathOf(own._id));
    const { requestId: _one, ...unknownBody } = unknown.body;
    const { requestId: _other, ...foreignBody } = foreign.body;
    expect([unknown.status, foreign.status]).toEqual([404, 404]);
    expect(unknownBody).toEqual(foreignBody);
  });

  it('[API] takes one to fifty subscriptions and no other parameter', async () => {
    const { _id } = await aSubscriptionOf(shop, 5);
    const ids = Array.from({ length: 50 }, () => newId('sub'));
    const ask = async (path: string) => (await shop.gateway.as(shop.admin, 'GET', path)).status;
    expect(await ask('/v1/exports/users')).toBe(400);
    expect(await ask(pathOf(''))).toBe(400);
    expect(await ask(`${pathOf(_id)}&format=json`)).toBe(400);
    expect(await ask(pathOf(...ids))).toBe(404);
    expect(await ask(pathOf(_id, ...ids))).toBe(400);
    expect(await ask(pathOf(...ids.map(() => _id), _id))).toBe(200);
  });

  it('[ADM-9] is in the audit trail, by whom and of what', async () => {
    const { _id } = await aSubscriptionOf(shop, 5);
    await shop.gateway.as(shop.reader, 'GET', pathOf(_id));
    const trail = await shop.gateway.as<ListView<AuditEntryView>>(
      shop.admin,
      'GET',
      `/v1/audit?action=users.exported&actor=${shop.reader._id}&limit=1`,
    );
    expect(trail.body.items).toEqual([
      expect.objectContaining({ action: 'users.exported', subject: { type: 'subscription', id: _id } }),
    ]);
  });

  it('[CAN-2] of a deleted subscription names its last holders, who can be listed as well', async () => {
    const holders = byId(await people({ displayName: 'A' }, { displayName: 'B' }, { displayName: 'C' }));
    const subscription = await aSubscriptionOf(shop, 5, { status: 'deleted' });
    await sweptFrom(subscription, holders);
    const { text } = await exported(subscription._id);
    expect(text).toBe(COLUMNS + holders.map((user) => rowOf(subscription, user, '')).join(''));
    const page = async (query: string) =>
      (
        await shop.gateway.as<ListView<LicenseView>>(
          shop.admin,
          'GET',
          `/v1/subscriptions/${subscription._id}/licenses?${query}`,
        )
      ).body;
    const first = await page('limit=2');
    const second = await page(`limit=2&cursor=${first.nextCursor}`);
    const listed = [...first.items, ...second.items];
    expect(listed.map((item) => item.email)).toEqual(holders.map((user) => user.email));
    expect(listed[0]).toMatchObject({ id: null, assignedAt: null, productName: subscription.productName });
    expect(second.nextCursor).toBeNull();
  });
});

/** What a cancellation leaves behind, a chunk per user. */
const sweptFrom = async (
  { _id: subscriptionId, tenantId }: SubscriptionDocument,
  holders: readonly UserDocument[],
): Promise<void> => {
  const { operations, operationResults } = collectionsOf(shop.gateway.database);
  const id = newId('op');
  const ended = { type: 'cancellation', status: 'succeeded', step: 'cut' };
  await operations.insertOne({ _id: id, tenantId, subscriptionId, ...ended } as never, UNCHECKED);
  await operationResults.insertMany(
    holders.map((user, seq) => ({
      _id: `${id}:${seq}`,
      tenantId,
      operationId: id,
      seq,
      groups: [{ outcome: 'accessRemoved' as const, reason: null, userIds: [user._id] }],
      at: new Date(),
    })),
  );
};

describe('an export and its reader [ADM-3]', () => {
  const USERS = 25_000;
  /** Wide, so that the sockets between the two hold a small part of the file. */
  const DEPARTMENT = 'd'.repeat(2_000);
  let subscription: SubscriptionDocument;

  beforeAll(async () => {
    subscription = await aSubscriptionOf(shop, USERS);
    const { users, licenses } = collectionsOf(shop.gateway.database);
    for (let from = 0; from < USERS; from += 5_000) {
      const some = Array.from({ length: 5_000 }, () =>
        aUser(shop.tenant._id, { _id: newId('usr'), department: DEPARTMENT }),
      );
      await users.insertMany(some, { ordered: false });
      await licenses.insertMany(
        some.map((user) => aLicense(subscription, user._id)),
        { ordered: false },
      );
    }
  }, 60_000);

  const open = async (url = shop.gateway.url): Promise<IncomingMessage> => {
    const authorization = `Bearer ${await shop.gateway.issuer.token(shop.admin)}`;
    const asked = get(url + pathOf(subscription._id), { headers: { authorization } });
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    return answer;
  };

  const usersRead = (seen: readonly Profiled[]): number =>
    seen.filter(({ collection }) => collection === 'users').reduce((sum, { found }) => sum + found, 0);

  /** Commands at work, and cursors left open, on what an export reads. */
  const atWork = async (): Promise<number> => {
    const [db, client] = [dbOf(shop.gateway.database), clientOf(shop.gateway.database)];
    const ns = { $in: ['users', 'licenses'].map((name) => `${db.databaseName}.${name}`) };
    const pipeline = [{ $currentOp: { idleCursors: true } }, { $match: { ns } }];
    return (await client.db('admin').aggregate(pipeline, { readConcern: 'local' }).toArray()).length;
  };

  /** The server was asked nothing more for some looks in a row, and is at nothing. */
  const standstill = async (): Promise<void> => {
    const db = dbOf(shop.gateway.database);
    let before = -1;
    let looks = 0;
    await eventually('the export to stand still', async () => {
      const asked = await db.collection('system.profile').countDocuments({ ns: `${db.databaseName}.users` });
      looks = asked === before && (await atWork()) === 0 ? looks + 1 : 0;
      before = asked;
      return looks === 6 ? true : undefined;
    });
  };

  it('reads no further than a reader who stands still takes, and keeps no cursor for him', async () => {
    const seen = await profile.during(async () => {
      const answer = await open();
      answer.pause();
      await standstill();
      answer.destroy();
      await standstill();
    });
    expect(usersRead(seen)).toBeGreaterThan(0);
    expect(usersRead(seen)).toBeLessThan(USERS / 2);
  });

  it('ends its query when the reader goes', async () => {
    const seen = await profile.during(async () => {
      const answer = await open();
      await once(answer, 'data');
      answer.destroy();
      await standstill();
    });
    expect(usersRead(seen)).toBeGreaterThan(0);
    expect(usersRead(seen)).toBeLessThan(USERS / 2);
  });

  it('sends a whole file to who reads on after a while', async () => {
    const answer = await open();
    answer.pause();
    await standstill();
    let lines = 0;
    for await (const part of answer) for (const byte of part as Buffer) lines += byte === 10 ? 1 : 0;
    expect(lines).toBe(1 + USERS);
  });

  it('[OPS-3] of a gateway that stops: who reads gets all of it, who stands still is broken off, no file looks whole', async () => {
    const { services, issuer } = shop.gateway;
    const second = await TestGateway.start({ MONGODB_URI: services.mongodbUri, OIDC_ISSUER: issuer.url });
    const [reads, stands] = await Promise.all([open(second.url), open(second.url)]);
    for (const answer of [reads, stands]) answer.pause();
    const broken = once(stands, 'error');
    await standstill();
    const began = Date.now();
    const closed = second.close();
    let bytes = 0;
    reads.on('data', (part: Buffer) => (bytes += part.length));
    reads.resume();
    await once(reads, 'end');
    await closed;
    stands.resume();
    expect(Date.now() - began).toBeLessThan(15_000);
    expect(((await broken) as [NodeJS.ErrnoException])[0].code).toBe('ECONNRESET');
    expect([reads.complete, stands.complete]).toEqual([true, false]);
    expect(bytes).toBeGreaterThan(USERS * DEPARTMENT.length);
  });

  it('asks by five hundred, by index, and looks at nothing it does not send', async () => {
    const seen = await profile.during(async () => {
      const answer = await open();
      answer.resume();
      await once(answer, 'end');
    });
    const read = seen.filter(({ collection }) => ['users', 'licenses'].includes(collection));
    expect(read.length).toBeLessThanOrEqual(2 * (USERS / 500) + 5);
    for (const { docsExamined, found } of read) expect(docsExamined).toBe(found);
  });
});
