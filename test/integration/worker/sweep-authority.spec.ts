import { beforeEach, describe, expect, it } from '@jest/globals';
import { newId } from '@commissary/platform';
import { type OperationOf, OperationsRepository } from '@commissary/store';
import { aUser } from '../../support/documents.js';
import { outcomesOf } from '../../support/fixtures/effects.js';
import { Meanwhile } from '../../support/fixtures/failures.js';
import { current } from '../../support/fixtures/operations.js';
import { aPurchase } from '../../support/fixtures/purchases.js';
import { workerSuite } from '../../support/fixtures/suite.js';
import { aCancellation, bought, holdersOf, theSubscription } from '../../support/fixtures/takeovers.js';
import { runToEnd } from '../../support/fixtures/worker.js';
import { collectionsOf } from '../../support/driver.js';

/** Licenses that a sweep removes in one transaction while a purchase waits. */
const CHUNK = 250;
const USERS = 600;

const suite = workerSuite();
let { world, worker, tenancy } = suite;

beforeEach(() => {
  ({ world, worker, tenancy } = suite);
});

const demoteAdmin = () =>
  collectionsOf(world.database).users.updateOne({ _id: tenancy.admin._id }, { $set: { roles: [] } });

const resumeByAnotherAdmin = async (operation: OperationOf<'cancellation'>): Promise<void> => {
  const admin = aUser(tenancy.tenantId, { _id: newId('usr'), roles: ['billingAdmin'] });
  await collectionsOf(world.database).users.insertOne(admin);
  const paused = await current(world, operation);
  const by = { userId: admin._id, tenantId: tenancy.tenantId };
  const operations = new OperationsRepository(world.database);
  await world.database.transaction((session) => operations.resume(session, paused, by));
};

describe('the sweep of a cancellation asks for authority before each chunk [ADM-5, CAN-2]', () => {
  it.each([
    ['after access was cut and before the first chunk', 'cancellation.cut', 0],
    ['after the first chunk of three', 'cancellation.chunk', CHUNK],
  ])('an admin who is demoted %s stops it there, and another admin resumes it', async (_, point, swept) => {
    const source = await bought(world, worker, tenancy, { others: USERS - 1 });
    const cancellation = await aCancellation(world, tenancy, source.subscription);
    const waiting = await aPurchase(world, tenancy, { buyer: tenancy.admin, quantity: 1 });

    const failpoints = new Meanwhile(point, demoteAdmin);
    await (await suite.another({ failpoints })).handle(cancellation);

    const paused = await current(world, cancellation);
    expect(paused).toMatchObject({
      status: 'paused',
      step: 'cut',
      lease: null,
      error: { code: 'forbidden' },
      progress: { done: swept },
    });
    const subscription = await theSubscription(world, source.subscription._id);
    expect(subscription).toMatchObject({ status: 'deleted', operationId: cancellation._id });
    expect(await holdersOf(world, subscription._id)).toEqual(source.holders.slice(swept));
    expect(await outcomesOf(world, cancellation)).toEqual(
      source.holders.slice(0, swept).map((user) => `${user} accessRemoved`),
    );

    await worker.handle(waiting);
    await resumeByAnotherAdmin(cancellation);
    await runToEnd(world, worker, cancellation);
    expect(await current(world, cancellation)).toMatchObject({
      status: 'succeeded',
      error: null,
      result: { usersCut: USERS },
    });
    expect(await holdersOf(world, subscription._id)).toEqual([]);
  });
});
