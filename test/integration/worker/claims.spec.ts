import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  LEASE_MS,
  LeaseLostError,
  MAX_STARTS,
  type OperationDocument,
  type OperationOf,
  OperationsRepository,
  type RunChange,
} from '@commissary/store';
import { Freeze } from '../../support/fixtures/failures.js';
import { becomeDue, current, until } from '../../support/fixtures/operations.js';
import { aPurchase } from '../../support/fixtures/purchases.js';
import { aMove, bought, central, theSubscription } from '../../support/fixtures/takeovers.js';
import { workerSuite } from '../../support/fixtures/suite.js';
import { runToEnd } from '../../support/fixtures/worker.js';
import { clientOf, collectionsOf } from '../../support/driver.js';

const HOUR = 3_600_000;

const suite = workerSuite();
let { world, worker, tenancy } = suite;
let purchase: OperationOf<'purchase'>;

beforeEach(async () => {
  ({ world, worker, tenancy } = suite);
  purchase = await aPurchase(world, tenancy);
});

const claimed = async (operation: OperationDocument = purchase): Promise<OperationDocument> => {
  const outcome = await worker.runs.claim(operation.tenantId, operation._id, 'worker-1');
  if (outcome.kind !== 'claimed') throw new Error(`not claimed: ${outcome.kind}`);
  return outcome.operation;
};

const advance = (run: OperationDocument, change: RunChange = {}): Promise<void> =>
  world.database.transaction((session) => worker.runs.advance(session, run, change));

/** Its next run is `ms` from now by the server's time. */
const dueIn = (ms: number) =>
  collectionsOf(world.database).operations.updateOne({ _id: purchase._id }, [
    { $set: { nextRunAt: { $add: ['$$NOW', ms] } } },
  ]);

/** A run that comes to nothing. */
const poison = {
  type: 'move' as const,
  run: () => Promise.reject(new Error('poison')),
};

const jobOf = ({ _id, tenantId }: OperationDocument) => ({ operationId: _id, tenantId });

describe('a claim', () => {
  it('[DESIGN claim] takes the lease, raises the fence and says who holds it; of twenty at once one succeeds', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, n) => worker.runs.claim(purchase.tenantId, purchase._id, `worker-${n}`)),
    );
    expect(outcomes.filter((outcome) => outcome.kind === 'claimed')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome.kind === 'later')).toHaveLength(19);
    const { status, fence, starts, lease } = await current(world, purchase);
    expect({ status, fence, starts }).toEqual({ status: 'running', fence: 1, starts: 1 });
    expect(lease!.until.getTime() - world.clock.now().getTime()).toBeLessThanOrEqual(LEASE_MS);
  });

  it('[DESIGN claim] before nextRunAt is refused: the job waits for that time', async () => {
    await dueIn(HOUR);
    const outcome = await worker.handle(purchase);
    expect(outcome.kind).toBe('later');
    expect(outcome.kind === 'later' && outcome.inMs).toBeGreaterThan(HOUR - 60_000);
    expect(await current(world, purchase)).toMatchObject({ status: 'accepted', fence: 0, starts: 0 });
  });

  it('[DESIGN claim] that waits for a transaction which nobody ends is given up: no lease is granted that is over', async () => {
    const { operations } = collectionsOf(world.database);
    await clientOf(world.database).withSession(async (left) => {
      left.startTransaction();
      await operations.updateOne({ _id: purchase._id }, { $inc: { version: 1 } }, { session: left });
      const asked = performance.now();
      const outcome = await worker.runs.claim(purchase.tenantId, purchase._id, 'worker-1');
      expect(outcome.kind).toBe('later');
      expect(performance.now() - asked).toBeLessThan(LEASE_MS / 2);
      await left.abortTransaction();
    });
    const { lease, starts } = await claimed();
    expect(starts).toBe(1);
    expect(lease!.until.getTime() - world.clock.now().getTime()).toBeGreaterThan(LEASE_MS / 2);
  });

  it('[DESIGN claim] under a live lease is refused: the job waits for its end', async () => {
    const { lease } = await claimed();
    const outcome = await worker.runs.claim(purchase.tenantId, purchase._id, 'worker-2');
    expect(outcome).toEqual({ kind: 'later', at: lease!.until });
    expect((await current(world, purchase)).fence).toBe(1);
  });

  it.each([10 * 60_000, -10 * 60_000])(
    "[DESIGN claim] is decided by the server's time, be the worker's clock off by %d ms",
    async (offsetMs) => {
      const wrong = await suite.another({ offsetMs });
      await dueIn(5 * 60_000);
      expect((await wrong.handle(purchase)).kind).toBe('later');
      expect((await current(world, purchase)).fence).toBe(0);
      await becomeDue(world, purchase);
      await wrong.handle(purchase);
      expect((await current(world, purchase)).status).toBe('succeeded');
    },
  );

  it('[DESIGN claim] of what is paused, ended, unknown or of another tenant is nothing to do', async () => {
    const operations = new OperationsRepository(world.database);
    await world.database.transaction((session) => operations.pause(session, purchase));
    const ask = (tenantId: string, id: string) => worker.runs.claim(tenantId, id, 'worker-1');
    expect(await ask(purchase.tenantId, purchase._id)).toEqual({ kind: 'nothing' });
    const paused = await current(world, purchase);
    await world.database.transaction((session) => operations.resume(session, paused));
    expect(await ask('ten_other', purchase._id)).toEqual({ kind: 'nothing' });
    expect(await ask(purchase.tenantId, 'op_unknown')).toEqual({ kind: 'nothing' });
    await runToEnd(world, worker, purchase);
    expect(await ask(purchase.tenantId, purchase._id)).toEqual({ kind: 'nothing' });
  });
});

describe('a lease that ran out', () => {
  it("[DESIGN claim] is taken over under a higher fence, and the first run's next write is refused", async () => {
    const first = await claimed();
    await becomeDue(world, purchase);
    const second = await claimed();
    expect(second.fence).toBe(first.fence + 1);
    await expect(advance(first, { step: 'charging' })).rejects.toThrow(LeaseLostError);
    expect(await worker.runs.renew(first)).toBe(false);
    expect(await worker.runs.release(first, 0, 'error')).toBeNull();
    expect(await current(world, purchase)).toMatchObject({ fence: second.fence, step: null });
    expect(await worker.runs.renew(second)).toBe(true);
  });

  it('[DESIGN claim] and was not taken over is still good: the fence decides, not the time', async () => {
    const run = await claimed();
    await becomeDue(world, purchase);
    await advance(run);
    expect((await current(world, purchase)).starts).toBe(0);
  });

  it('[DESIGN claim] a lease is kept alive while a run takes longer than it lasts', async () => {
    const frozen = new Freeze('purchase.begun');
    const slow = await suite.another({ failpoints: frozen, name: 'slow' });
    const run = slow.handle(purchase);
    await frozen.reached;
    const { lease } = await current(world, purchase);
    await until(
      () => current(world, purchase),
      (now) => now.lease !== null && now.lease.until > lease!.until,
    );
    frozen.thaw();
    await run;
    expect((await current(world, purchase)).status).toBe('succeeded');
  });
});

describe('a lease that was handed back', () => {
  it('[DESIGN claim] [OPS-3] is not made again by a heartbeat that was under way', async () => {
    const run = await claimed();
    await worker.runs.release(run, 0, 'yield');
    expect(await worker.runs.renew(run)).toBe(false);
    expect((await current(world, purchase)).lease).toBeNull();
    expect((await claimed()).fence).toBe(run.fence + 1);
  });
});

describe('suspects', () => {
  it('[OPS-1] what was started several times runs one at a time, and who waits is blamed for nothing', async () => {
    const other = await aPurchase(world, tenancy);
    await collectionsOf(world.database).operations.updateMany(
      { _id: { $in: [purchase._id, other._id] } },
      { $set: { starts: 2 } },
    );
    const frozen = new Freeze('run.claimed');
    const one = await suite.another({ failpoints: frozen });
    const first = one.handle(purchase);
    await frozen.reached;
    expect(await one.handle(other)).toMatchObject({ kind: 'later' });
    expect(await current(world, other)).toMatchObject({ status: 'accepted', starts: 2, fence: 0 });
    frozen.thaw();
    await first;
    await becomeDue(world, other);
    await one.handle(other);
    expect((await current(world, other)).status).toBe('succeeded');
  });

  it('[OPS-1] the next one starts as soon as the first has come further', async () => {
    const other = await aPurchase(world, tenancy);
    const ids = [purchase._id, other._id];
    await collectionsOf(world.database).operations.updateMany({ _id: { $in: ids } }, { $set: { starts: 2 } });
    const frozen = new Freeze('purchase.begun');
    const one = await suite.another({ failpoints: frozen });
    const first = one.handle(purchase);
    await frozen.reached;
    const second = one.handle(other);
    await until(
      () => current(world, other),
      ({ step }) => step === 'charging',
    );
    frozen.thaw();
    await Promise.all([first, second]);
    expect((await current(world, other)).status).toBe('succeeded');
  });
});

describe('starts without progress', () => {
  const startsThenParked = async (operation: OperationDocument, handle: () => Promise<unknown>) => {
    for (let start = 1; start <= MAX_STARTS; start += 1) {
      await becomeDue(world, operation);
      await handle();
      expect(await current(world, operation)).toMatchObject({ status: 'running', starts: start });
    }
    await handle();
    return current(world, operation);
  };

  it('[DESIGN poison] five of them park the operation with its lock and reservation, and a resume lets it go on', async () => {
    const { subscription: source } = await bought(world, worker, tenancy, { others: 3 });
    const target = await central(world, tenancy, { seats: 10 });
    const move = await aMove(world, tenancy, source, target);

    const parked = await startsThenParked(move, () => worker.runner.handle(poison, jobOf(move)));
    expect(parked).toMatchObject({ status: 'parked', lease: null, error: { code: 'internal' } });
    expect((await theSubscription(world, source._id)).operationId).toBe(move._id);
    expect((await theSubscription(world, target._id)).seats.reservations).toEqual([
      { operationId: move._id, seats: 4 },
    ]);
    expect(await worker.handle(move)).toEqual({ kind: 'done' });
    expect((await current(world, move)).status).toBe('parked');

    const operations = new OperationsRepository(world.database);
    await world.database.transaction((session) => operations.resume(session, parked));
    await runToEnd(world, worker, move);
    expect(await current(world, move)).toMatchObject({ status: 'succeeded', result: { moved: 4 } });
  });

  it('[DESIGN poison] of a worker that is killed, and hands nothing back, count the same', async () => {
    const parked = await startsThenParked(purchase, async () => {
      await becomeDue(world, purchase);
      await worker.runs.claim(purchase.tenantId, purchase._id, 'killed');
    });
    expect(parked.status).toBe('parked');
  });

  it.each<[string, RunChange]>([
    ['a step', { step: 'charging' }],
    ['a chunk', { chunkWritten: true, cursor: 'usr_1' }],
  ])('[DESIGN poison] are counted anew after %s', async (_, change) => {
    for (let start = 1; start < MAX_STARTS; start += 1) {
      await claimed();
      await becomeDue(world, purchase);
    }
    const run = await claimed();
    expect(run.starts).toBe(MAX_STARTS);
    await advance(run, change);
    expect((await current(world, purchase)).starts).toBe(0);
  });

  it.each(['yield', 'provider'] as const)('[DESIGN poison] a run that ends with %s is none', async (why) => {
    for (let run = 0; run <= MAX_STARTS; run += 1) {
      await becomeDue(world, purchase);
      await worker.runs.release(await claimed(), 0, why);
    }
    expect(await current(world, purchase)).toMatchObject({ status: 'running', starts: 0 });
    await collectionsOf(world.database).operations.updateOne(
      { _id: purchase._id },
      { $set: { providerFailingSince: null } },
    );
    await runToEnd(world, worker, purchase);
  });
});
