import type { EventData, EventType, NotificationParams, NotificationTemplate } from '@commissary/contracts';
import { defineCollection } from '../schema/define-collection.js';
import { anyObject, nullable, optional, required } from '../schema/fields.js';

/** E-mails alike but for their recipients, whom their event names, while they are not in the outbox yet. */
export type Mailing = {
  [T in NotificationTemplate]: { template: T; params: NotificationParams<T> };
}[NotificationTemplate];

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

export const events = defineCollection<EventDocument>('events', {
  owner: 'tenant',
  retention: null,
  fields: {
    _id: required(String),
    tenantId: required(String),
    type: required(String),
    subjectId: required(String),
    operationId: nullable(String),
    data: required(anyObject()),
    mailing: optional(anyObject()),
    at: required(Date),
  },
  indexes: [
    { key: { tenantId: 1, _id: 1 }, serves: 'It lists the events of a tenant, oldest first. [EXT-2]' },
    { key: { operationId: 1 }, serves: 'It finds the events of an operation.' },
    {
      key: { at: 1 },
      partialFilterExpression: { mailing: { $exists: true } },
      name: 'mailings',
      serves: 'It finds events whose e-mails are not in the outbox yet. [CAN-2]',
    },
  ],
});
