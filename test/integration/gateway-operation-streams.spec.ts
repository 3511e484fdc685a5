import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@commissary/platform';
import { type OperationOf, OperationRuns, type TenantDocument, type UserDocument } from '@commissary/store';
import { eventually } from '../e2e/support/eventually.js';
import { Profile } from '../support/fixtures/profile.js';
import { type AMove, aMove } from '../support/gateway/a-move.js';
import { EventReader } from '../support/gateway/event-reader.js';
import { TestGateway } from '../support/gateway/test-gateway.js';
import { collectionsOf } from '../support/driver.js';

let gateway: TestGateway;
let runs: OperationRuns;
let tenant: TenantDocument;
let admin: UserDocument;

beforeAll(async () => {
  gateway = await TestGateway.start();
  runs = new OperationRuns(gateway.database);
  tenant = await gateway.tenant();
  admin = await gateway.user(tenant, { roles: ['globalAdmin'] });
});

afterAll(() => gateway.close());

const pathOf = ({ operation }: AMove): string => `/v1/operations/${operation._id}/events`;

const open = async (made: AMove, lastEventId?: string, token?: string): Promise<EventReader> =>
  EventReader.open(gateway.url + pathOf(made), token ?? (await gateway.issuer.token(admin)), lastEventId);

const claim = async ({ operation }: AMove): Promise<OperationOf<'move'>> => {
  const outcome = await runs.claim(operation.tenantId, operation._id, 'worker');
  if (outcome.kind !== 'claimed') throw new Error(outcome.kind);
  return outcome.operation as OperationOf<'move'>;
};

const advance = (run: OperationOf<'move'>, cursor: string | undefined) =>
  gateway.database.transaction((session) =>
    runs.advance(session, run, { ...(cursor && { cursor }), progress: { done: 1 } }),
  );

const failed = (run: OperationOf<'move'>) =>
  gateway.database.transaction((session) =>
    runs.end(session, run, { status: 'failed', error: { code: 'move_incomplete', detail: 'No.' } }),
  );

describe('an event stream', () => {
  it.each(['', 'abc', '-1', '1e3', '0x2', '999999', '9'.repeat(40), '\u00e9', '1, 1'])(
    '[MOV-3] that is to go on after %p, which it never sent, begins with what there is',
    async (lastEventId) => {
      const made = await aMove(gateway.database, admin, 2);
      const reader = await open(made, lastEventId);
      const [first] = await reader.until((events) => events.length === 1);
      expect(first).toMatchObject({ event: 'progress', id: 1, operation: { status: 'accepted' } });
      reader.leave();
    },
  );

  it('[MOV-3] shows a pause, a resume and a stop, and `ended` at once to who comes long after', async () => {
    const made = await aMove(gateway.database, admin, 2);
    const control = (verb: string) =>
      gateway.as(admin, 'POST', `/v1/operations/${made.operation._id}/${verb}`);
    const reader = await open(made);
    for (const [verb, status] of [
      ['pause', 'paused'],
      ['resume', 'accepted'],
      ['stop', 'stopped'],
    ] as const) {
      await reader.until((events) => events.length > 0);
      await control(verb);
      await reader.until((events) => events.at(-1)?.operation.status === status);
      expect(reader.events.at(-1)?.operation.status).toBe(status);
    }
    const events = await reader.all();
    const last = { event: 'ended', operation: { status: 'stopped', endedAt: expect.any(String) } };
    expect(events.at(-1)).toMatchObject(last);
    await collectionsOf(gateway.database).operations.updateOne(
      { _id: made.operation._id },
      { $set: { endedAt: new Date(Date.now() - 300 * 24 * 3_600_000) } },
    );
    for (const seen of [undefined, '1', String(events.at(-1)!.id)]) {
      const late = await (await open(made, seen)).all();
      expect(late.at(-1)).toMatchObject(last);
      expect(late.filter(({ event }) => event === 'ended')).toHaveLength(1);
    }
  });

  it('[API] is refused as every answer is: problem+json, for strangers as for what is not there', async () => {
    const made = await aMove(gateway.database, admin, 2);
    const stranger = await gateway.user(await gateway.tenant(), { roles: ['globalAdmin'] });
    const [hidden, unknown] = await Promise.all([
      gateway.as(stranger, 'GET', pathOf(made)),
      gateway.as(admin, 'GET', `/v1/operations/${newId('op')}/events`),
    ]);
    for (const { status, headers, body } of [hidden, unknown]) {
      expect([status, headers.get('content-type'), body.code]).toEqual([
        404,
        'application/problem+json; charset=utf-8',
        'not_found',
      ]);
    }
    expect((await gateway.ask('GET', pathOf(made))).status).toBe(401);
  });

  it('[API] counts as a request: too many answer 429 and when to come again', async () => {
    const strict = await TestGateway.start({
      MONGODB_URI: gateway.services.mongodbUri,
      RATE_LIMIT_PER_SECOND: '1',
    });
    const made = await aMove(gateway.database, admin, 2);
    const token = await strict.issuer.token(admin);
    const readers: EventReader[] = [];
    for (let n = 0; n < 5; n += 1) readers.push(await EventReader.open(strict.url + pathOf(made), token));
    const refused = await strict.as(admin, 'GET', pathOf(made));
    expect([refused.status, refused.body.code]).toEqual([429, 'rate_limited']);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    // Those that are open stay open.
    expect(readers.every((reader) => !reader.isOver)).toBe(true);
    await strict.close();
  });

  it('[MOV-3] of a client who has gone asks MongoDB nothing more', async () => {
    const made = await aMove(gateway.database, admin, 20);
    const profile = await Profile.open(gateway.database);
    const reader = await open(made);
    let run = await claim(made);
    await reader.until((events) => events.at(-1)?.operation.status === 'running');
    reader.leave();
    let user = 0;
    await eventually('no read of the operation', async () => {
      const asked = await profile.during(async () => {
        const cursor = `usr_${(user += 1)}`;
        await advance(run, cursor);
        run = { ...run, cursor };
        // By the same feed as the one who left.
        await gateway.as(admin, 'GET', `/v1/operations/${made.operation._id}?wait=0.2`);
      });
      const reads = asked.filter(({ collection, op }) => collection === 'operations' && op === 'query');
      return reads.length <= 3 ? true : undefined;
    });
  });

  it('[API] is over with its token, with the right to see it, and says that it is still there meanwhile', async () => {
    const [expiring, quiet, leaving] = await Promise.all(
      [1, 2, 3].map(() => aMove(gateway.database, admin, 2)),
    );
    const reader = await gateway.user(tenant, { roles: ['globalReader'] });
    const soon = { claims: { exp: Math.floor(Date.now() / 1000) + 3 } };
    const began = performance.now();
    const streams = await Promise.all([
      open(expiring!, undefined, await gateway.issuer.token(admin, soon)),
      open(quiet!),
      open(leaving!, undefined, await gateway.issuer.token(reader)),
    ]);
    const [short, long, lost] = streams;
    expect((await short.all()).map(({ event }) => event)).toEqual(['progress']);
    expect(performance.now() - began).toBeLessThan(4_000);
    // Comes again with a new one, and goes on.
    const again = await open(expiring!, '1');
    await failed(await claim(expiring!));
    const rest = (await again.all()).map(({ event, id }) => [event, id]);
    expect(rest.slice(-2)).toEqual([
      ['progress', 3],
      ['ended', 3],
    ]);
    expect(rest.every(([, id]) => Number(id) > 1)).toBe(true);
    await collectionsOf(gateway.database).users.updateOne({ _id: reader._id }, { $set: { roles: [] } });
    expect((await lost.all()).map(({ event }) => event)).toEqual(['progress']);
    expect((await gateway.as(reader, 'GET', pathOf(leaving!))).status).toBe(404);
    await eventually('a sign of life', () => Promise.resolve(long.comments > 0 || undefined));
    expect(long.isOver).toBe(false);
    long.leave();
  });
});
