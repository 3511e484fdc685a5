import {
  NOTIFICATION_PARAMS,
  type NotificationParams,
  type NotificationTemplate,
} from '@commissary/contracts';
import type { Collection, Document, OptionalUnlessRequiredId } from 'mongodb';
import { newId } from '@commissary/platform';
import type { Database, Session } from './database.js';
import type { AuditDocument, EventDocument, NotificationDocument } from './documents/index.js';

export type NewAudit = Omit<AuditDocument, '_id' | 'at'>;

export interface NewMail<T extends NotificationTemplate = NotificationTemplate> {
  template: T;
  recipientUserId: string;
  params: NotificationParams<T>;
}

export interface NewEvent {
  tenantId: string;
  type: string;
  subjectId: string;
  operationId: string | null;
  data: Record<string, unknown>;
  /** The e-mails that tell of it. */
  mails?: NewMail[];
}

/** One mail of any template, its parameters checked against its template's by the compiler. */
export const mail = <T extends NotificationTemplate>(
  template: T,
  recipientUserId: string,
  params: NotificationParams<T>,
): NewMail => ({ template, recipientUserId, params });

/**
 * Writes what must be told of a change in the change's own transaction: events, the e-mails each event needs, audit entries.
 * Returns the ids of the queued mails, for a caller that wants to enqueue them after the commit.
 */
export const tell = async (
  database: Database,
  session: Session,
  now: Date,
  told: { events?: NewEvent[]; audit?: NewAudit[] },
): Promise<{ notificationIds: string[] }> => {
  const { events, notifications, audit } = database.collections;
  const eventRows: EventDocument[] = [];
  const mailRows: NotificationDocument[] = [];
  for (const { mails = [], ...event } of told.events ?? []) {
    const row: EventDocument = { _id: newId('evt'), ...event, at: now };
    eventRows.push(row);
    mailRows.push(...mails.map((m) => notificationOf(row, m, now)));
  }
  const auditRows: AuditDocument[] = (told.audit ?? []).map((entry) => ({
    _id: newId('aud'),
    ...entry,
    at: now,
  }));
  await insertAll(events, eventRows, session);
  await insertAll(notifications, mailRows, session);
  await insertAll(audit, auditRows, session);
  return { notificationIds: mailRows.map((row) => row._id) };
};

/** One row, the usual case, goes without the driver's machinery for many. */
const insertAll = async <T extends Document>(
  collection: Collection<T>,
  rows: OptionalUnlessRequiredId<T>[],
  session: Session,
): Promise<void> => {
  const [first, ...more] = rows;
  if (first === undefined) return;
  if (more.length === 0) await collection.insertOne(first, { session });
  else await collection.insertMany(rows, { session });
};

const notificationOf = (event: EventDocument, told: NewMail, now: Date): NotificationDocument => {
  const params: unknown = NOTIFICATION_PARAMS[told.template].parse(told.params);
  return {
    _id: newId('ntf'),
    tenantId: event.tenantId,
    template: told.template,
    params,
    recipientUserId: told.recipientUserId,
    key: `${event._id}:${told.template}:${told.recipientUserId}`,
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
