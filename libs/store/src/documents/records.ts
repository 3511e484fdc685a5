import type { AuditAction, AuditSubject } from '@commissary/domain';
import type { EventData, EventType, NotificationParams, NotificationTemplate } from '@commissary/contracts';

interface NotificationBase {
  _id: string;
  tenantId: string;
  recipientUserId: string;
  /** Where the recipient's account is another tenant's: a partner's, who did it here. [ADM-7] */
  recipientTenantId?: string;
  /** The event, the template and the recipient: unique, so that one event sends a person one mail of a kind. [MSG-3] */
  key: string;
  /** The event that owes this mail. */
  eventId: string;
  status: 'queued' | 'sent' | 'failed';
  attempts: number;
  nextAttemptAt: Date;
  lease: { until: Date; worker: string } | null;
  fence: number;
  /** Class of the last failure, for operators; never a reply's text. */
  lastError: string | null;
  createdAt: Date;
  endedAt: Date | null;
}

/** A row of the outbox: an e-mail to be sent, written in the transaction that made it true. */
export type NotificationDocument = {
  [T in NotificationTemplate]: NotificationBase & { template: T; params: NotificationParams<T> };
}[NotificationTemplate];

/** E-mails alike but for their recipients, whom their event names, while they are not in the outbox yet. */
export type Mailing = {
  [T in NotificationTemplate]: { template: T; params: NotificationParams<T> };
}[NotificationTemplate];

/** A purchase that goes into the digest of its day for the tenant's admins, written in the transaction of the purchase. [ADM-8] */
export interface DigestEntryDocument {
  /** The id of the event of the purchase. */
  _id: string;
  tenantId: string;
  /** UTC day, `YYYY-MM-DD`. */
  on: string;
  purchase: NotificationParams<'purchaseAlert'>;
  /** The event of the digest that lists the purchase; null until then. */
  digestEventId: string | null;
  toldAt: Date | null;
  at: Date;
}

interface EventBase {
  _id: string;
  tenantId: string;
  subjectId: string;
  operationId: string | null;
  /** Absent once its mails are in the outbox. [CAN-2] */
  mailing?: Mailing;
  at: Date;
}

export type EventOf<T extends EventType> = EventBase & { type: T; data: EventData<T> };

/** Every event that can happen; discriminated by `type`. */
export type EventDocument = { [T in EventType]: EventOf<T> }[EventType];

interface AuditBase {
  _id: string;
  tenantId: string;
  actor: { userId: string; displayName: string; tenantId: string };
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
  ip: string;
  requestId: string;
  operationId: string | null;
  at: Date;
}

/** What was done, and to what: an action is only about things of its own kinds. */
export type AuditedAct<A extends AuditAction = AuditAction> = {
  [K in A]: { action: K; subject: { type: AuditSubject<K>; id: string } };
}[A];

/** Who did what, when, from where, before and after; append-only. [ADM-9] */
export type AuditDocument = AuditBase & AuditedAct;

/** An entry that is about to be recorded. */
export type NewAudit<A extends AuditAction = AuditAction> = Omit<AuditBase, '_id' | 'at'> & AuditedAct<A>;

/** The answer to a request that started an operation or made a thing, given again for 24 h to the same key. [EXT-1] */
export interface IdempotencyDocument {
  /** Hash of tenant, caller, method, path and key. */
  _id: string;
  tenantId: string;
  /** Hash of the parsed body. */
  fingerprint: string;
  /** Id of what it started or made. */
  subjectId: string;
  status: number;
  body: unknown;
  location: string | null;
  createdAt: Date;
}
