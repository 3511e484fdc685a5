import type { AuditAction, AuditSubject } from '@commissary/domain';
import { defineCollection } from '../schema/define-collection.js';
import { anyObject, nullable, object, required } from '../schema/fields.js';
import { actorSchema } from './values.js';

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

export const audit = defineCollection<AuditDocument>('audit', {
  owner: 'tenant',
  retention: null,
  fields: {
    _id: required(String),
    tenantId: required(String),
    actor: required(actorSchema),
    action: required(String),
    subject: required(object<{ type: string; id: string }>({ type: required(String), id: required(String) })),
    before: nullable(anyObject()),
    after: nullable(anyObject()),
    ip: required(String),
    requestId: required(String),
    operationId: nullable(String),
    at: required(Date),
  },
  // By their times, so that days long ago are found as soon as today. [ADM-9]
  indexes: [
    { key: { tenantId: 1, at: -1, _id: -1 }, name: 'ofTenant', serves: 'It lists all entries of a tenant.' },
    {
      key: { tenantId: 1, action: 1, at: -1, _id: -1, 'actor.userId': 1 },
      name: 'ofAction',
      serves: 'It lists the entries of an action.',
    },
    {
      key: { tenantId: 1, 'actor.userId': 1, at: -1, _id: -1, action: 1 },
      name: 'ofActor',
      serves: 'It lists what somebody did.',
    },
    { key: { operationId: 1 }, serves: 'It finds the entries of an operation.' },
  ],
});
