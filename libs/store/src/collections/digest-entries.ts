import type { NotificationParams } from '@commissary/contracts';
import { defineCollection } from '../schema/define-collection.js';
import { anyObject, nullable, required } from '../schema/fields.js';
import { RETENTION } from './retention.js';

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

export const digestEntries = defineCollection<DigestEntryDocument>('digestEntries', {
  owner: 'tenant',
  // Counted from the digest that named it: an entry that no digest has named yet is kept.
  retention: { field: 'toldAt', seconds: RETENTION.notifications },
  fields: {
    _id: required(String),
    tenantId: required(String),
    on: required(String),
    purchase: required(anyObject()),
    digestEventId: nullable(String),
    toldAt: nullable(Date),
    at: required(Date),
  },
  indexes: [
    {
      key: { on: 1, tenantId: 1, _id: 1 },
      partialFilterExpression: { toldAt: null },
      name: 'untold',
      serves: 'It finds the days whose purchases no digest has named yet. [ADM-8]',
    },
  ],
});
