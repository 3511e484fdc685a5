import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { EventType, NotificationTemplate } from '@commissary/contracts';
import { newId } from '@commissary/platform';
import type { DigestEntryDocument, EventDocument, NotificationDocument } from '@commissary/store';
import { AuditedDatabase, ADMIN, TENANT } from '../support/audited-database.js';
import { testServices } from '../support/database.js';
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

describe('9 mails [OPS-5, MSG-3]', () => {
  it('[OPS-5] a recipient without a mail, a mail without a recipient, a mail of no event', async () => {
    const { notifications, events } = collectionsOf(audited.database);
    const event = (await events.findOne({}))!;
    await notifications.deleteOne({ template: 'receipt' });
    expect(await audited.named()).toEqual([[9, event._id]]);
    await audited.restore();
    await events.updateOne({ _id: event._id }, { $set: { 'data.recipients.purchaseAlert': [] } });
    expect(await audited.named()).toEqual([[9, event._id]]);
    await audited.restore();
    const alert = (await notifications.findOne({ template: 'purchaseAlert' }))!;
    await notifications.insertOne({ ...alert, _id: 'ntf_2', key: 'again' });
    expect(await audited.named()).toEqual([[9, event._id]]);
    await audited.restore();
    await notifications.insertOne({ ...alert, _id: 'ntf_2', key: 'another', eventId: 'evt_gone' });
    expect(await audited.named()).toEqual([[9, 'ntf_2']]);
  });

  it('[OPS-5] an event that names nobody though its kind must', async () => {
    const { events } = collectionsOf(audited.database);
    const event = { tenantId: TENANT, operationId: null, at: new Date(), data: { recipients: {} } };
    // No code of this version would write them so.
    const broken = [
      { ...event, _id: 'evt_1', type: 'subscription.canceled', subjectId: audited.sourceId },
      { ...event, _id: 'evt_2', type: 'purchase.declined', subjectId: 'ord_1' },
      { ...event, _id: 'evt_3', type: 'license.assigned', subjectId: audited.sourceId },
      { ...event, _id: 'evt_4', type: 'thing.ofAnotherVersion', subjectId: audited.sourceId },
    ];
    await events.insertMany(broken as unknown as EventDocument[]);
    expect(await audited.named()).toEqual([
      [9, 'evt_1'],
      [9, 'evt_2'],
    ]);
  });
});

describe('9 mails of a life that goes on [OPS-5, MSG-1]', () => {
  const record = async (type: EventType, data: object, subjectId = audited.sourceId): Promise<void> => {
    const { events, notifications } = collectionsOf(audited.database);
    const event = { _id: 'evt_1', tenantId: TENANT, type, subjectId, operationId: null, at: new Date() };
    await events.insertOne({ ...event, data: { ...data } } as EventDocument);
    const sent = (await notifications.findOne({ template: 'receipt' }))!;
    const { recipients = {} } = data as { recipients?: Record<string, string[]> };
    for (const [template, users] of Object.entries(recipients)) {
      for (const recipientUserId of users) {
        const key = `${template}:${recipientUserId}`;
        const mail = { ...sent, _id: newId('ntf'), key, template, recipientUserId, eventId: 'evt_1' };
        await notifications.insertOne(mail as NotificationDocument);
      }
    }
  };

  it.each<[EventType, NotificationTemplate]>([
    ['subscription.renewed', 'receipt'],
    ['renewal.failed', 'cardDeclined'],
    ['renewal.reminded', 'renewalReminder'],
    ['renewal.priceRise', 'renewalReminder'],
    ['trial.ending', 'trialEnding'],
    ['seats.changed', 'seatsChanged'],
    ['cancellation.requested', 'pleaseCancel'],
  ])('[MSG-1] %s tells the purchaser by %s, or the admins once that one has left', async (type, template) => {
    const { purchaserId } = await audited.subscription(audited.sourceId);
    await record(type, { recipients: { [template]: [purchaserId] } });
    expect(await audited.named()).toEqual([]);
    await audited.restore();
    await record(type, { recipients: { [template]: [ADMIN] } });
    expect(await audited.named()).toEqual([[9, 'evt_1']]);
    await collectionsOf(audited.database).licenses.deleteMany({ userId: purchaserId! });
    await collectionsOf(audited.database).users.updateOne(
      { _id: purchaserId! },
      { $set: { state: 'deleted' } },
    );
    await audited.plantAudit('user.deleted', { type: 'user', id: purchaserId! });
    expect((await audited.named()).filter(([invariant]) => invariant === 9)).toEqual([]);
    await audited.restore();
    await record(type, {});
    expect(await audited.named()).toEqual([[9, 'evt_1']]);
  });

  it('[MSG-1, SUB-2] a purchaser who left is told of to the admins', async () => {
    await record('purchaser.left', { recipients: { purchaserLeft: [ADMIN] } }, 'usr_gone');
    expect(await audited.named()).toEqual([]);
    await audited.restore();
    await record('purchaser.left', { recipients: { purchaseAlert: [ADMIN] } }, 'usr_gone');
    expect(await audited.named()).toEqual([[9, 'evt_1']]);
  });

  it('[ADM-8] a purchase that is told of in a digest waits for it two days at most, and is in one', async () => {
    const { events, digestEntries } = collectionsOf(audited.database);
    const bought = (await events.findOne({ type: 'purchase.completed' }))!;
    const { _id, tenantId } = bought;
    await events.updateOne({ _id }, { $set: { 'data.digested': true } });
    expect(await audited.named()).toEqual([[9, _id]]);
    const purchase = { subscriptionId: bought.subjectId } as DigestEntryDocument['purchase'];
    const entry = { _id, tenantId, on: '2030-01-15', purchase, digestEventId: null, toldAt: null };
    await digestEntries.insertOne({ ...entry, at: bought.at });
    expect(await audited.named()).toEqual([]);
    await events.updateOne({ _id }, { $set: { at: new Date(Date.now() - 3 * 86_400_000) } });
    expect(await audited.named()).toContainEqual([9, _id]);
    await events.updateOne({ _id }, { $set: { at: bought.at } });
    await digestEntries.updateOne({ _id }, { $set: { digestEventId: 'evt_1', toldAt: new Date() } });
    expect(await audited.named()).toEqual([[9, _id]]);
    await record(
      'purchases.digested',
      { on: '2030-01-15', recipients: { purchaseDigest: [ADMIN] } },
      tenantId,
    );
    expect(await audited.named()).toEqual([]);
    const again = (await events.findOne({ _id: 'evt_1' }))!;
    await events.insertOne({
      ...again,
      _id: 'evt_2',
      data: { ...again.data, recipients: { purchaseDigest: [] } },
    } as EventDocument);
    expect(await audited.named()).toEqual([[9, 'evt_2']]);
  });

  it('[ADM-8] seats that were bought are told to the admins too', async () => {
    const { purchaserId } = await audited.subscription(audited.sourceId);
    const recipients = { seatsChanged: [purchaserId] };
    await record('seats.changed', { before: 10, after: 12, effective: 'now', recipients });
    expect(await audited.named()).toEqual([[9, 'evt_1']]);
    await audited.restore();
    const withAlert = { ...recipients, purchaseAlert: [ADMIN] };
    await record('seats.changed', { before: 10, after: 12, effective: 'now', recipients: withAlert });
    expect(await audited.named()).toEqual([]);
    await audited.restore();
    await record('seats.changed', { before: 10, after: 8, effective: 'renewal', recipients });
    expect(await audited.named()).toEqual([]);
  });
});
