import {
  EVENT_DATA,
  type EventData,
  type EventType,
  NOTIFICATION_PARAMS,
  type NotificationParams,
  type NotificationTemplate,
} from '@commissary/contracts';
import { utcDay } from '@commissary/domain';
import { newId } from '@commissary/platform';
import type { Database, Session } from './database.js';
import type {
  AuditDocument,
  DigestEntryDocument,
  EventDocument,
  Mailing,
  NewAudit,
  NotificationDocument,
} from './collections/index.js';
import { insertAll } from './insert-all.js';

export interface NewMail<T extends NotificationTemplate = NotificationTemplate> {
  template: T;
  recipientUserId: string;
  /** The tenant of the recipient's account; the event's own unless given. */
  recipientTenantId?: string;
  params: NotificationParams<T>;
}

export interface NewEventOf<T extends EventType> {
  /** Minted beforehand where something else names it. */
  id?: string;
  tenantId: string;
  type: T;
  subjectId: string;
  operationId: string | null;
  data: EventData<T>;
  /** The e-mails that the event owes. */
  mails?: NewMail[];
  /** In their place where they are many: one e-mail to each whom `data.recipients` names for its template, put in the outbox later. */
  mailing?: Mailing;
  /** A purchase that goes into the admins' digest at the end of the day instead. [ADM-8] */
  digested?: NotificationParams<'purchaseAlert'> | null;
}

/** Any event, its data checked against its type's by the compiler. */
export type NewEvent = { [T in EventType]: NewEventOf<T> }[EventType];

/** One mail of any template, its parameters checked against its template's by the compiler. */
export const mail = <T extends NotificationTemplate>(
  template: T,
  recipientUserId: string,
  params: NotificationParams<T>,
): NewMail => ({ template, recipientUserId, params });

/**
 * Inserts the records of a change in the change's own transaction: its events, the e-mails each event owes, its audit entries.
 * Throws for an event's data, or a mail's parameters, of another shape than their type's or template's.
 * Returns the ids of the queued mails, for a caller that wants to enqueue them after the commit: of all, and of each event in its place.
 */
export const recordChange = async (
  database: Database,
  session: Session,
  now: Date,
  records: { events?: NewEvent[]; audit?: NewAudit[] },
): Promise<{ notificationIds: string[]; idsByEvent: string[][] }> => {
  const { events, notifications, audit, digestEntries } = database.models;
  const eventRows: EventDocument[] = [];
  const mailsByEvent: NotificationDocument[][] = [];
  const entries: DigestEntryDocument[] = [];
  for (const { id = newId('evt'), mails = [], digested, ...event } of records.events ?? []) {
    const row: EventDocument = { _id: id, ...event, at: now };
    EVENT_DATA[row.type].parse(row.data);
    if (row.mailing) NOTIFICATION_PARAMS[row.mailing.template].parse(row.mailing.params);
    eventRows.push(row);
    mailsByEvent.push(mails.map((m) => notificationOf(row, m, now)));
    if (digested) entries.push(digestEntryOf(row, digested));
  }
  const auditRows: AuditDocument[] = (records.audit ?? []).map((entry) => ({
    _id: newId('aud'),
    ...entry,
    at: now,
  }));
  await insertAll(events, eventRows, session);
  await insertAll(notifications, mailsByEvent.flat(), session);
  await insertAll(digestEntries, entries, session);
  await insertAll(audit, auditRows, session);
  const idsByEvent = mailsByEvent.map((rows) => rows.map((row) => row._id));
  return { notificationIds: idsByEvent.flat(), idsByEvent };
};

/** The outbox's row of one e-mail, due at once. Throws for parameters that are not its template's. */
export const notificationOf = (
  event: Pick<EventDocument, '_id' | 'tenantId'>,
  owed: NewMail,
  now: Date,
): NotificationDocument => {
  const params: unknown = NOTIFICATION_PARAMS[owed.template].parse(owed.params);
  const { recipientTenantId = event.tenantId } = owed;
  return {
    _id: newId('ntf'),
    tenantId: event.tenantId,
    template: owed.template,
    params,
    recipientUserId: owed.recipientUserId,
    ...(recipientTenantId !== event.tenantId && { recipientTenantId }),
    key: `${event._id}:${owed.template}:${owed.recipientUserId}`,
    eventId: event._id,
    status: 'queued',
    attempts: 0,
    nextAttemptAt: now,
    lease: null,
    fence: 0,
    lastError: null,
    createdAt: now,
    endedAt: null,
  } as NotificationDocument;
};

const digestEntryOf = (
  { _id, tenantId, at }: EventDocument,
  purchase: NotificationParams<'purchaseAlert'>,
): DigestEntryDocument => ({
  _id,
  tenantId,
  on: utcDay(at),
  purchase,
  digestEventId: null,
  toldAt: null,
  at,
});
