import type { Database } from '../database.js';
import type { AuditDocument } from '../documents/index.js';
import type { Page } from '../operations/operations.repository.js';

export interface AuditFilter {
  /** User id of who did it. */
  actorId?: string;
  action?: string;
  /** Inclusive. */
  from?: Date;
  /** Exclusive. */
  to?: Date;
}

/** The trail as it is read; its entries are written by `tell` in the transactions they tell of. [ADM-9] */
export class AuditRepository {
  constructor(private readonly database: Database) {}

  /** Newest first. */
  async list(tenantId: string, filter: AuditFilter, page: Page): Promise<AuditDocument[]> {
    const { actorId, action, from, to } = filter;
    const at = { ...(from && { $gte: from }), ...(to && { $lt: to }) };
    return this.database.collections.audit
      .find({
        tenantId,
        ...(page.after && { _id: { $lt: page.after } }),
        ...(actorId && { 'actor.userId': actorId }),
        ...(action && { action }),
        ...((from ?? to) && { at }),
      })
      .sort({ _id: -1 })
      .limit(page.limit)
      .toArray();
  }
}
