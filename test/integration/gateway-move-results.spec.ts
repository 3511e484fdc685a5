import { fetch } from '@commissary/stack/http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { UserOutcomeListView, UserOutcomeView } from '@commissary/contracts';
import { Failpoints } from '@commissary/platform';
import { type OperationOf, OperationRuns } from '@commissary/store';
import { becomeDue, current } from '../support/fixtures/operations.js';
import { deleteUser, members, type Tenancy } from '../support/fixtures/people.js';
import { Profile } from '../support/fixtures/profile.js';
import { workerSuite } from '../support/fixtures/suite.js';
import { aMove, bought, central } from '../support/fixtures/takeovers.js';
import { runToEnd } from '../support/fixtures/worker.js';
import { gatewayBeside } from '../support/gateway/beside.js';
import type { TestGateway } from '../support/gateway/test-gateway.js';
import { collectionsOf } from '../support/driver.js';

const suite = workerSuite();
let gateway: TestGateway;

beforeAll(async () => {
  gateway = await gatewayBeside(suite.world);
});

afterAll(() => gateway.close());

interface Moving {
  tenancy: Tenancy;
  move: OperationOf<'move'>;
  holders: string[];
}

const aMoveOf = async (users: number): Promise<Moving> => {
  const { world, worker, tenancy } = suite;
  const { subscription, holders } = await bought(world, worker, tenancy, { others: users - 1 });
  const move = await aMove(world, tenancy, subscription, await central(world, tenancy, { seats: users }));
  return { tenancy, move, holders };
};

const pageOf = async ({ tenancy, move }: Moving, query: string): Promise<UserOutcomeListView> => {
  const path = `/v1/operations/${move._id}/results?${query}`;
  const { status, body } = await gateway.as<UserOutcomeListView>(tenancy.admin, 'GET', path);
  expect(status).toBe(200);
  return body;
};

/** Pages to the end whenever told to, and goes on from there the next time. */
class EndReader {
  readonly rows: UserOutcomeView[] = [];
  private cursor: string | null = null;

  constructor(
    private readonly moving: Moving,
    private readonly query: string,
  ) {}

  async toTheEnd(): Promise<void> {
    for (;;) {
      const page = await pageOf(this.moving, this.query + (this.cursor ? `&cursor=${this.cursor}` : ''));
      this.rows.push(...page.items);
      this.cursor = page.endCursor;
      if (page.nextCursor === null) return;
      expect(page.nextCursor).toBe(page.endCursor);
    }
  }
}

/** Knows `nextCursor` alone: the last page is read once more. */
class NextReader {
  private readonly pages: UserOutcomeView[][] = [[]];
  private cursor: string | null = null;

  constructor(
    private readonly moving: Moving,
    private readonly query: string,
  ) {}

  get rows(): UserOutcomeView[] {
    return this.pages.flat();
  }

  async toTheEnd(): Promise<void> {
    for (;;) {
      const page = await pageOf(this.moving, this.query + (this.cursor ? `&cursor=${this.cursor}` : ''));
      this.pages[this.pages.length - 1] = page.items;
      if (page.nextCursor === null) return;
      this.cursor = page.nextCursor;
      this.pages.push([]);
    }
  }
}

/** Looks at what there is after each chunk of either half. */
class Looking extends Failpoints {
  readonly seenAt: string[] = [];
  private looking = Promise.resolve();

  constructor(private readonly look: () => Promise<void>) {
    super('');
  }

  override async hit(name: string): Promise<void> {
    if (name !== 'move.chunk' && name !== 'move.tailChunk') return;
    this.seenAt.push(name);
    // Both halves come here; the readers are one.
    await (this.looking = this.looking.then(this.look));
  }
}

const usersOf = (rows: readonly UserOutcomeView[]): string[] => rows.map(({ userId }) => userId).sort();

describe('the results of a move that runs', () => {
  it('[MOV-5] are each seen once by whoever pages to the end, and goes on from there, however often', async () => {
    const { world, tenancy } = suite;
    const moving = await aMoveOf(2_300);
    const leavers = [moving.holders[50]!, moving.holders[2_200]!];
    for (const leaver of leavers) await deleteUser(world, tenancy, leaver);
    const readers = [
      new EndReader(moving, 'limit=200'),
      new EndReader(moving, 'limit=200&outcome=moved'),
      new EndReader(moving, 'limit=1&outcome=skipped'),
      new NextReader(moving, 'limit=200'),
    ] as const;
    const look = async (): Promise<void> => {
      for (const reader of readers) await reader.toTheEnd();
    };
    const looking = new Looking(look);
    await runToEnd(world, await suite.another({ failpoints: looking }), moving.move);
    await look();
    expect((await current(world, moving.move)).status).toBe('succeeded');
    // It went in two halves, and both were seen at work.
    expect(new Set(looking.seenAt).size).toBe(2);
    const [all, moved, skipped, next] = readers.map(({ rows }) => usersOf(rows));
    expect(all).toEqual(moving.holders);
    expect(next).toEqual(moving.holders);
    expect(skipped).toEqual([...leavers].sort());
    expect(moved).toEqual(moving.holders.filter((user) => !leavers.includes(user)));
  });

  it('[MOV-5] begin with nothing, and have no cursor then', async () => {
    const moving = await aMoveOf(2);
    expect(await pageOf(moving, 'limit=5')).toEqual({ items: [], nextCursor: null, endCursor: null });
    await runToEnd(suite.world, suite.worker, moving.move);
    const whole = await pageOf(moving, 'limit=2');
    expect([usersOf(whole.items), whole.nextCursor]).toEqual([moving.holders, null]);
    expect(await pageOf(moving, `cursor=${whole.endCursor}`)).toEqual({ ...whole, items: [] });
    for (const cursor of ['0', 'MDox', Buffer.from('0:1.2:3.4:5').toString('base64url')]) {
      const { status, body } = await gateway.as(
        moving.tenancy.admin,
        'GET',
        `/v1/operations/${moving.move._id}/results?cursor=${cursor}`,
      );
      expect([cursor, status, body.errors?.[0]?.pointer]).toEqual([
        cursor,
        cursor === 'MDox' ? 200 : 400,
        cursor === 'MDox' ? undefined : '/cursor',
      ]);
    }
  });

  it('[MOV-5] of a reader of the file who goes are read no further', async () => {
    const moving = await aMoveOf(2);
    const { database } = suite.world;
    await runToEnd(suite.world, suite.worker, moving.move);
    // As many chunks as a large move leaves behind, of users nobody knows.
    const ids = await members(suite.world, moving.tenancy.tenantId, 500);
    const other = { ...moving, move: { ...moving.move, _id: `${moving.move._id}x` } };
    await collectionsOf(database).operations.insertOne({
      ...(await current(suite.world, moving.move)),
      _id: other.move._id,
    });
    await collectionsOf(database).operationResults.insertMany(
      Array.from({ length: 400 }, (_, seq) => ({
        _id: `${other.move._id}:${seq}`,
        tenantId: moving.tenancy.tenantId,
        operationId: other.move._id,
        seq,
        groups: [{ outcome: 'moved' as const, reason: null, userIds: ids }],
        at: new Date(),
      })),
    );
    const profile = await Profile.open(database);
    const leaving = new AbortController();
    const read = await profile.during(async () => {
      const response = await fetch(`${gateway.url}/v1/operations/${other.move._id}/results`, {
        headers: {
          authorization: `Bearer ${await gateway.issuer.token(moving.tenancy.admin)}`,
          accept: 'text/csv',
        },
        signal: leaving.signal,
      });
      await response.body!.getReader().read();
      leaving.abort();
      // What is asked later than this request was asked after the client had gone.
      await pageOf(moving, 'limit=1');
    });
    const chunks = read.filter(({ collection }) => collection === 'operationResults');
    expect(chunks.reduce((sum, { found }) => sum + found, 0)).toBeLessThan(100);
    await Promise.all([
      collectionsOf(database).operations.deleteOne({ _id: other.move._id }),
      collectionsOf(database).operationResults.deleteMany({ operationId: other.move._id }),
    ]);
  });
});

describe('the pace of a move', () => {
  it('[MOV-3] is known all the time it runs, slot after slot, unknown while it is paused, and sane when it goes on', async () => {
    const { world } = suite;
    const moving = await aMoveOf(700);
    const runs = new OperationRuns(world.database);
    const progress = async () => (await gateway.operation(moving.tenancy.admin, moving.move._id)).progress;
    const control = (what: string) =>
      gateway.as(moving.tenancy.admin, 'POST', `/v1/operations/${moving.move._id}/${what}`);
    /** One claim, and as many users in so much time, as the document tells. */
    const aRun = async (users: number): Promise<OperationOf<'move'>> => {
      await becomeDue(world, moving.move);
      const claimed = await runs.claim(moving.tenancy.tenantId, moving.move._id, 'worker');
      if (claimed.kind !== 'claimed') throw new Error(claimed.kind);
      const run = claimed.operation as OperationOf<'move'>;
      await world.database.transaction((session) =>
        runs.advance(session, run, { progress: { done: users } }),
      );
      return run;
    };
    const first = await aRun(100);
    const before = await progress();
    expect(before).toMatchObject({ ratePerSecond: expect.any(Number), secondsLeft: expect.any(Number) });
    await runs.release(first, 0, 'yield');
    expect((await progress()).ratePerSecond).toBe(before.ratePerSecond);
    await becomeDue(world, moving.move);
    const claimed = await runs.claim(moving.tenancy.tenantId, moving.move._id, 'worker');
    // Claimed again, with no chunk yet: the rate goes on.
    expect((await progress()).ratePerSecond).toBe(before.ratePerSecond);
    if (claimed.kind !== 'claimed') throw new Error(claimed.kind);
    await runs.release(claimed.operation, 0, 'yield');
    await control('pause');
    expect(await progress()).toMatchObject({ ratePerSecond: null, secondsLeft: null });
    await control('resume');
    expect(await progress()).toMatchObject({ ratePerSecond: null, secondsLeft: null });
    await aRun(100);
    const { progress: after } = await current(world, moving.move);
    // Measured from this run on: neither the pause nor who was moved before counts.
    expect(after.runStartedWith).toBe(100);
    expect((await progress()).ratePerSecond).toBeGreaterThan(0);
    await control('stop');
    expect((await progress()).secondsLeft).toBe(0);
    // The counts were made up: take them back for the audit.
    await collectionsOf(world.database).operations.updateOne(
      { _id: moving.move._id },
      { $set: { 'progress.done': 0, 'result.moved': 0 } },
    );
  });
});
