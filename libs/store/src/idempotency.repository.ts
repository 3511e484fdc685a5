import { createHash } from 'node:crypto';
import { DomainError } from '@commissary/domain';
import type { Database, Session } from './database.js';
import type { IdempotencyDocument } from './collections/index.js';
import { insertAll } from './insert-all.js';

export interface IdempotencyScope {
  tenantId: string;
  callerId: string;
  method: string;
  path: string;
  key: string;
}

export type Remembered = Pick<IdempotencyDocument, 'status' | 'body' | 'location'>;

const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url');

/** Order of keys does not matter; the body is parsed JSON. */
export const fingerprintOf = (body: unknown): string => sha256(JSON.stringify(sortKeys(body)));

const sortKeys = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sortKeys(inner)]),
  );
};

const recordId = (scope: IdempotencyScope): string =>
  sha256([scope.tenantId, scope.callerId, scope.method, scope.path, scope.key].join('\n'));

/** Answers given to keyed requests, kept for 24 h. [EXT-1] */
export class IdempotencyRepository {
  constructor(private readonly database: Database) {}

  /** The remembered answer, null for a new key; throws `idempotency_key_reused` if the body differs. */
  async recall(scope: IdempotencyScope, fingerprint: string): Promise<Remembered | null> {
    const record = await this.database.models.idempotency
      .findOne({ _id: recordId(scope), tenantId: scope.tenantId })
      .lean();
    if (!record) return null;
    if (record.fingerprint !== fingerprint) {
      throw new DomainError('idempotency_key_reused', 'This Idempotency-Key was used with another body.');
    }
    return { status: record.status, body: record.body, location: record.location };
  }

  /** In the transaction that does the work: of several requests with one key, one commits. */
  async remember(
    session: Session,
    scope: IdempotencyScope,
    record: Omit<IdempotencyDocument, '_id' | 'tenantId'>,
  ): Promise<void> {
    await insertAll(
      this.database.models.idempotency,
      [{ _id: recordId(scope), tenantId: scope.tenantId, ...record }],
      session,
    );
  }
}
