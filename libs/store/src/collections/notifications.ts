import {
  NOTIFICATION_PARAMS,
  type NotificationParams,
  type NotificationTemplate,
} from '@commissary/contracts';
import { defineCollection } from '../schema/define-collection.js';
import { anyObject, nullable, oneOf, optional, required } from '../schema/fields.js';
import { RETENTION } from './retention.js';
import { leaseSchema } from './values.js';

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

export const notifications = defineCollection<NotificationDocument>('notifications', {
  owner: 'tenant',
  retention: { field: 'createdAt', seconds: RETENTION.notifications },
  fields: {
    _id: required(String),
    tenantId: required(String),
    template: required(oneOf(Object.keys(NOTIFICATION_PARAMS))),
    params: required(anyObject()),
    recipientUserId: required(String),
    recipientTenantId: optional(String),
    key: required(String),
    eventId: required(String),
    status: required(oneOf(['queued', 'sent', 'failed'])),
    attempts: required(Number),
    nextAttemptAt: required(Date),
    lease: nullable(leaseSchema),
    fence: required(Number),
    lastError: nullable(String),
    createdAt: required(Date),
    endedAt: nullable(Date),
  },
  indexes: [
    { key: { key: 1 }, unique: true, serves: 'One event sends a person one e-mail of a template. [MSG-3]' },
    {
      key: { nextAttemptAt: 1 },
      partialFilterExpression: { status: 'queued' },
      name: 'due',
      serves: 'It finds e-mails that are due.',
    },
    { key: { eventId: 1 }, serves: 'It finds the e-mails of an event.' },
  ],
});
