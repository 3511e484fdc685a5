import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { OperationView } from '@commissary/contracts';
import { type OperationOf, OperationRuns, type UserDocument } from '@commissary/store';
import { type AMove, aMove } from '../support/gateway/a-move.js';
import { EventReader } from '../support/gateway/event-reader.js';
import { TestGateway } from '../support/gateway/test-gateway.js';
import { clientOf, dbOf } from '../support/driver.js';

let gateway: TestGateway;
let runs: OperationRuns;
let admin: UserDocument;

beforeAll(async () => {
  gateway = await TestGateway.start();
  runs = new OperationRuns(gateway.database);
  admin = await gateway.user(await gateway.tenant(), { roles: ['globalAdmin'] });
});

afterAll(() => gateway.close());

const FOUR = ['usr_1', 'usr_2', 'usr_3', 'usr_4'];
const move = () => aMove(gateway.database, admin, 4);

/** What a worker in another process does, by the same repository. */
const claim = async ({ operation }: AMove): Promise<OperationOf<'move'>> => {
  const outcome = await runs.claim(operation.tenantId, operation._id, 'worker');
  if (outcome.kind !== 'claimed') throw new Error(outcome.kind);
  return outcome.operation as OperationOf<'move'>;
};

const moveOne = async (run: OperationOf<'move'>, cursor: string): Promise<OperationOf<'move'>> => {
  await gateway.database.transaction((session) =>
    runs.advance(session, run, { cursor, progress: { done: 1 } }),
  );
  return { ...run, cursor };
};

const end = (run: OperationOf<'move'>) =>
  gateway.database.transaction((session) =>
    runs.end(session, run, {
      status: 'succeeded',
      result: {
        moved: 4,
        alreadyLicensed: 0,
        skipped: 0,
        failed: 0,
        sourceStatus: 'deleted',
        refunded: null,
      },
    }),
  );

const open = async ({ operation }: AMove, lastEventId?: number, on = gateway) =>
  EventReader.open(
    `${on.url}/v1/operations/${operation._id}/events`,
    await gateway.issuer.token(admin),
    lastEventId,
  );

const wait = ({ operation }: AMove, seconds: number) =>
  gateway.as<OperationView>(admin, 'GET', `/v1/operations/${operation._id}?wait=${seconds}`);

/** Returns how many there were. */
const killChangeStreams = async (): Promise<number> => {
  const [client, db] = [clientOf(gateway.database), dbOf(gateway.database)];
  const open = await client
    .db('admin')
    .aggregate<{ cursor: { cursorId: unknown } }>(
      [
        { $currentOp: { allUsers: true, idleCursors: true } },
        { $match: { ns: `${db.databaseName}.operations`, 'cursor.tailable': true } },
      ],
      { readConcern: { level: 'local' } },
    )
    .toArray();
  const cursors = open.map((operation) => operation.cursor.cursorId);
  await db.command({ killCursors: 'operations', cursors });
  return cursors.length;
};

describe('the event stream of an operation', () => {
  it('[MOV-3] shows progress as another process makes it, ids rising, and ends with `ended`', async () => {
    const made = await move();
    const reader = await open(made);
    await reader.until((events) => events.length === 1);
    let run = await claim(made);
    await reader.until((events) => events.at(-1)?.operation.status === 'running');
    for (const [index, user] of FOUR.entries()) {
      run = await moveOne(run, user);
      await reader.until((events) => events.at(-1)?.operation.progress.done === index + 1);
    }
    await end(run);
    const events = await reader.all();
    expect(events.map(({ event }) => event)).toEqual([
      ...Array<string>(events.length - 1).fill('progress'),
      'ended',
    ]);
    const ids = events.map(({ id }) => id);
    expect(ids).toEqual([...ids].sort((a, b) => a - b));
    expect(events.at(-1)?.operation).toMatchObject({
      status: 'succeeded',
      progress: { done: 4, pending: 0 },
    });
    expect(events.at(-2)?.operation.progress).toMatchObject({
      total: 4,
      done: 4,
      ratePerSecond: expect.any(Number),
    });
  });

  it('[MOV-3] goes on after Last-Event-ID without a gap, and not before it', async () => {
    const made = await move();
    const first = await open(made);
    await first.until((events) => events.length === 1);
    let run = await claim(made);
    run = await moveOne(run, 'usr_1');
    await first.until((events) => events.at(-1)?.operation.progress.done === 1);
    const seen = first.events.at(-1)?.id ?? 0;
    first.leave();
    run = await moveOne(run, 'usr_2');
    const second = await open(made, seen);
    const [next] = await second.until((events) => events.length > 0);
    expect(next).toMatchObject({ event: 'progress', id: seen + 1, operation: { progress: { done: 2 } } });
    second.leave();
    await end(run);
  });

  it('[MOV-3] tells a client that comes after the end so at once', async () => {
    const made = await move();
    await end(await claim(made));
    const fresh = await (await open(made)).all();
    expect(fresh.map(({ event }) => event)).toEqual(['progress', 'ended']);
    const last = fresh.at(-1)?.id ?? 0;
    const informed = await (await open(made, last)).all();
    expect(informed.map(({ event, id }) => [event, id])).toEqual([['ended', last]]);
  });

  it('[MOV-3] serves many at once from one change stream', async () => {
    const made = await move();
    const readers = await Promise.all(Array.from({ length: 40 }, () => open(made)));
    await Promise.all(readers.map((reader) => reader.until((events) => events.length === 1)));
    await end(await claim(made));
    const all = await Promise.all(readers.map((reader) => reader.all()));
    expect(all.every((events) => events.at(-1)?.event === 'ended')).toBe(true);
  });

  it('[FAULTS] goes on after MongoDB has dropped the change stream', async () => {
    const made = await move();
    const reader = await open(made);
    await reader.until((events) => events.length === 1);
    expect(await killChangeStreams()).toBeGreaterThan(0);
    await end(await claim(made));
    expect((await reader.all()).at(-1)?.event).toBe('ended');
  });

  it('[OPS-3] is closed when the gateway stops, so that the client goes elsewhere', async () => {
    const other = await TestGateway.start({
      MONGODB_URI: gateway.services.mongodbUri,
      OIDC_ISSUER: gateway.issuer.url,
    });
    const made = await move();
    const reader = await open(made, undefined, other);
    await reader.until((events) => events.length === 1);
    // One that a browser opened ahead, and asked nothing on.
    const ahead = connect(Number(new URL(other.url).port), '127.0.0.1');
    await once(ahead, 'connect');
    const began = performance.now();
    await other.close();
    expect((await reader.all()).map(({ event }) => event)).toEqual(['progress']);
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});

describe('?wait=', () => {
  it('[API] answers as soon as the operation has ended', async () => {
    const made = await move();
    const began = performance.now();
    const answer = wait(made, 30);
    await end(await claim(made));
    expect((await answer).body.status).toBe('succeeded');
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  it('[API] answers with what there is when the time is over', async () => {
    const made = await move();
    const began = performance.now();
    const { status, body } = await wait(made, 0.3);
    expect([status, body.status]).toEqual([200, 'accepted']);
    expect(performance.now() - began).toBeGreaterThanOrEqual(300);
    expect((await wait(made, 31)).status).toBe(400);
  });
});
