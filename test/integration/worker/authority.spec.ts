import { beforeEach, describe, expect, it } from '@jest/globals';
import { newId } from '@commissary/platform';
import { type OperationDocument, OperationsRepository } from '@commissary/store';
import { aUser } from '../../support/documents.js';
import { Meanwhile } from '../../support/fixtures/failures.js';
import { current } from '../../support/fixtures/operations.js';
import { workerSuite } from '../../support/fixtures/suite.js';
import { aCancellation, aMove, bought, central, holdersOf } from '../../support/fixtures/takeovers.js';
import { runToEnd } from '../../support/fixtures/worker.js';
import { collectionsOf } from '../../support/driver.js';

const suite = workerSuite();
let { world, worker, tenancy } = suite;

beforeEach(() => {
  ({ world, worker, tenancy } = suite);
});

const demote = () =>
  collectionsOf(world.database).users.updateOne({ _id: tenancy.admin._id }, { $set: { roles: [] } });

const anotherAdmin = async () => {
  const admin = aUser(tenancy.tenantId, { _id: newId('usr'), roles: ['billingAdmin'] });
  await collectionsOf(world.database).users.insertOne(admin);
  return { userId: admin._id, tenantId: tenancy.tenantId };
};

const resume = async (operation: OperationDocument, by?: OperationDocument['authorizedBy']) => {
  const paused = await current(world, operation);
  const operations = new OperationsRepository(world.database);
  await world.database.transaction((session) => operations.resume(session, paused, by));
};

describe('a role revoked during a job [ADM-5]', () => {
  it.each([
    [320, 'move.chunk'],
    [2_400, 'move.chunk'],
    [2_400, 'move.tailChunk'],
  ])(
    'of %i users, at %s: the next chunk stops, and another admin may resume [MOV-3]',
    async (users, point) => {
      const source = await bought(world, worker, tenancy, { others: users - 1 });
      const target = await central(world, tenancy, { seats: users });
      const move = await aMove(world, tenancy, source.subscription, target);
      await runToEndOrPause(move, new Meanwhile(point, demote));

      const paused = await current(world, move);
      expect(paused).toMatchObject({ status: 'paused', lease: null, error: { code: 'forbidden' } });
      const moved = await holdersOf(world, target._id);
      expect(moved.length).toBeGreaterThan(0);
      expect(moved.length).toBeLessThan(users);
      const entry = await collectionsOf(world.database).audit.findOne({
        action: 'operation.paused',
        operationId: move._id,
      });
      expect(entry).toMatchObject({ before: { status: 'running' }, after: { status: 'paused' } });

      await resume(move);
      await worker.handle(move);
      expect((await current(world, move)).status).toBe('paused');

      await resume(move, await anotherAdmin());
      await runToEnd(world, worker, move);
      expect(await current(world, move)).toMatchObject({
        status: 'succeeded',
        error: null,
        result: { moved: users },
      });
    },
  );

  it('a cancellation stops before it cuts anybody, or between two chunks of its sweep [CAN-2]', async () => {
    const source = await bought(world, worker, tenancy, { others: 1_500 });
    const cancellation = await aCancellation(world, tenancy, source.subscription);
    await demote();
    await worker.handle(cancellation);
    expect(await current(world, cancellation)).toMatchObject({ status: 'paused', step: null });
    await resume(cancellation, await anotherAdmin());
    await runToEnd(world, worker, cancellation);
    expect(await current(world, cancellation)).toMatchObject({
      status: 'succeeded',
      result: { usersCut: 1_501 },
    });
  });

  it('what its purchaser cancelled is swept without them [OWN-5, DATA-1]', async () => {
    const source = await bought(world, worker, tenancy, { others: 20 });
    const cancellation = await aCancellation(world, tenancy, source.subscription, 'purchaser');
    const gone = () =>
      collectionsOf(world.database).users.updateOne(
        { _id: tenancy.buyer._id },
        { $set: { state: 'disabled' } },
      );
    await runToEndOrPause(cancellation, new Meanwhile('cancellation.cut', gone));
    expect((await current(world, cancellation)).status).toBe('succeeded');
  });

  async function runToEndOrPause(operation: OperationDocument, failpoints: Meanwhile): Promise<void> {
    await (await suite.another({ failpoints })).handle(operation);
  }
});
