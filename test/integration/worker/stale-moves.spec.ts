import { beforeEach, describe, expect, it } from '@jest/globals';
import type { OperationOf, SubscriptionDocument } from '@commissary/store';
import { outcomesOf } from '../../support/fixtures/effects.js';
import { Meanwhile } from '../../support/fixtures/failures.js';
import { becomeDue, current } from '../../support/fixtures/operations.js';
import { workerSuite } from '../../support/fixtures/suite.js';
import { aMove, bought, central, holdersOf, theSubscription } from '../../support/fixtures/takeovers.js';
import { runToEnd } from '../../support/fixtures/worker.js';
import { collectionsOf } from '../../support/driver.js';

/** Enough for a move to go in two halves at once. */
const USERS = 2_000;

const suite = workerSuite();
let { world, worker, tenancy } = suite;

beforeEach(() => {
  ({ world, worker, tenancy } = suite);
});

/** Everything that a run of the move could change. */
const stateOf = async (
  move: OperationOf<'move'>,
  source: SubscriptionDocument,
  target: SubscriptionDocument,
) => ({
  operation: await current(world, move),
  tails: await collectionsOf(world.database).moveTails.find({ _id: move._id }).toArray(),
  source: await theSubscription(world, source._id),
  target: await theSubscription(world, target._id),
  moved: await holdersOf(world, target._id),
  outcomes: await outcomesOf(world, move),
});

describe('a run of a move that was overtaken', () => {
  it('just before it opens its two halves changes nothing any more [DESIGN claim, MOV-4]', async () => {
    const { subscription: source, holders } = await bought(world, worker, tenancy, { others: USERS - 1 });
    const target = await central(world, tenancy, { seats: USERS });
    const move = await aMove(world, tenancy, source, target);

    const states: Awaited<ReturnType<typeof stateOf>>[] = [];
    const overtaken = new Meanwhile('move.chunk', async () => {
      await becomeDue(world, move);
      const { kind } = await worker.runs.claim(move.tenantId, move._id, 'worker-2');
      expect(kind).toBe('claimed');
      states.push(await stateOf(move, source, target));
    });
    await (await suite.another({ failpoints: overtaken, name: 'worker-1' })).handle(move);

    const [atTheClaim] = states;
    expect(atTheClaim).toMatchObject({ operation: { fence: 2, chunks: 1 }, tails: [] });
    expect(await stateOf(move, source, target)).toEqual(atTheClaim);

    await runToEnd(world, worker, move);
    expect(await current(world, move)).toMatchObject({ status: 'succeeded', result: { moved: USERS } });
    expect(await holdersOf(world, target._id)).toEqual(holders);
  });
});
