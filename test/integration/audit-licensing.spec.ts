import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newId } from '@commissary/platform';
import { wakeUpId } from '@commissary/queue';
import type { OperationDocument } from '@commissary/store';
import {
  AuditedDatabase,
  ADMIN,
  deletedLife,
  OTHER_TENANT,
  progress,
  STRANGER,
  TENANT,
  endedAs,
} from '../support/audited-database.js';
import { testServices } from '../support/database.js';
import { aLicense } from '../support/documents.js';
import { leaveLicense } from '../support/fixtures/left-license.js';
import { collectionsOf, migrateAgain } from '../support/driver.js';

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

describe('1 seats [OPS-5, MOV-2]', () => {
  it('[OPS-5] a counter that is not the number of licenses', async () => {
    await audited.changeSubscription(audited.sourceId, { $inc: { 'seats.assigned': -1 } });
    expect(await audited.named()).toEqual([[1, audited.sourceId]]);
  });

  it('[OPS-5] more seats given than bought', async () => {
    await audited.changeSubscription(audited.sourceId, { $inc: { 'seats.purchased': -1 } });
    expect(await audited.named()).toEqual([[1, audited.sourceId]]);
  });

  it('[OPS-5] a reservation that its operation does not explain', async () => {
    await audited.changeSubscription(audited.targetId, {
      $push: { 'seats.reservations': { operationId: 'op_gone', seats: 2 } },
    });
    expect(await audited.named()).toEqual([[1, audited.targetId]]);
    await audited.restore();
    const ended = await audited.plantOperation({
      lock: false,
      fields: { ...endedAs('stopped'), progress: progress({}) },
    });
    await audited.changeSubscription(audited.targetId, {
      $push: { 'seats.reservations': { operationId: ended, seats: 1 } },
    });
    expect(await audited.named()).toEqual([[1, audited.targetId]]);
    await audited.restore();
    const open = await audited.plantOperation({ total: 5 });
    await audited.changeSubscription(audited.targetId, {
      $push: { 'seats.reservations': { operationId: open, seats: 6 } },
    });
    expect(await audited.named()).toEqual([[1, audited.targetId]]);
  });
});

describe('2 licenses [OPS-5, MOV-4]', () => {
  it('[OPS-5] a second license of a user for a product', async () => {
    const license = await audited.theLicense();
    const second = { ...license, _id: newId('lic'), subscriptionId: audited.targetId };
    await collectionsOf(audited.database).licenses.dropIndex('tenantId_1_userId_1_productId_1');
    try {
      await collectionsOf(audited.database).licenses.insertOne(second);
      await audited.changeSubscription(audited.targetId, { $inc: { 'seats.assigned': 1 } });
      const found = await audited.named();
      expect(found).toHaveLength(1);
      expect([license._id, second._id]).toContain(found[0]?.[1]);
      expect(found[0]?.[0]).toBe(2);
    } finally {
      await audited.restore();
      await migrateAgain(audited.database);
    }
  });

  it('[OPS-5] a license of a deleted or unknown user', async () => {
    const license = await audited.theLicense();
    await collectionsOf(audited.database).users.updateOne(
      { _id: license.userId },
      { $set: { state: 'deleted' } },
    );
    await audited.plantAudit('user.deleted', { type: 'user', id: license.userId });
    expect(await audited.named()).toEqual([[2, license._id]]);
    await collectionsOf(audited.database).users.deleteOne({ _id: license.userId });
    expect(await audited.named()).toEqual([[2, license._id]]);
    // Left for an operation to remove, and none will.
    await collectionsOf(audited.database).licenses.updateOne(
      { _id: license._id },
      { $set: { userDeletedAt: new Date() } },
    );
    expect(await audited.named()).toEqual([[2, license._id]]);
  });

  it('[OPS-5] a license left to an operation that will not find it', async () => {
    await audited.plantOperation();
    const license = await audited.theLicense();
    await leaveLicense(collectionsOf(audited.database), { _id: license._id });
    expect(await audited.named()).toEqual([]);
    await collectionsOf(audited.database).leftLicenses.deleteOne({ _id: license._id });
    expect(await audited.named()).toEqual([[2, license._id]]);
  });

  it('[OPS-5] what was left of a license that is gone', async () => {
    const { tenantId, subscriptionId, userId } = await audited.theLicense();
    const _id = newId('lic');
    await collectionsOf(audited.database).leftLicenses.insertOne({ _id, tenantId, subscriptionId, userId });
    expect(await audited.named()).toEqual([[2, _id]]);
  });

  it('[OPS-5] licenses of a subscription that is deleted, missing or of another product', async () => {
    await audited.changeSubscription(audited.sourceId, deletedLife());
    const found = await audited.named();
    expect(found).toHaveLength(10);
    expect(new Set(found.map(([invariant]) => invariant))).toEqual(new Set([2]));
    await audited.restore();
    const license = await audited.theLicense();
    await collectionsOf(audited.database).licenses.updateOne(
      { _id: license._id },
      { $set: { productId: 'OTHER' } },
    );
    expect(await audited.named()).toEqual([[2, license._id]]);
    await audited.restore();
    const orphan = aLicense({ _id: 'sub_gone', tenantId: TENANT, productId: 'OTHER' }, ADMIN);
    await collectionsOf(audited.database).licenses.insertOne(orphan);
    expect(await audited.named()).toEqual([[2, orphan._id]]);
  });
});

describe('6 progress [OPS-5, MOV-3]', () => {
  const result = (operationId: string, seq: number, userIds: string[]) => ({
    _id: `${operationId}:${seq}`,
    tenantId: TENANT,
    operationId,
    seq,
    groups: [{ outcome: 'moved' as const, reason: null, userIds }],
    at: new Date(),
  });

  it('[OPS-5] more done than there was, and an end with users pending', async () => {
    const many = await audited.plantOperation({
      total: 1,
      fields: { progress: progress({ total: 1, done: 2 }) },
    });
    expect((await audited.named()).map(([invariant, subject]) => `${invariant} ${subject}`)).toContain(
      `6 ${many}`,
    );
    await audited.restore();
    const ended = await audited.plantOperation({
      lock: false,
      fields: { ...endedAs('succeeded'), progress: progress({}) },
    });
    expect(await audited.named()).toEqual([[6, ended]]);
    await audited.restore();
    const stopped = await audited.plantOperation({
      lock: false,
      fields: { ...endedAs('stopped'), progress: progress({}) },
    });
    expect(await audited.named()).toEqual([]);
    expect(stopped).toMatch(/^op_/);
  });

  it('[OPS-5] results that are not the counters, and a user with two', async () => {
    const fields = { chunks: 1, progress: progress({ done: 2 }) };
    const operationId = await audited.plantOperation({ fields });
    await collectionsOf(audited.database).operationResults.insertOne(
      result(operationId, 0, ['usr_1', 'usr_2']),
    );
    expect(await audited.named()).toEqual([]);
    await collectionsOf(audited.database).operationResults.updateOne(
      { operationId },
      { $set: { 'groups.0.userIds': ['usr_1', 'usr_1'] } },
    );
    expect(await audited.named()).toEqual([[6, operationId]]);
    await collectionsOf(audited.database).operationResults.updateOne(
      { operationId },
      { $set: { 'groups.0.userIds': ['usr_1'] } },
    );
    expect(await audited.named()).toEqual([[6, operationId]]);
  });
});

describe('7 one take-over at a time [OPS-5, MOV-6]', () => {
  it('[OPS-5] two open operations on a subscription', async () => {
    await audited.plantOperation();
    await audited.plantOperation({ type: 'cancellation', lock: false });
    expect(await audited.named()).toEqual([[7, audited.sourceId]]);
  });

  it('[OPS-5] a lock of an operation that has ended or never was', async () => {
    await audited.plantOperation({ fields: { ...endedAs('stopped'), progress: progress({}) } });
    expect(await audited.named()).toEqual([[7, audited.sourceId]]);
    await audited.changeSubscription(audited.sourceId, { $set: { operationId: 'op_gone' } });
    expect(await audited.named()).toEqual([[7, audited.sourceId]]);
  });
});

describe('8 histories [OPS-5, SUB-1]', () => {
  it('[OPS-5] an operation that went on after its end', async () => {
    const operation = (await collectionsOf(audited.database).operations.findOne({}))!;
    const history = [...operation.history, { status: 'running' as const, at: new Date() }];
    history.push({ status: 'succeeded', at: new Date() });
    await collectionsOf(audited.database).operations.updateOne(
      { _id: operation._id },
      { $set: { history, version: 9 } },
    );
    expect(await audited.named()).toEqual([[8, operation._id]]);
  });

  it('[OPS-5] a subscription that came back from the dead, or whose status is not its history', async () => {
    const history = (['active', 'deleted', 'active'] as const).map((status) => ({ status, at: new Date() }));
    await audited.changeSubscription(audited.targetId, { $set: { history, version: 3 } });
    expect(await audited.named()).toEqual([[8, audited.targetId]]);
    await audited.restore();
    const { status } = await audited.subscription(audited.targetId);
    await audited.changeSubscription(audited.targetId, { $set: { history: [] } });
    expect((await audited.audit()).violations.map(({ detail }) => detail)).toEqual([
      'began as nothing',
      `is ${status}, and its history ends with nothing`,
    ]);
  });

  it('[OPS-5] a gap in the versions of a policy, or a version without its change', async () => {
    const change = { tenantId: TENANT, changes: [], changedBy: ADMIN, at: new Date() };
    for (const version of [1, 3]) {
      await collectionsOf(audited.database).policyChanges.insertOne({
        _id: newId('pol'),
        ...change,
        version,
      });
      await audited.plantAudit('policy.set', { type: 'policy', id: TENANT }, { version });
    }
    await collectionsOf(audited.database).policies.insertOne({
      _id: TENANT,
      version: 2,
      defaultValue: 'Enabled',
      values: {},
      updatedAt: new Date(),
    });
    expect(await audited.named()).toEqual([[8, TENANT]]);
    await collectionsOf(audited.database).policyChanges.deleteOne({ tenantId: TENANT, version: 3 });
    expect(await audited.named()).toEqual([[8, TENANT]]);
    await collectionsOf(audited.database).policies.updateOne({ _id: TENANT }, { $set: { version: 1 } });
    expect(await audited.named()).toEqual([]);
  });
});

describe('10 due operations [OPS-5, OPS-4]', () => {
  const waiting = (nextRunAt: Date, fields: Partial<OperationDocument> = {}) =>
    audited.plantOperation({
      fields: {
        status: 'accepted',
        history: [{ status: 'accepted', at: new Date() }],
        version: 1,
        nextRunAt,
        ...fields,
      },
    });
  const longAgo = (): Date => new Date(Date.now() - 60_000);

  it('[OPS-4] one that no job will wake', async () => {
    const operationId = await waiting(longAgo());
    expect(await audited.named()).toEqual([[10, operationId]]);
    const payload = { v: 1 as const, operationId, tenantId: TENANT };
    await audited.producer.enqueue({ name: 'license-move.run', payload, jobId: wakeUpId(operationId, 0) });
    expect(await audited.named()).toEqual([]);
  });

  it('[OPS-4] not one that is leased, backing off or just due', async () => {
    await waiting(longAgo(), { lease: { until: new Date(Date.now() + 10_000), worker: 'w' } });
    expect(await audited.named()).toEqual([]);
    await audited.restore();
    await waiting(new Date(Date.now() + 10_000));
    expect(await audited.named()).toEqual([]);
    await audited.restore();
    await waiting(new Date());
    expect(await audited.named()).toEqual([]);
  });

  it('[OPS-4] one whose lease has run out', async () => {
    const operationId = await waiting(longAgo(), { lease: { until: longAgo(), worker: 'w' } });
    expect(await audited.named()).toEqual([[10, operationId]]);
  });
});

describe('11 tenancy [OPS-5]', () => {
  it('[OPS-5] references of each kind that leave their tenant', async () => {
    const license = await audited.theLicense();
    await collectionsOf(audited.database).licenses.updateOne(
      { _id: license._id },
      { $set: { userId: STRANGER } },
    );
    expect(await audited.named()).toEqual([[11, license._id]]);
    await audited.restore();
    await audited.changeSubscription(audited.sourceId, { $set: { purchaserId: STRANGER } });
    expect(await audited.named()).toEqual([[11, audited.sourceId]]);
    await audited.restore();
    const mail = (await collectionsOf(audited.database).notifications.findOne({ template: 'receipt' }))!;
    await collectionsOf(audited.database).notifications.updateOne(
      { _id: mail._id },
      { $set: { tenantId: OTHER_TENANT } },
    );
    expect(new Set((await audited.named()).map(([invariant, id]) => `${invariant} ${id}`))).toEqual(
      new Set([`11 ${mail._id}`]),
    );
    await audited.restore();
    const payment = await audited.thePayment();
    await collectionsOf(audited.database).payments.updateOne(
      { _id: payment._id },
      { $set: { tenantId: OTHER_TENANT } },
    );
    // What it paid is missed in the one tenant's cash and found in the other's.
    expect(new Set((await audited.named()).map(([invariant, id]) => `${invariant} ${id}`))).toEqual(
      new Set([`4 ${TENANT}`, `4 ${OTHER_TENANT}`, `11 ${payment._id}`]),
    );
  });
});
