import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { INVARIANTS, runAudit } from '@commissary/audit';
import { AuditedDatabase, deletedLife, endedAs, TENANT } from '../support/audited-database.js';
import { testServices } from '../support/database.js';
import { leaveLicense } from '../support/fixtures/left-license.js';
import { runStackCommand } from '../support/run-command.js';
import { collectionsOf } from '../support/driver.js';

/**
 * A sound database (what `npm run seed` loads, bought at the real payment simulator) in which each test plants one fault; the
 * audit names it, under its number and its subject, and nothing else.
 */
const services = testServices();
let audited: AuditedDatabase;

beforeAll(async () => {
  audited = await AuditedDatabase.start(services);
});

beforeEach(() => audited.restore());

afterAll(async () => {
  await audited.stop();
  await services.remove();
});

describe('a sound database [OPS-5]', () => {
  it('[OPS-5] has no violation, and everything was looked at', async () => {
    expect(INVARIANTS.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
    const report = await audited.audit();
    expect(report).toMatchObject({ violations: [], notChecked: [] });
    expect(report.checked).toMatchObject({
      users: 15,
      subscriptions: 2,
      licenses: 10,
      orders: 2,
      payments: 1,
    });
  });

  it('[OPS-5] says what it could not check without a journal and a Redis', async () => {
    const { violations, notChecked } = await runAudit({ database: audited.database });
    expect(violations).toEqual([]);
    expect(notChecked.map((text) => Number.parseInt(text, 10))).toEqual([3, 10, 14]);
  });

  it('[OPS-5] a move under way is explained: reservation, lock, a license whose user was deleted', async () => {
    const operationId = await audited.plantOperation();
    await audited.changeSubscription(audited.targetId, {
      $push: { 'seats.reservations': { operationId, seats: 8 } },
    });
    const license = await audited.theLicense();
    await collectionsOf(audited.database).users.updateOne(
      { _id: license.userId },
      { $set: { state: 'deleted' } },
    );
    await leaveLicense(collectionsOf(audited.database), { _id: license._id });
    await audited.plantAudit('user.deleted', { type: 'user', id: license.userId });
    expect(await audited.named()).toEqual([]);
  });

  it('[OPS-5] a cancellation that is still sweeping is explained', async () => {
    await audited.plantOperation({ type: 'cancellation' });
    await audited.changeSubscription(audited.sourceId, deletedLife());
    expect(await audited.named()).toEqual([]);
  });

  it('[OPS-5] a charge that was made and not recorded yet is explained by its open purchase, and by nothing else', async () => {
    const [order, payment] = [await audited.theOrder(), await audited.thePayment()];
    const { operations, orders, payments: books, invoices, ledger } = collectionsOf(audited.database);
    const running = { status: 'paused' as const, endedAt: null, result: null, 'progress.done': 0 };
    await operations.updateOne(
      { _id: payment.operationId },
      {
        $set: {
          ...running,
          history: [
            { status: 'accepted', at: new Date() },
            { status: 'paused', at: new Date() },
          ],
        },
      },
    );
    await orders.updateOne({ _id: order._id }, { $set: { status: 'pending', settledAt: null } });
    const asked = { status: 'unknown' as const, chargeId: null, nextCheckAt: new Date() };
    await books.updateOne({ _id: payment._id }, { $set: asked });
    await invoices.deleteMany({});
    await ledger.deleteMany({});
    expect(await audited.named()).toEqual([]);
    await operations.updateOne(
      { _id: payment.operationId },
      { $set: { ...endedAs('failed'), 'progress.failed': 1 } },
    );
    expect(new Set((await audited.named()).map(([invariant]) => invariant))).toEqual(new Set([3, 5]));
  });
});

describe('the command [RUN-5]', () => {
  it('[RUN-5] exits 0 with `0 violations`, or 1 with each on a line; --json has the shape of the contract', async () => {
    const sound = await runStackCommand('audit', [], audited.environment());
    expect(sound).toMatchObject({ exitCode: 0, stderr: '' });
    expect(sound.stdout).toMatch(/\n0 violations\n$/);
    await audited.changeSubscription(audited.sourceId, { $inc: { 'seats.assigned': -1 } });
    const faulty = await runStackCommand('audit', [], audited.environment());
    expect(faulty.exitCode).toBe(1);
    expect(faulty.stdout).toMatch(new RegExp(`\n1 ${audited.sourceId} .*\n1 violations\n$`));
    const json = await runStackCommand('audit', ['--json'], audited.environment());
    expect(json.exitCode).toBe(1);
    const subject = audited.sourceId;
    expect(JSON.parse(json.stdout)).toMatchObject({
      violations: [{ invariant: 1, subject, detail: expect.any(String) as unknown }],
      notChecked: [],
      checked: { subscriptions: 2 },
    });
  });

  it('[RUN-5] says in a sentence that there is nothing to look at', async () => {
    const none = await runStackCommand('audit', ['--run-dir', '/tmp/commissary-nothing-here']);
    expect(none).toMatchObject({ exitCode: 1, stdout: '' });
    expect(none.stderr).toMatch(/^No stack is running in .*\n$/);
    const uri = new URL(services.mongodbUri);
    uri.pathname = `${uri.pathname}_empty`;
    const empty = await runStackCommand('audit', [], {
      MONGODB_URI: uri.href,
      REDIS_URL: '',
      PAYMENTS_URL: '',
    });
    expect(empty).toMatchObject({ exitCode: 1, stdout: '' });
    expect(empty.stderr).toMatch(/^There is nothing to look at: .*\n$/);
  });
});

it('[OPS-5] the audit changes nothing', async () => {
  const before = await audited.subscription(audited.sourceId);
  await audited.audit();
  expect(await audited.subscription(audited.sourceId)).toEqual(before);
});

/** Last, for the provider's journal forgets nothing. */
describe('the fixture [RUN-4]', () => {
  it('[RUN-4] can be loaded again, for other users and another purchaser, and passes the audit', async () => {
    const flags = ['--users', '5', '--assigned', '3', '--target-seats', '2'];
    const seeded = await runStackCommand('seed', flags, audited.environment());
    expect(seeded.exitCode).toBe(0);
    const report = JSON.parse(seeded.stdout.trimEnd().split('\n').at(-1)!) as Record<string, string>;
    expect(report).toMatchObject({ tenantId: TENANT, users: 5, seconds: expect.any(Number) as unknown });
    const source = await audited.subscription(report['sourceSubscriptionId']!);
    const target = await audited.subscription(report['targetSubscriptionId']!);
    expect(source).toMatchObject({ origin: 'selfService', seats: { purchased: 3, assigned: 3 } });
    expect(target).toMatchObject({ origin: 'central', seats: { purchased: 2, assigned: 0 } });
    expect(source.purchaserId).not.toBe((await audited.subscription(audited.sourceId)).purchaserId);
    const purchaser = await collectionsOf(audited.database).users.findOne({
      email: report['purchaserEmail'],
    });
    expect(purchaser?._id).toBe(source.purchaserId);
    expect(await collectionsOf(audited.database).notifications.countDocuments({ status: 'queued' })).toBe(0);
    expect(await audited.audit()).toMatchObject({ violations: [], checked: { licenses: 13, users: 21 } });
  });

  it('[RUN-4] says in a sentence what cannot be loaded', async () => {
    const more = await runStackCommand('seed', ['--users', '1', '--assigned', '2'], audited.environment());
    expect(more).toMatchObject({ exitCode: 1, stdout: '' });
    expect(more.stderr).toMatch(/^Only 1 users are loaded: .*\n$/);
    const nobody = await runStackCommand('seed', ['--tenant', 'gone.example'], audited.environment());
    expect(nobody.exitCode).toBe(1);
    expect(nobody.stderr).toMatch(/There is no tenant gone\.example: .*\n$/);
  });
});
