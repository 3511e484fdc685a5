import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { OperationView, SubscriptionView } from '@commissary/contracts';
import { isEnded } from '@commissary/domain';
import { Failpoints } from '@commissary/platform';
import {
  LeaseLostError,
  MoveTails,
  NO_TAIL,
  type OperationDocument,
  type OperationOf,
  OperationRuns,
  type Session,
  type SubscriptionDocument,
} from '@commissary/store';
import { outcomesOf } from '../support/fixtures/effects.js';
import { Freeze } from '../support/fixtures/failures.js';
import { becomeDue, current } from '../support/fixtures/operations.js';
import { aTenancy, type Tenancy } from '../support/fixtures/people.js';
import { workerSuite } from '../support/fixtures/suite.js';
import {
  aCancellation,
  aMove,
  type Bought,
  bought,
  central,
  holdersOf,
  theSubscription,
} from '../support/fixtures/takeovers.js';
import { runToEnd } from '../support/fixtures/worker.js';
import { gatewayBeside } from '../support/gateway/beside.js';
import { EventReader, type OperationEvent } from '../support/gateway/event-reader.js';
import type { OrProblem } from '../support/gateway/shop.js';
import type { TestGateway } from '../support/gateway/test-gateway.js';
import { SeededRandom } from '../support/seeded-random.js';
import { collectionsOf } from '../support/driver.js';

/** Enough for two halves. */
const MANY = 2_100;
const FEW = 350;

const suite = workerSuite();
let { world, worker } = suite;
let gateways: [TestGateway, TestGateway];

beforeAll(async () => {
  gateways = [await gatewayBeside(suite.world), await gatewayBeside(suite.world)];
});

beforeEach(() => {
  ({ world, worker } = suite);
});

afterAll(() => Promise.all(gateways.map((gateway) => gateway.close())), 60_000);

type Verb = 'pause' | 'resume' | 'stop';
type Answer = OrProblem<OperationView & { state?: string }>;

interface Moving {
  tenancy: Tenancy;
  source: Bought;
  target: SubscriptionDocument;
  move: OperationOf<'move'>;
}

const aMoveOf = async (users: number): Promise<Moving> => {
  const tenancy = await aTenancy(world);
  const source = await bought(world, worker, tenancy, { others: users - 1 });
  const target = await central(world, tenancy, { seats: users });
  return { tenancy, source, target, move: await aMove(world, tenancy, source.subscription, target) };
};

const control = async (
  { tenancy }: Pick<Moving, 'tenancy'>,
  { _id }: Pick<OperationDocument, '_id'>,
  verb: Verb,
  at = 0,
): Promise<{ status: number; body: Answer }> =>
  gateways[at % 2]!.as<Answer>(tenancy.admin, 'POST', `/v1/operations/${_id}/${verb}`);

const verdictOf = ({ status, body }: { status: number; body: Answer }): string =>
  status === 200 ? body.status : `${status} ${body.code} ${body.state}`;

const actionsOf = async ({ _id }: Pick<OperationDocument, '_id'>): Promise<string[]> => {
  const { audit } = collectionsOf(world.database);
  const entries = await audit
    .find({ operationId: _id, action: /^operation\./ })
    .sort({ _id: 1 })
    .toArray();
  return entries.map(({ action }) => action.replace('operation.', ''));
};

/** Everything that must be true of a move that has ended, however it was steered. */
const expectSettled = async ({ source, target, move, tenancy }: Moving): Promise<void> => {
  const { status, result, progress } = await current(world, move);
  const [from, to] = await Promise.all([
    theSubscription(world, source.subscription._id),
    theSubscription(world, target._id),
  ]);
  const [staying, moved] = await Promise.all([holdersOf(world, from._id), holdersOf(world, to._id)]);
  expect([...staying, ...moved].sort()).toEqual(source.holders);
  expect([from.seats.assigned, to.seats.assigned]).toEqual([staying.length, moved.length]);
  expect([from.operationId, from.seats.reservations, to.operationId, to.seats.reservations]).toEqual([
    null,
    [],
    null,
    [],
  ]);
  expect(from.status).toBe(status === 'succeeded' ? 'deleted' : 'active');
  expect(result).toMatchObject({ moved: moved.length, skipped: 0, failed: 0, sourceStatus: from.status });
  expect(progress.done).toBe(moved.length);
  expect(await outcomesOf(world, move)).toEqual(moved.map((user) => `${user} moved`));
  const { body } = await gateways[0].as<SubscriptionView>(
    tenancy.admin,
    'GET',
    `/v1/subscriptions/${from._id}`,
  );
  expect(body.operation).toBeNull();
};

/** Steers, without waiting for the answers, when the run comes to a point for the n-th time. */
class Steered extends Failpoints {
  readonly answers: Promise<string>[] = [];
  private left: number;

  constructor(
    private readonly point: string,
    nth: number,
    private readonly steer: () => Promise<string>[],
  ) {
    super('');
    this.left = nth;
  }

  override async hit(name: string): Promise<void> {
    if (name !== this.point || (this.left -= 1) !== 0) return;
    this.answers.push(...this.steer());
  }
}

/** As long as a large chunk takes, ms. */
const CHUNK_MS = 80;
const CHUNKS = 60;

/** The writes of two halves that go on with the next chunk as soon as one is committed; and what ended each, if it was not its end. */
const aRunWithoutRest = async ({ _id, tenantId }: OperationOf<'move'>) => {
  const { database } = world;
  const [runs, tails] = [new OperationRuns(database), new MoveTails(database)];
  const claim = await runs.claim(tenantId, _id, 'busy');
  if (claim.kind !== 'claimed') throw new Error(`${_id} is not claimed: ${claim.kind}`);
  const key = claim.operation;
  const tail = await database.transaction((session) => tails.open(session, key, 'usr_m'));
  const half = async (write: (session: Session) => Promise<void>) => {
    for (let chunk = 0; chunk < CHUNKS; chunk += 1) {
      await database.transaction(async (session) => {
        await write(session);
        await delay(CHUNK_MS);
      });
    }
  };
  const ends = Promise.allSettled([
    half((session) => runs.advance(session, key, {})),
    half((session) => tails.advance(session, tail, tail.middle, NO_TAIL)),
  ]);
  const reasonOf = (end: PromiseSettledResult<void>): unknown =>
    end.status === 'rejected' && (end.reason as Error).constructor;
  return { ends: ends.then((settled) => settled.map(reasonOf)) };
};

const POINTS = [
  'run.claimed',
  'move.opened',
  'move.moving',
  'move.chunk',
  'move.tailMoving',
  'move.tailChunk',
  'move.meeting',
  'move.met',
  'move.closing',
  'move.closed',
  'move.completing',
] as const;

const AT_ONCE: readonly (readonly Verb[])[] = [
  ['stop'],
  ['stop', 'stop'],
  ['pause'],
  ['pause', 'pause'],
  ['pause', 'resume'],
  ['pause', 'stop'],
  ['pause', 'resume', 'stop'],
];

/** Follows the operation to its end, at the other gateway after every few events. */
const followed = async ({ tenancy, move }: Moving, random: SeededRandom): Promise<OperationEvent[]> => {
  const events: OperationEvent[] = [];
  for (let hop = 0; events.at(-1)?.event !== 'ended'; hop += 1) {
    const gateway = gateways[hop % 2]!;
    const url = `${gateway.url}/v1/operations/${move._id}/events`;
    const reader = await EventReader.open(url, await gateway.issuer.token(tenancy.admin), events.at(-1)?.id);
    const many = random.int(1, 4);
    await reader.until((seen) => seen.length >= many);
    events.push(...reader.events);
    reader.leave();
  }
  return events;
};

const expectOneStory = (events: readonly OperationEvent[]): void => {
  const ended = events.filter(({ event }) => event === 'ended');
  expect(ended).toHaveLength(1);
  expect(events.at(-1)).toBe(ended[0]);
  const ids = events.filter(({ event }) => event === 'progress').map(({ id }) => id);
  expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
  const done = events.map(({ operation }) => operation.progress.done);
  expect(done).toEqual([...done].sort((a, b) => a - b));
  for (const { operation } of events) {
    const { total, done: moved, skipped, failed, pending } = operation.progress;
    expect(moved + skipped + failed + pending).toBe(total);
  }
};

/** Steers at random, and goes on until the move has ended. */
const steeredAtRandom = async (random: SeededRandom, users: number) => {
  const moving = await aMoveOf(users);
  const { move } = moving;
  const verbs = random.pick(AT_ONCE);
  const failpoints = new Steered(random.pick(POINTS), random.int(1, 2), () =>
    verbs.map((verb, at) => control(moving, move, verb, at).then(verdictOf)),
  );
  const following = followed(moving, random.fork('reader'));
  const steered = await suite.another({ failpoints });
  const answers: string[] = [];
  for (let run = 0; !isEnded((await current(world, move)).status); run += 1) {
    expect(run).toBeLessThan(20);
    await becomeDue(world, move);
    await steered.handle(move);
    answers.push(...(await Promise.all(failpoints.answers.splice(0))));
    if ((await current(world, move)).status === 'paused')
      answers.push(verdictOf(await control(moving, move, 'resume')));
  }
  return { moving, verbs, answers, events: await following };
};

describe('a move that is steered at any moment', () => {
  it('[MOV-6] ends as it was told to, everybody on one side, and who watches sees one story', async () => {
    const random = new SeededRandom(SeededRandom.anySeed());
    for (let round = 0; round < 6; round += 1) {
      const where = `seed ${random.seed}, round ${round}`;
      const users = round % 3 === 0 ? MANY : FEW;
      const { moving, answers, events } = await steeredAtRandom(random.fork(String(round)), users);
      const stopped = answers.includes('stopped');
      const { status } = await current(world, moving.move);
      expect({ where, answers, status }).toEqual({
        where,
        answers,
        status: stopped ? 'stopped' : 'succeeded',
      });
      for (const answer of answers) {
        expect([where, answer]).toEqual([
          where,
          expect.stringMatching(
            /^(paused|accepted|stopped|409 illegal_state (accepted|running|paused|stopped|succeeded))$/,
          ),
        ]);
      }
      await expectSettled(moving);
      expectOneStory(events);
      // Each that was answered 200 is in the audit trail, and nothing else.
      const accepted = answers.filter((answer) => !answer.startsWith('409'));
      const names = { paused: 'paused', accepted: 'resumed', stopped: 'stopped' } as Record<string, string>;
      const actions = await actionsOf(moving.move);
      expect(actions.filter((action) => action !== 'accepted').sort()).toEqual(
        accepted.map((answer) => names[answer]!).sort(),
      );
    }
  });

  it('[MOV-6] paused, it keeps lock and seats, and admins see what holds the subscription; stopped, it gives them back', async () => {
    const moving = await aMoveOf(FEW);
    const { tenancy, move, source, target } = moving;
    const frozen = new Freeze('move.chunk');
    const run = (await suite.another({ failpoints: frozen })).handle(move);
    await frozen.reached;
    expect(verdictOf(await control(moving, move, 'pause'))).toBe('paused');
    frozen.thaw();
    await run;
    const { progress } = await current(world, move);
    expect(progress.done).toBeGreaterThan(0);
    expect((await theSubscription(world, target._id)).seats.reservations).toEqual([
      { operationId: move._id, seats: FEW - progress.done },
    ]);
    const path = `/v1/subscriptions/${source.subscription._id}`;
    const view = await gateways[0].as<SubscriptionView>(tenancy.admin, 'GET', path);
    expect(view.body).toMatchObject({ status: 'active', operation: move._id });
    const blocked = await gateways[0].as(tenancy.admin, 'POST', `${path}/cancel`, {
      body: { reason: 'other' },
      headers: { 'idempotency-key': move._id },
    });
    expect([blocked.status, blocked.body.operation]).toEqual([409, `/v1/operations/${move._id}`]);
    expect(verdictOf(await control(moving, move, 'pause'))).toBe('409 illegal_state paused');
    expect(verdictOf(await control(moving, move, 'stop'))).toBe('stopped');
    for (const verb of ['pause', 'resume', 'stop'] as const) {
      expect(verdictOf(await control(moving, move, verb))).toBe('409 illegal_state stopped');
    }
    await expectSettled(moving);
    // It can be asked again, and finishes what was begun.
    const again = await aMove(world, tenancy, source.subscription, target);
    await runToEnd(world, worker, again);
    expect((await current(world, again)).result).toMatchObject({ moved: FEW - progress.done });
    expect(await holdersOf(world, target._id)).toEqual(source.holders);
  });

  it('[CAN-2] a sweep can be paused and resumed, but not stopped: its users have no access any more', async () => {
    const tenancy = await aTenancy(world);
    const { subscription } = await bought(world, worker, tenancy, { others: 3 });
    const cancellation = await aCancellation(world, tenancy, subscription);
    const asked = { tenancy };
    expect(verdictOf(await control(asked, cancellation, 'stop'))).toBe('409 illegal_state accepted');
    expect(verdictOf(await control(asked, cancellation, 'resume'))).toBe('409 illegal_state accepted');
    expect(verdictOf(await control(asked, cancellation, 'pause'))).toBe('paused');
    await worker.handle(cancellation);
    expect((await theSubscription(world, subscription._id)).status).toBe('active');
    expect(verdictOf(await control(asked, cancellation, 'resume'))).toBe('accepted');
    await runToEnd(world, worker, cancellation);
    expect((await current(world, cancellation)).status).toBe('succeeded');
  });

  it('[MOV-6] stopped while its worker is frozen, the worker that comes back adds nothing', async () => {
    const moving = await aMoveOf(MANY);
    const frozen = new Freeze('move.tailChunk');
    const run = (await suite.another({ failpoints: frozen })).handle(moving.move);
    await frozen.reached;
    expect(verdictOf(await control(moving, moving.move, 'stop'))).toBe('stopped');
    const moved = await holdersOf(world, moving.target._id);
    frozen.thaw();
    await run;
    expect(await holdersOf(world, moving.target._id)).toEqual(moved);
    await expectSettled(moving);
  });

  it('[MOV-6] is answered at once while chunk follows chunk in both halves', async () => {
    for (const verb of ['pause', 'stop'] as const) {
      const moving = await aMoveOf(3);
      const busy = await aRunWithoutRest(moving.move);
      const { status, body } = await control(moving, moving.move, verb);
      expect([status, body.status]).toEqual([200, verb === 'pause' ? 'paused' : 'stopped']);
      // Neither half came to its end, for each was refused.
      expect(await busy.ends).toEqual([LeaseLostError, LeaseLostError]);
    }
  });
});
