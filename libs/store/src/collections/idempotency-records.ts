import { defineCollection } from '../schema/define-collection.js';
import { anything, nullable, required } from '../schema/fields.js';
import { RETENTION } from './retention.js';

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

export const idempotency = defineCollection<IdempotencyDocument>('idempotency', {
  owner: 'tenant',
  retention: { field: 'createdAt', seconds: RETENTION.idempotency },
  fields: {
    _id: required(String),
    tenantId: required(String),
    fingerprint: required(String),
    subjectId: required(String),
    status: required(Number),
    body: required(anything()),
    location: nullable(String),
    createdAt: required(Date),
  },
  indexes: [{ key: { subjectId: 1 }, serves: 'It finds the request that made a thing.' }],
});
